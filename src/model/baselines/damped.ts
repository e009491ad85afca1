import { type Normals, normalAt } from './climatology.ts';
import { type Forecaster, rowAt, type Shape } from './method.ts';
import { ageOf, cell, startOf } from './view.ts';

export interface Damping {
  readonly normals: Normals;
  /** What is left of an anomaly after each horizon, 0 to 1. */
  readonly kept: readonly number[];
}

/** The anomaly of the last available value decays towards climatology; without a value it is climatology. */
export function damped({ normals, kept }: Damping, { horizons }: Shape): Forecaster {
  const rows = kept.map((share) => [share]);
  return (view, column) => {
    const age = ageOf(view, column);
    const anomaly =
      age === undefined
        ? 0
        : view.values[cell(view, view.lookback - 1 - age, column)]! - normalAt(normals, startOf(view, -age));
    return horizons.map((horizon) => {
      const lead = horizon + (age ?? view.lookback);
      const [share] = rowAt(horizons, rows, lead);
      return { value: normalAt(normals, startOf(view, horizon)) + share! * anomaly, lead };
    });
  };
}
