import type { Forecaster, Shape } from './method.ts';
import { ageOf, cell } from './view.ts';

/** The last available value stays; its age counts into how far it is carried. */
export function persistence({ horizons }: Shape): Forecaster {
  return (view, column) => {
    const age = ageOf(view, column);
    if (age === undefined) return undefined;
    const value = view.values[cell(view, view.lookback - 1 - age, column)]!;
    return horizons.map((horizon) => ({ value, lead: age + horizon }));
  };
}
