import { Flag } from '../ingest/reading.ts';

/**
 * Limits of one variable, each check optional, in the variable's unit. After QARTOD, Manual for Real-Time Quality
 * Control of Dissolved Oxygen Observations, v2.1 (2018): tests 4 (gross range), 6 (spike), 7 (rate of change) and
 * 8 (flat line).
 */
export interface Limits {
  /** Bounds are inclusive: outside `fail` fails, outside `suspect` is suspect. */
  readonly grossRange?:
    | {
        readonly fail: readonly [number, number];
        readonly suspect?: readonly [number, number] | undefined;
      }
    | undefined;
  /** Distance from the mean of both neighbours in time, more than which is suspect, or fails. */
  readonly spike?: Thresholds | undefined;
  /** Change since the reading before, per hour, more than which is suspect, or fails. */
  readonly rateOfChange?: Thresholds | undefined;
  /** So many readings in a row, this one included, that differ from it by at most the tolerance. */
  readonly flatLine?: (Thresholds & { readonly tolerance: number }) | undefined;
  /** Where the sensor saturates: at or above it a value says "at least this", and no check fails it. */
  readonly ceiling?: number | undefined;
}

export interface Thresholds {
  readonly suspect: number;
  readonly fail?: number | undefined;
}

/** What one check says. Two bits, so that those of the four checks of a reading fit a byte. */
export const Outcome = { notEvaluated: 0, pass: 1, suspect: 2, fail: 3 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export function grossRange(value: number, limits: Limits['grossRange']): Outcome {
  if (!limits) return Outcome.notEvaluated;
  if (outside(value, limits.fail)) return Outcome.fail;
  return limits.suspect && outside(value, limits.suspect) ? Outcome.suspect : Outcome.pass;
}

/** `departure` from the mean of both neighbours. */
export function spike(departure: number, limits: Thresholds): Outcome {
  return beyond(departure, limits);
}

/** `change` within `elapsed` ms, which is never rounded: a jump within a second is a steep one. */
export function rateOfChange(change: number, elapsed: number, limits: Thresholds): Outcome {
  return beyond(Math.abs(change) / (elapsed / 3_600_000), limits);
}

/** `run` readings, this one included, lie within the tolerance. */
export function flatLine(run: number, limits: Limits['flatLine']): Outcome {
  if (!limits) return Outcome.notEvaluated;
  if (limits.fail !== undefined && run >= limits.fail) return Outcome.fail;
  return run >= limits.suspect ? Outcome.suspect : Outcome.pass;
}

function outside(value: number, [low, high]: readonly [number, number]): boolean {
  return value < low || value > high;
}

function beyond(distance: number, { suspect, fail }: Thresholds): Outcome {
  if (fail !== undefined && distance > fail) return Outcome.fail;
  return distance > suspect ? Outcome.suspect : Outcome.pass;
}

/** The checks in the order of `Reading.failed` and of their bits in a byte of outcomes. */
const checks = ['grossRange', 'spike', 'rateOfChange', 'flatLine'] as const;

export function outcomes(gross: Outcome, spiked: Outcome, rate: Outcome, flat: Outcome): number {
  return gross | (spiked << 2) | (rate << 4) | (flat << 6);
}

/** With another outcome of the spike check: the only one of a reading that a later one can change. */
export function withSpike(bits: number, spiked: Outcome): number {
  return (bits & ~0b1100) | (spiked << 2);
}

export interface Verdict {
  readonly flag: Flag;
  readonly failed: readonly string[];
}

/** Of a value that is no finite number. */
export const missing: Verdict = { flag: Flag.missing, failed: Object.freeze([]) };

const flagOf = [Flag.notEvaluated, Flag.pass, Flag.suspect, Flag.fail] as const;

/** One for each byte of outcomes, so that a reading costs no list of its own. */
const verdicts: readonly Verdict[] = Array.from({ length: 256 }, (_, bits) => aggregate(bits));

export function verdictOf(bits: number): Verdict {
  return verdicts[bits]!;
}

export function sameVerdict(a: number, b: number): boolean {
  return (
    a === b ||
    (verdictOf(a).flag === verdictOf(b).flag && String(verdictOf(a).failed) === String(verdictOf(b).failed))
  );
}

/** QARTOD's order of precedence: 4, 3, 1, 2. One check that passed is enough for 1. */
function aggregate(bits: number): Verdict {
  const each = checks.map((_, index) => (bits >> (2 * index)) & 3);
  const failed = checks.filter((_, index) => each[index]! >= Outcome.suspect);
  return { flag: flagOf[Math.max(...each)]!, failed: Object.freeze(failed) };
}
