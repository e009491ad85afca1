import {
  type BaselineBody,
  type BaselineName,
  type Fit,
  forecasterOf,
  type Parameters,
  type Spread,
  spreadOf,
} from '../baselines/baseline.ts';
import type { Forecaster } from '../baselines/method.ts';
import type { Series } from './dataset.ts';
import { fitClimatology } from './fit-climatology.ts';
import { fitDamping } from './fit-damped.ts';
import { fitRegression } from './fit-regression.ts';
import { gridsOf, masked, type StationGrid, valueAt, viewAt } from './station-grid.ts';

export interface BaselineOptions {
  readonly variables: readonly string[];
  readonly lookback: number;
  readonly horizons: readonly number[];
  readonly coverage: number;
}

/** Ridge on standardised regressors; least squares needs only as much as keeps it solvable. */
const penalties = { 'lag-regression': 1e-9, ridge: 1e-3 } as const;
/** A station with fewer measured steps than this many days takes what is fitted to all. */
const ownRecordDays = 30;
const day = 86_400_000;

type Fitter = (grids: readonly StationGrid[]) => Parameters[BaselineName] | undefined;

/**
 * Fits a baseline to each variable, for every station with a record of its own and for all together. Variables for
 * which nothing can be fitted are left out.
 */
export function fitBaseline<Name extends BaselineName>(
  name: Name,
  series: readonly Series[],
  options: BaselineOptions,
): BaselineBody<Name> {
  const grids = gridsOf(series, options.variables);
  const variables = options.variables.flatMap((variable, column) => {
    const pooled = fitOne(name, grids, column, options);
    if (!pooled) return [];
    const own = grids.length > 1 ? grids.filter((grid) => hasRecord(grid, column)) : [];
    const stations = own.flatMap((grid) => {
      const fit = fitOne(name, [grid], column, options);
      return fit ? [[grid.station, fit] as const] : [];
    });
    return [{ name: variable, pooled, stations: Object.fromEntries(stations) }];
  });
  return { variables };
}

function hasRecord(grid: StationGrid, column: number): boolean {
  let measured = 0;
  for (let step = 0; step < grid.steps; step++) measured += valueAt(grid, step, column) === undefined ? 0 : 1;
  return measured * grid.step >= ownRecordDays * day;
}

/** Parameters of the whole part, and the errors of parameters that were fitted to the other folds. */
function fitOne<Name extends BaselineName>(
  name: Name,
  grids: readonly StationGrid[],
  column: number,
  options: BaselineOptions,
): Fit<Name> | undefined {
  const fitter = fitterOf(name, column, options);
  const parameters = fitter(grids) as Parameters[Name] | undefined;
  if (parameters === undefined) return undefined;
  const errors = options.horizons.map((): number[] => []);
  for (const within of foldsOf(name, grids, column)) {
    const rest = parameters === null ? null : fitter(grids.map((grid) => masked(grid, (t) => !within(t))));
    const forecaster = forecasterOf(name, (rest ?? parameters) as Parameters[Name], options);
    for (const grid of grids) collectErrors(grid, column, forecaster, within, options, errors);
  }
  return { parameters, spread: errors.map(spreadOf) as Spread };
}

function fitterOf(name: BaselineName, column: number, options: BaselineOptions): Fitter {
  const { variables, horizons } = options;
  const others = name === 'ridge' ? variables.filter((_, other) => other !== column) : [];
  switch (name) {
    case 'persistence':
    case 'seasonal-24h':
      return () => null;
    case 'climatology':
      return (grids) => fitClimatology(grids, column);
    case 'damped-persistence':
      return (grids) => {
        const normals = fitClimatology(grids, column);
        return normals && fitDamping(grids, column, normals, horizons);
      };
    default:
      return (grids) => fitRegression(grids, column, { ...options, others, penalty: penalties[name] });
  }
}

type Within = (time: number) => boolean;

/**
 * Years, each a fold, where there are two or more. In a shorter record four stretches: each is a season that the rest
 * has not seen, as the time after the record will be. Of one whole year regressions have seen every season: their folds
 * take turns through sixteen stretches.
 */
function foldsOf(name: BaselineName, grids: readonly StationGrid[], column: number): Within[] {
  const times = grids.flatMap((grid) => measuredEnds(grid, column));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const years = Math.round((to - from) / (365.25 * day));
  const folds = years >= 2 ? years : 4;
  const turns = years === 1 && name in penalties ? 4 : 1;
  const width = (to - from) / (folds * turns);
  return Array.from(
    { length: folds },
    (_, fold) => (time: number) => Math.floor((time - from) / width) % folds === fold,
  );
}

function measuredEnds(grid: StationGrid, column: number): number[] {
  let first = 0;
  let last = grid.steps - 1;
  while (first < last && valueAt(grid, first, column) === undefined) first++;
  while (last > first && valueAt(grid, last, column) === undefined) last--;
  return [grid.start + first * grid.step, grid.start + (last + 1) * grid.step];
}

function collectErrors(
  grid: StationGrid,
  column: number,
  forecaster: Forecaster,
  within: Within,
  { lookback, horizons }: BaselineOptions,
  errors: number[][],
): void {
  for (let newest = lookback - 1; newest < grid.steps; newest++) {
    if (!within(grid.start + newest * grid.step) || valueAt(grid, newest, column) === undefined) continue;
    const points = forecaster(viewAt(grid, newest, lookback)!, column);
    points?.forEach(({ value }, h) => {
      const truth = valueAt(grid, newest + horizons[h]!, column);
      if (truth !== undefined) errors[h]!.push(truth - value);
    });
  }
}
