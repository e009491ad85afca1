import { readiness } from './probe.ts';
import type { Status } from './status.ts';

/** What the edge says of itself to whoever relies on its warnings; times in ISO 8601. */
export interface Heartbeat {
  readonly state: 'online';
  readonly version: string;
  readonly time: string;
  /** When the next one is due: who has none by then must not take silence for an all-clear. */
  readonly next: string;
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** What is said, by the broker or by us, when no heartbeat will follow. */
export const farewell = JSON.stringify({ state: 'offline' });

/** `now` and `interval` in ms of the world's clock. */
export function heartbeatOf(status: Status, now: number, interval: number): Heartbeat {
  const { ok, reasons } = readiness(status);
  return {
    state: 'online',
    version: status.version,
    time: new Date(now).toISOString(),
    next: new Date(now + interval).toISOString(),
    ready: ok,
    reasons: reasons.map(({ check, detail }) => `${check}: ${detail}`),
  };
}
