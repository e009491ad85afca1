/** A schedule, as far as its past can be asked for: whether it names an instant, and on which seconds of a minute. */
export interface Schedule {
  matches(instant: Date): boolean;
  readonly seconds: readonly number[];
}

const minute = 60_000;
/** No schedule is rarer than once in a year, but for the 29th of February. */
const farthest = 366 * 24 * 60;

/** The newest instant in (after, until] that the schedule names, ms since the epoch; undefined where there is none. */
export function newestDue(schedule: Schedule, after: number, until: number): number | undefined {
  const seconds = [...schedule.seconds].sort((a, b) => b - a);
  const last = Math.floor(until / minute);
  for (let at = last; at >= last - farthest && (at + 1) * minute > after; at--)
    for (const second of seconds) {
      const instant = at * minute + second * 1000;
      if (instant <= until && instant > after && schedule.matches(new Date(instant))) return instant;
    }
  return undefined;
}

/** Why a training run is begun: `drift` is an early run, since the model in service does worse than it did (early.ts). */
export type Cause = 'scheduled' | 'missed' | 'asked' | 'drift';

export type RunState = 'running' | 'done' | 'refused' | 'failed';

/** One attempt at a run, as the ledger keeps it; times are ms since the epoch. */
export interface Run {
  /** The instant of the schedule that it answers, or that of the asking. */
  readonly due: number;
  readonly cause: Cause;
  /** Of an early run: what asked for it, in words. */
  readonly reason?: string | undefined;
  /** 1 for the first attempt at what was due. */
  readonly attempt: number;
  readonly state: RunState;
  readonly host: string;
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  /** In words: what came of it, or why it failed. */
  readonly outcome?: string | undefined;
  /** What was decided, with all numbers and reasons. */
  readonly decision?: unknown;
}

export interface RetryPolicy {
  /** Attempts at what was due before it is given up until the next. */
  readonly attempts: number;
  /** ms before the second attempt; doubled for each further one. */
  readonly wait: number;
  /** ms after which a run counts as missed, and says so. */
  readonly grace: number;
}

export type RunDecision =
  | { readonly start: Pick<Run, 'due' | 'cause' | 'reason' | 'attempt'> }
  | { readonly wait: string };

/** Nothing more comes of it by itself. Who asked for a run asks again. */
export const isOver = (
  { state, cause, attempt }: Run,
  { attempts }: Pick<RetryPolicy, 'attempts'>,
): boolean => state === 'done' || state === 'refused' || cause === 'asked' || attempt >= attempts;

/**
 * Whether to train now. What was missed is made up for once, however many instants were missed: one training on all
 * the history serves for all of them. A run that was `running` when its trainer died is an attempt that failed; that no
 * other trainer is at it is for the lease to say. What failed before a restart is tried again after it.
 *
 * @param due the newest instant of the schedule up to now, if any.
 * @param last the newest attempt, if any.
 */
export function decideRun(
  due: number | undefined,
  last: Run | undefined,
  policy: RetryPolicy,
  now: number,
): RunDecision {
  if (due !== undefined && (!last || last.due < due))
    return { start: { due, cause: now - due > policy.grace ? 'missed' : 'scheduled', attempt: 1 } };
  if (!last) return { wait: 'nothing is due yet' };
  if (last.state === 'done' || last.state === 'refused')
    return { wait: `what was due at ${iso(due ?? last.due)} is ${last.state}` };
  if (isOver(last, policy))
    return { wait: `what was due at ${iso(last.due)} was given up after ${last.attempt} attempts` };
  const again = (last.endedAt ?? last.startedAt) + policy.wait * 2 ** (last.attempt - 1);
  if (now < again) return { wait: `attempt ${last.attempt} failed; the next is at ${iso(again)}` };
  const { due: same, cause, reason, attempt } = last;
  return { start: { due: same, cause, ...(reason !== undefined && { reason }), attempt: attempt + 1 } };
}

const iso = (time: number) => new Date(time).toISOString();
