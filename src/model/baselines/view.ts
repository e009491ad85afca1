import type { Window } from '../../stream/window.ts';

/**
 * The rows of a window, in arrays that may hold more: row r of column c is element `offset + r * variables.length + c`.
 * A window is a view with offset 0; fitting looks at a whole record through views, without a copy of each.
 */
export interface View
  extends Pick<Window, 'station' | 'end' | 'step' | 'lookback' | 'variables' | 'values' | 'mask'> {
  readonly offset: number;
}

export const viewOf = (window: Window): View => ({ ...window, offset: 0 });

/** Element of a row and a column in the arrays of a view. */
export const cell = ({ offset, variables }: View, row: number, column: number): number =>
  offset + row * variables.length + column;

/** Steps from the newest row back to the last measured one; undefined where none is measured. */
export function ageOf(view: View, column: number): number | undefined {
  for (let age = 0; age < view.lookback; age++)
    if (view.mask[cell(view, view.lookback - 1 - age, column)]) return age;
  return undefined;
}

/**
 * Values `lags` steps before the newest row. A masked row takes the last measured value before it, and a masked
 * beginning the first measured one, as the networks' inputs do. Undefined where nothing is measured.
 */
export function laggedValues(
  view: View,
  column: number,
  lags: readonly number[],
): readonly number[] | undefined {
  const newest = view.lookback - 1;
  const first = firstMeasured(view, column);
  if (first === undefined) return undefined;
  return lags.map((lag) => {
    let row = newest - lag;
    while (row > first && !view.mask[cell(view, row, column)]) row--;
    return view.values[cell(view, Math.max(row, first), column)]!;
  });
}

function firstMeasured(view: View, column: number): number | undefined {
  for (let row = 0; row < view.lookback; row++) if (view.mask[cell(view, row, column)]) return row;
  return undefined;
}

/** Share of the rows of a column that are measured, 0 to 1. */
export function coverageOf(view: View, column: number): number {
  let measured = 0;
  for (let row = 0; row < view.lookback; row++) measured += view.mask[cell(view, row, column)]!;
  return measured / view.lookback;
}

/** Start of the step `ahead` steps after the newest one, ms since the epoch. */
export const startOf = ({ end, step }: View, ahead: number): number => end + (ahead - 1) * step;
