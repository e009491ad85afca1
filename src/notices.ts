import type { Logger } from 'pino';
import type { Outcome } from './pipeline.ts';
import type { StationState } from './stream/condition.ts';
import type { Gap } from './stream/gaps.ts';

/** A line of the log. */
export interface Notice {
  readonly level: 'info' | 'warn';
  readonly text: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What of an outcome is worth a line of the log: changes, never single readings. */
export function noticeOf(outcome: Outcome): Notice | undefined {
  if (outcome.kind === 'station') return conditionNotice(outcome);
  if (outcome.kind === 'gap') return gapNotice(outcome);
  if (outcome.kind === 'counter-restart') {
    const { station, stream, before, number } = outcome;
    return {
      level: 'info',
      text: `the counter of ${station} began anew`,
      details: { station, stream, before, number },
    };
  }
  if (outcome.kind !== 'backfill') return undefined;
  const { station, from, to, sequence, attempt } = outcome;
  const details = { station, from: instant(from), to: instant(to), ...sequence, attempt };
  return { level: 'info', text: `${station} is asked for what never arrived`, details };
}

function conditionNotice({ station, state, before, since, interval }: StationState): Notice {
  const level = state === 'heard' || state === 'late' ? 'info' : 'warn';
  return {
    level,
    text: `station ${station} is ${state}`,
    details: { station, state, before, since: instant(since), interval },
  };
}

/** When it is found and when it is over; not each message that comes in between. */
function gapNotice({
  station,
  stream,
  state,
  first,
  last,
  missing,
  came,
  from,
  to,
}: Gap): Notice | undefined {
  if (state === 'open' && came > 0) return undefined;
  const details = { station, stream, first, last, missing, from: instant(from), to: instant(to) };
  if (state === 'closed') return { level: 'info', text: `what was missing of ${station} has come`, details };
  const text =
    state === 'open' ? `messages of ${station} never arrived` : `messages of ${station} are given up`;
  return { level: 'warn', text, details };
}

/** ISO 8601; undefined where it is not known. */
const instant = (time: number | null) =>
  time !== null && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : undefined;

/** Writes what is worth it. */
export function logNotices(outcomes: readonly Outcome[], log: Logger): void {
  for (const outcome of outcomes) {
    const notice = noticeOf(outcome);
    if (notice) log[notice.level](notice.details, notice.text);
  }
}
