import { Flag } from '../ingest/reading.ts';
import type { Series } from './series.ts';

/** Columns after the time. */
export const VALUE = 1;
export const FLAG = 2;

export interface Summary {
  readonly mean: number;
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Population standard deviation. */
  readonly deviation: number;
  readonly flag: Flag;
}

/** Worst first. */
const precedence: readonly Flag[] = [Flag.fail, Flag.suspect, Flag.pass, Flag.notEvaluated, Flag.missing];
const rank = new Map(precedence.map((flag, index) => [flag as number, precedence.length - index]));

/**
 * Summary of rows [from, to). Failed and missing values count for the flag only. Two passes in order of time, so that
 * the same readings give the same bits in whatever order they came.
 */
export function summarize(series: Series, from: number, to: number): Summary {
  let [count, sum, minimum, maximum, worst] = [0, 0, Infinity, -Infinity, Flag.missing as number];
  for (let row = from; row < to; row++) {
    const flag = series.at(row, FLAG);
    if (rank.get(flag)! > rank.get(worst)!) worst = flag;
    if (!counts(flag)) continue;
    const value = series.at(row, VALUE);
    count++;
    sum += value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  const flag = worst as Flag;
  if (count === 0) return { mean: NaN, count, minimum: NaN, maximum: NaN, deviation: NaN, flag };
  // Rounding may carry the mean of equal values past them.
  const mean = Math.min(maximum, Math.max(minimum, sum / count));
  return { mean, count, minimum, maximum, deviation: deviationOf(series, from, to, mean, count), flag };
}

function deviationOf(series: Series, from: number, to: number, mean: number, count: number): number {
  let squares = 0;
  for (let row = from; row < to; row++)
    if (counts(series.at(row, FLAG))) squares += (series.at(row, VALUE) - mean) ** 2;
  return Math.sqrt(squares / count);
}

function counts(flag: number): boolean {
  return flag !== Flag.fail && flag !== Flag.missing;
}
