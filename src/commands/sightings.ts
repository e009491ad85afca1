import type { AlertTransition } from '../alerts/alert.ts';
import { verdictsOf, type WarningVerdict } from '../alerts/verdicts.ts';
import type { Config } from '../config/schema.ts';
import type { Reading } from '../ingest/reading.ts';
import type { Sighting } from '../model/training/backtest/sightings.ts';
import type { Store } from '../store/store.ts';
import type { Step } from '../stream/step.ts';
import { historyOf } from './shore.ts';

/** Steps that models learn from: all but the counts, which only judge them. */
export function withoutCounts(steps: readonly Step[], { retrain }: Config): readonly Step[] {
  const counts = new Set(retrain.cellCounts.map(({ variable }) => variable));
  return counts.size === 0 ? steps : steps.filter(({ variable }) => !counts.has(variable));
}

/** What people found out since the first of the steps, by the store: the duty officer's verdicts, and the cell counts. */
export async function sightingsOf(config: Config, steps: readonly Step[]): Promise<Sighting[]> {
  if (steps.length === 0) return [];
  const from = steps.reduce((first, { start }) => Math.min(first, start), Number.MAX_SAFE_INTEGER);
  const { store, close } = historyOf(config);
  try {
    return [...(await judgedSince(from, store)), ...(await countedSince(from, store, config))];
  } finally {
    await close();
  }
}

/** A verdict can be given long after its time. */
async function judgedSince(from: number, store: Store): Promise<Sighting[]> {
  const alerts: AlertTransition[] = [];
  for await (const one of store.alerts({ from, to: Number.MAX_SAFE_INTEGER })) alerts.push(one);
  return verdictsOf(alerts).flatMap(ofVerdict);
}

const ofVerdict = ({ stations, variable, from, to, verdict, direction, level }: WarningVerdict): Sighting[] =>
  stations.map((station) => {
    const found = verdict !== 'false-alarm';
    return { station, variable, from, to, found, beyond: direction, level };
  });

type CellCount = Config['retrain']['cellCounts'][number];

/** Of readings: a sample is counted days after it was taken, and then changes no step any more. */
async function countedSince(from: number, store: Store, { retrain }: Config): Promise<Sighting[]> {
  const found: Sighting[] = [];
  for (const count of retrain.cellCounts) {
    const query = { from, to: Number.MAX_SAFE_INTEGER, variable: count.variable };
    for await (const one of store.readings(query)) if (one.flag !== 4) found.push(ofCount(one, count));
  }
  return found;
}

const ofCount = ({ station, time, value }: Reading, { of, level, lasts }: CellCount): Sighting => ({
  station,
  variable: of,
  from: time - lasts,
  to: time + lasts + 1,
  found: value >= level,
  beyond: 'above',
});
