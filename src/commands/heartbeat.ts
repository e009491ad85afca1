import type { Config } from '../config/schema.ts';
import { farewell, heartbeatOf } from '../dashboard/heartbeat.ts';
import type { Edge } from '../edge.ts';
import type { Clock } from '../ingest/message.ts';
import type { Voices } from './channels.ts';
import { every } from './shore.ts';

/** How often it is looked whether one is due, ms. */
const look = 500;

/** Publishes a heartbeat now and at each interval, retained. What it answers with says farewell and ends it. */
export function keepHeartbeat(
  edge: Pick<Edge, 'status'>,
  { heartbeat: { topic, every: interval } }: Pick<Config, 'heartbeat'>,
  { beating }: Pick<Voices, 'beating'>,
  clock: Clock,
): () => Promise<void> {
  if (!beating) return async () => {};
  const { publish, close } = beating({ topic, payload: farewell });
  let due = 0;
  const beat = async () => {
    if (performance.now() < due) return;
    const now = clock();
    await publish(topic, JSON.stringify(heartbeatOf(edge.status(), now, interval)), { qos: 1, retain: true });
    due = performance.now() + interval - look;
  };
  // A broker that is away is the source's to report; until it is back each look tries again.
  const stop = every(look, beat, () => {});
  return async () => {
    stop();
    if (close) await close();
    else await publish(topic, farewell, { qos: 1, retain: true }).catch(() => {});
  };
}
