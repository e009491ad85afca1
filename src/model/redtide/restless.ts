import { cell, type View } from '../baselines/view.ts';

/**
 * How restless a variable of a view is: the mean absolute change between measured steps that follow each other, in
 * spreads. Errors are in proportion to it, more or less.
 */
export function restlessness(view: View, column: number, spread: number): number {
  let [sum, count] = [0, 0];
  for (let i = 1; i < view.lookback; i++) {
    const [before, here] = [cell(view, i - 1, column), cell(view, i, column)];
    if (!view.mask[before] || !view.mask[here]) continue;
    sum += Math.abs(view.values[here]! - view.values[before]!);
    count++;
  }
  return count > 0 ? sum / count / spread : 0;
}

/** 1 for a view as restless as the usual one of the training part, and never below 0.2. */
export const liveliness = (restless: number, usual: number): number => 0.8 * (restless / usual) + 0.2;
