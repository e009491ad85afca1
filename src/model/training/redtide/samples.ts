import { coverageOf, type View } from '../../baselines/view.ts';
import { Regressors, type Shape, type StandardOf } from '../../redtide/regressors.ts';
import { liveliness, restlessness } from '../../redtide/restless.ts';
import { type StationGrid, valueAt, viewAt } from '../station-grid.ts';

/** All windows that one variable's network learns from, in order of time and then of station. */
export interface Samples {
  readonly count: number;
  readonly views: readonly View[];
  /** End of each window, ms since the epoch. */
  readonly times: Float64Array;
  readonly width: number;
  /** [count, width]: the row of the regressions. */
  readonly rows: Float64Array;
  readonly horizons: number;
  /** [count, horizons]: change from the newest value in spreads; NaN where it was not measured. */
  readonly targets: Float64Array;
  /** How lively each window is (restless.ts). */
  readonly lively: Float64Array;
  /** The median restlessness. */
  readonly usual: number;
}

/** More windows than this tell a regression nothing new; of longer records every second, third... is taken. */
const mostSamples = 40_000;

export function samplesOf(
  grids: readonly StationGrid[],
  shape: Shape,
  standardOf: StandardOf,
  { horizons, coverage }: { readonly horizons: readonly number[]; readonly coverage: number },
): Samples {
  const all = grids.flatMap((grid) => placesIn(grid, shape, coverage)).sort(byTime);
  const every = Math.ceil(all.length / mostSamples);
  const places = all
    .filter((_, i) => i % every === 0)
    .map((place) => ({ ...place, view: viewAt(place.grid, place.newest, shape.lookback)! }));
  const regressors = new Regressors(shape);
  const width = regressors.size;
  const rows = new Float64Array(places.length * width);
  const targets = new Float64Array(places.length * horizons.length);
  places.forEach(({ grid, newest, view }, i) => {
    regressors.write(view, standardOf, rows, i * width);
    writeTargets(grid, newest, shape, standardOf, horizons, targets.subarray(i * horizons.length));
  });
  const restless = Float64Array.from(places, ({ view }) =>
    restlessness(
      view,
      view.variables.indexOf(shape.variable),
      standardOf(view.station, shape.variable).spread,
    ),
  );
  const usual = usualOf(restless);
  return {
    count: places.length,
    views: places.map(({ view }) => view),
    times: Float64Array.from(places, ({ view }) => view.end),
    width,
    rows,
    horizons: horizons.length,
    targets,
    lively: restless.map((one) => liveliness(one, usual)),
    usual,
  };
}

interface Place {
  readonly grid: StationGrid;
  readonly newest: number;
}

/** Windows that could be served (features.ts says which). */
function placesIn(grid: StationGrid, { variable, lookback }: Shape, coverage: number): Place[] {
  const column = grid.variables.indexOf(variable);
  const places: Place[] = [];
  for (let newest = lookback - 1; newest < grid.steps - 1; newest++) {
    if (valueAt(grid, newest, column) === undefined) continue;
    const view = viewAt(grid, newest, lookback)!;
    if (coverageOf(view, column) >= coverage) places.push({ grid, newest });
  }
  return places;
}

const timeOf = ({ grid, newest }: Place) => grid.start + newest * grid.step;

const byTime = (a: Place, b: Place) => timeOf(a) - timeOf(b) || (a.grid.station < b.grid.station ? -1 : 1);

function writeTargets(
  grid: StationGrid,
  newest: number,
  { variable }: Shape,
  standardOf: StandardOf,
  horizons: readonly number[],
  out: Float64Array,
): void {
  const column = grid.variables.indexOf(variable);
  const { spread } = standardOf(grid.station, variable);
  const last = valueAt(grid, newest, column)!;
  horizons.forEach((horizon, h) => {
    const value = valueAt(grid, newest + horizon, column);
    out[h] = value === undefined ? NaN : (value - last) / spread;
  });
}

function usualOf(restless: Float64Array): number {
  return Float64Array.from(restless).sort()[restless.length >> 1] || 1;
}
