import type { View } from './view.ts';

/** What one horizon is told: a value, and how far it was carried. */
export interface Point {
  /** In the variable's unit. */
  readonly value: number;
  /** Steps from the value that it rests on to the forecast one; the horizon itself where that value is the newest. */
  readonly lead: number;
}

/** One answer a horizon, for a column of a view; undefined where the view holds too little. */
export type Forecaster = (view: View, column: number) => readonly Point[] | undefined;

export interface Shape {
  /** Steps ahead, rising. */
  readonly horizons: readonly number[];
  /** Share of the steps of a window that regressions need measured, 0 to 1. */
  readonly coverage: number;
}

/** Linear between the rows, constant outside; row i stands at `at[i]`, which rises. */
export function rowAt(
  at: readonly number[],
  rows: readonly (readonly number[])[],
  x: number,
): readonly number[] {
  const above = at.findIndex((one) => one >= x);
  if (above < 0) return rows.at(-1)!;
  if (above === 0 || at[above] === x) return rows[above]!;
  const share = (x - at[above - 1]!) / (at[above]! - at[above - 1]!);
  const [low, high] = [rows[above - 1]!, rows[above]!];
  return low.map((value, i) => value + share * (high[i]! - value));
}
