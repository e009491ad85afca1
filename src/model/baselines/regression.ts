import { harmonics } from './calendar.ts';
import type { Forecaster, Shape } from './method.ts';
import { ageOf, cell, coverageOf, laggedValues, type View } from './view.ts';

/** Lags of the regression, in steps, as far as a window reaches. */
export const lags = [0, 1, 2, 3, 5, 11, 22, 23, 24, 47] as const;
/** Of the other variables. */
const otherLags = [0, 1, 3, 11, 23] as const;

export interface Regression {
  /** Names of the other variables that it looks at, in the order of the regressors; none for least squares on lags. */
  readonly others: readonly string[];
  /** [horizons][regressors]: of the change from the last value. */
  readonly weights: readonly (readonly number[])[];
}

/**
 * 1; the last value; its differences to the lags; time of day and of year; for each other variable its value, the
 * differences to its lags and whether it is missing. Undefined where the newest step is not measured or too few are.
 */
export function regressors(
  view: View,
  column: number,
  others: readonly string[],
  { coverage }: Shape,
): number[] | undefined {
  if (ageOf(view, column) !== 0 || coverageOf(view, column) < coverage) return undefined;
  const reach = (all: readonly number[]) => all.filter((lag) => lag < view.lookback);
  const own = laggedValues(view, column, reach(lags))!;
  return [
    1,
    ...anchored(own),
    ...calendarOf(view),
    ...others.flatMap((name) => otherRegressors(view, view.variables.indexOf(name), reach(otherLags))),
  ];
}

const day = 86_400_000;

/** Steps of a day and more have no time of day: the start of a month's step would pass for one. */
function calendarOf({ end, step }: View): readonly number[] {
  const all = harmonics(end);
  return step < day ? all : [0, 0, 0, 0, ...all.slice(4)];
}

/** Places of the time of year among the regressors. */
export function seasonRegressors(lookback: number): readonly number[] {
  const before = 1 + lags.filter((lag) => lag < lookback).length + 4;
  return [before, before + 1];
}

function otherRegressors(view: View, column: number, reach: readonly number[]): number[] {
  const values = column < 0 ? undefined : laggedValues(view, column, reach);
  return values ? [...anchored(values), 0] : [...reach.map(() => 0), 1];
}

const anchored = ([last, ...lagged]: readonly number[]) => [last!, ...lagged.map((value) => value - last!)];

/** Least squares of the change from the last value, one regression a horizon. */
export function regression({ others, weights }: Regression, shape: Shape): Forecaster {
  return (view, column) => {
    const row = regressors(view, column, others, shape);
    if (!row) return undefined;
    const last = view.values[cell(view, view.lookback - 1, column)]!;
    return shape.horizons.map((horizon, h) => ({
      value: last + dot(row, weights[h]!),
      lead: horizon,
    }));
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
