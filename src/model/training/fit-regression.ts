import type { Shape } from '../baselines/method.ts';
import { type Regression, regressors, seasonRegressors } from '../baselines/regression.ts';
import { NormalEquations } from './normal-equations.ts';
import { type StationGrid, valueAt, viewAt } from './station-grid.ts';

export interface RegressionOptions extends Shape {
  readonly lookback: number;
  readonly others: readonly string[];
  /** Ridge, on regressors of deviation 1. */
  readonly penalty: number;
}

/** Of less than about a year nothing can be said of the time of year: it would only be carried on beyond its span. */
const enoughForSeason = 300 * 86_400_000;

/** One regression a horizon. Undefined where a horizon has fewer samples than regressors. */
export function fitRegression(
  grids: readonly StationGrid[],
  column: number,
  options: RegressionOptions,
): Regression | undefined {
  const { horizons, lookback, others, penalty } = options;
  let equations: NormalEquations[] = [];
  for (const grid of grids)
    for (let newest = lookback - 1; newest + horizons[0]! < grid.steps; newest++) {
      const last = valueAt(grid, newest, column);
      if (last === undefined) continue;
      const row = regressors(viewAt(grid, newest, lookback)!, column, others, options);
      if (!row) continue;
      if (equations.length === 0) equations = horizons.map(() => new NormalEquations(row.length));
      horizons.forEach((horizon, h) => {
        const target = valueAt(grid, newest + horizon, column);
        if (target !== undefined) equations[h]!.add(row, target - last);
      });
    }
  if (equations.length === 0 || equations.some(({ count, size }) => count <= size)) return undefined;
  const among = spanOf(grids) < enoughForSeason ? withoutSeason(lookback, equations[0]!.size) : undefined;
  return { others, weights: equations.map((one) => one.solve(penalty, among)) };
}

function withoutSeason(lookback: number, size: number): ReadonlySet<number> {
  const season = seasonRegressors(lookback);
  return new Set(Array.from({ length: size }, (_, at) => at).filter((at) => !season.includes(at)));
}

const spanOf = (grids: readonly StationGrid[]) =>
  Math.max(...grids.map(({ start, steps, step }) => start + steps * step)) -
  Math.min(...grids.map(({ start }) => start));
