import { cell, type View } from '../baselines/view.ts';

/** Where a variable of a station lies: scaled = (value - centre) / spread. */
export interface Standard {
  readonly centre: number;
  readonly spread: number;
}

/** One variable of a view, scaled and without holes; oldest step first. */
export interface Filled {
  readonly x: Float64Array;
  readonly measured: Uint8Array;
  /** Steps since the last measured one, 0 where it is measured itself; before the first one, the steps so far. */
  readonly age: Float64Array;
}

/**
 * A hole takes the last measured value before it, the beginning the first one: nothing comes from after the view. A
 * variable that is not there, or never measured, is 0 throughout: the centre.
 */
export function fill(view: View, name: string, { centre, spread }: Standard): Filled {
  const { lookback, mask, values } = view;
  const filled = {
    x: new Float64Array(lookback),
    measured: new Uint8Array(lookback),
    age: new Float64Array(lookback).map((_, i) => i + 1),
  };
  const column = view.variables.indexOf(name);
  if (column < 0) return filled;
  let last: number | undefined;
  for (let i = 0; i < lookback; i++) {
    const at = cell(view, i, column);
    if (mask[at] && last === undefined) filled.x.fill((values[at]! - centre) / spread, 0, i);
    if (mask[at]) last = (values[at]! - centre) / spread;
    filled.x[i] = last ?? 0;
    filled.measured[i] = mask[at]!;
    filled.age[i] = mask[at] ? 0 : (filled.age[i - 1] ?? 0) + 1;
  }
  return filled;
}
