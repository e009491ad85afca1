import { climatology, type Normals } from './climatology.ts';
import { type Damping, damped } from './damped.ts';
import { type Forecaster, type Point, rowAt, type Shape } from './method.ts';
import { persistence } from './persistence.ts';
import { type Regression, regression } from './regression.ts';
import { seasonal } from './seasonal.ts';

/** What each baseline is fitted to; those without parameters still have their errors. */
export interface Parameters {
  readonly persistence: null;
  readonly 'damped-persistence': Damping;
  readonly 'seasonal-24h': null;
  readonly climatology: Normals;
  readonly 'lag-regression': Regression;
  readonly ridge: Regression;
}

export type BaselineName = keyof Parameters;

const forecasters: { [Name in BaselineName]: (given: Parameters[Name], shape: Shape) => Forecaster } = {
  persistence: (_, shape) => persistence(shape),
  'damped-persistence': damped,
  'seasonal-24h': (_, shape) => seasonal(shape),
  climatology,
  'lag-regression': regression,
  ridge: regression,
};

export const baselineNames = Object.keys(forecasters) as readonly BaselineName[];

export function forecasterOf<Name extends BaselineName>(
  name: Name,
  parameters: Parameters[Name],
  shape: Shape,
): Forecaster {
  return forecasters[name](parameters, shape);
}

/** Levels of the quantiles that baselines give. */
export const levels = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975] as const;

/** Errors of a baseline on data that it was not fitted on: [horizons][levels], in the variable's unit. */
export type Spread = readonly (readonly number[])[];

/** One variable's parameters for one station, or for the stations together. */
export interface Fit<Name extends BaselineName = BaselineName> {
  readonly parameters: Parameters[Name];
  readonly spread: Spread;
}

/** The body of a baseline's artifact. */
export interface BaselineBody<Name extends BaselineName = BaselineName> {
  readonly variables: readonly {
    readonly name: string;
    /** For stations without a record of their own. */
    readonly pooled: Fit<Name>;
    readonly stations: Readonly<Record<string, Fit<Name>>>;
  }[];
}

/**
 * Quantiles, [horizons][levels]: the point and its empirical errors, of the lead that it was carried over. The median
 * is the point itself, so that squared errors judge what the method says.
 */
export function quantilesOf(
  points: readonly Point[],
  spread: Spread,
  { horizons }: Shape,
): readonly (readonly number[])[] {
  return points.map(({ value, lead }) => rowAt(horizons, spread, lead).map((error) => value + error));
}

/** Empirical quantiles of the errors at `levels`; none of them crosses the point. */
export function spreadOf(errors: readonly number[] | Float64Array): readonly number[] {
  const sorted = Float64Array.from(errors).sort();
  return levels.map((level) => {
    const value = sorted.length > 0 ? quantile(sorted, level) : 0;
    if (level === 0.5) return 0;
    return level < 0.5 ? Math.min(0, value) : Math.max(0, value);
  });
}

/** Linear between order statistics (Hyndman and Fan 1996, type 7). `sorted` must not be empty. */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const at = level * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
