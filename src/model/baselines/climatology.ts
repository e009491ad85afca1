import { placeInYear } from './calendar.ts';
import type { Forecaster, Shape } from './method.ts';
import { startOf } from './view.ts';

/** Means by day of the year and hour, [366 * 24], in the variable's unit. */
export type Normals = readonly number[];

/** The normal of the step that starts at `time`. */
export function normalAt(normals: Normals, time: number): number {
  const { day, hour } = placeInYear(time);
  return normals[day * 24 + hour]!;
}

/** What is usual on that day of the year at that hour, whatever is measured now. */
export function climatology(normals: Normals, { horizons }: Shape): Forecaster {
  return (view) =>
    horizons.map((horizon) => ({ value: normalAt(normals, startOf(view, horizon)), lead: horizon }));
}
