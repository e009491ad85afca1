import type { Logger } from 'pino';
import type { Outcome } from './pipeline.ts';

/** A line of the log. */
export interface Notice {
  readonly level: 'info' | 'warn';
  readonly text: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What of an outcome is worth a line of the log: changes, never single readings. */
export function noticeOf(outcome: Outcome): Notice | undefined {
  if (outcome.kind !== 'station') return undefined;
  const { station, state, before, since, interval } = outcome;
  const level = state === 'heard' || state === 'late' ? 'info' : 'warn';
  const details = { station, state, before, since: new Date(since).toISOString(), interval };
  return { level, text: `station ${station} is ${state}`, details };
}

/** Writes what is worth it. */
export function logNotices(outcomes: readonly Outcome[], log: Logger): void {
  for (const outcome of outcomes) {
    const notice = noticeOf(outcome);
    if (notice) log[notice.level](notice.details, notice.text);
  }
}
