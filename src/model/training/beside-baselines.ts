import type { Artifact, Scores } from '../artifact.ts';
import type { Forecast, NoForecast } from '../forecast.ts';
import type { LstmBackend } from '../lstm-backend.ts';
import { openPredictor, prepare } from '../open-predictor.ts';
import { baselineRecipe } from './baseline-recipe.ts';
import { type Series, spanOf } from './dataset.ts';
import type { FitOptions } from './recipe.ts';
import { gridsOf, type StationGrid, valueAt } from './station-grid.ts';
import { type Ask, askerOf } from './together.ts';

interface Options extends FitOptions {
  readonly backend: LstmBackend;
}

/**
 * A model beside persistence and least squares on lags, on data that none of them was fitted on; by variable, where
 * there is a window with all its targets. A quick look: `redtide backtest` judges.
 */
export async function scoresOn(
  holdOut: readonly Series[],
  artifact: Artifact,
  training: readonly Series[],
  options: Options,
): Promise<Record<string, Scores>> {
  const { lookback, horizons, variables } = artifact.manifest;
  const grids = gridsOf(
    holdOut,
    variables.map(({ name }) => name),
  );
  if (!grids.some(({ steps }) => steps >= lookback + horizons.at(-1)!)) return {};
  const lags = await baselineRecipe('lag-regression').fit(training, {
    ...options,
    lookback,
    horizons,
    variables,
  });
  const { coverage, backend } = options;
  await prepare([artifact]);
  const open = (one: Artifact) => openPredictor(one, { coverage, backend });
  const [model, leastSquares] = [open(artifact), open(lags)];
  const asks = [model, leastSquares].map((one) => askerOf(one, grids, lookback));
  const scored = variables.flatMap(({ name }, column): [string, Scores][] => {
    const errors = new Errors(horizons);
    for (const grid of grids) addErrors(errors, grid, column, lookback, asks);
    const own = holdOut.filter(({ variable }) => variable === name);
    return errors.samples > 0 ? [[name, { ...spanOf(own), ...errors.scores() }]] : [];
  });
  for (const one of [model, leastSquares]) one.dispose();
  return Object.fromEntries(scored);
}

const forecasters = ['model', 'persistence', 'leastSquares'] as const;

/** Sums of squared errors by forecaster and horizon. */
class Errors {
  samples = 0;
  readonly horizons: readonly number[];
  readonly #squares: readonly Float64Array[];

  constructor(horizons: readonly number[]) {
    this.horizons = horizons;
    this.#squares = forecasters.map(() => new Float64Array(horizons.length));
  }

  add(truth: readonly number[], said: readonly (readonly number[])[]): void {
    this.samples++;
    said.forEach((own, which) => {
      truth.forEach((value, h) => {
        this.#squares[which]![h]! += (value - own[h]!) ** 2;
      });
    });
  }

  scores(): Pick<Scores, 'samples' | 'rmse'> {
    const rmse = this.#squares.map((own) => Array.from(own, (sum) => Math.sqrt(sum / this.samples)));
    return {
      samples: this.samples,
      rmse: Object.fromEntries(forecasters.map((name, which) => [name, rmse[which]!])),
    };
  }
}

/** Windows are made and given out in blocks: a year of them at once would fill the memory. */
const block = 256;

function addErrors(
  errors: Errors,
  grid: StationGrid,
  column: number,
  lookback: number,
  asks: readonly Ask[],
): void {
  const { horizons } = errors;
  const count = Math.max(0, grid.steps - lookback - horizons.at(-1)! + 1);
  for (let from = 0; from < count; from += block) {
    const newest = Array.from({ length: Math.min(block, count - from) }, (_, i) => lookback - 1 + from + i);
    const [own, lags] = asks.map((ask) => answersOf(ask(grid, newest), grid, column));
    newest.forEach((at, i) => {
      const truth = horizons.map((horizon) => valueAt(grid, at + horizon, column));
      const last = valueAt(grid, at, column);
      const [said, lagged] = [medianOf(own![i]), medianOf(lags![i])];
      if (last === undefined || !said || !lagged || !whole(truth)) return;
      errors.add(truth, [said, horizons.map(() => last), lagged]);
    });
  }
}

const whole = (values: readonly (number | undefined)[]): values is readonly number[] =>
  values.every((value) => value !== undefined);

const answersOf = (answers: readonly (Forecast | NoForecast)[], { variables }: StationGrid, column: number) =>
  answers.filter(({ variable }) => variable === variables[column]);

function medianOf(answer: Forecast | NoForecast | undefined): readonly number[] | undefined {
  if (answer?.kind !== 'forecast') return undefined;
  const at = answer.quantiles.indexOf(0.5);
  return answer.values.map((row) => row[at]!);
}
