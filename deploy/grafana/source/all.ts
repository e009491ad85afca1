import { alertsBoard } from './alerts.ts';
import type { Dashboard } from './dashboard.ts';
import { network } from './network.ts';
import { pipelineBoard } from './pipeline.ts';
import { skillBoard } from './skill.ts';
import { stationBoard } from './station.ts';

export const dashboards: readonly Dashboard[] = [
  network,
  stationBoard,
  skillBoard,
  alertsBoard,
  pipelineBoard,
];
