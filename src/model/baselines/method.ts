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

/** Linear in between, constant outside; `at` rises. */
export function interpolate(at: readonly number[], values: readonly number[], x: number): number {
  const above = at.findIndex((one) => one >= x);
  if (above < 0) return values.at(-1)!;
  if (above === 0 || at[above] === x) return values[above]!;
  const share = (x - at[above - 1]!) / (at[above]! - at[above - 1]!);
  return values[above - 1]! + share * (values[above]! - values[above - 1]!);
}
