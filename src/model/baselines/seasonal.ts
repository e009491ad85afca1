import type { Forecaster, Shape } from './method.ts';
import { ageOf, cell, type View } from './view.ts';

const day = 86_400_000;

/**
 * The latest value of the same time of day. Where none of that time is in the window the last available value stands
 * for it, so that a gap does not silence it.
 */
export function seasonal({ horizons }: Shape): Forecaster {
  return (view, column) => {
    const age = ageOf(view, column);
    if (age === undefined) return undefined;
    const last = view.lookback - 1 - age;
    return horizons.map((horizon) => {
      const row = sameTimeOfDay(view, column, horizon) ?? last;
      return { value: view.values[cell(view, row, column)]!, lead: horizon };
    });
  };
}

function sameTimeOfDay(view: View, column: number, horizon: number): number | undefined {
  const period = Math.max(1, Math.round(day / view.step));
  let row = view.lookback - 1 + horizon;
  while (row >= view.lookback || (row >= 0 && !view.mask[cell(view, row, column)])) row -= period;
  return row >= 0 ? row : undefined;
}
