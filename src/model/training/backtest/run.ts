import type { Artifact } from '../../artifact.ts';
import { levels } from '../../baselines/baseline.ts';
import type { Forecast, NoForecast } from '../../forecast.ts';
import { membersOf } from '../../line-up/line-up.ts';
import type { LstmBackend } from '../../lstm-backend.ts';
import { openPredictor, prepare } from '../../open-predictor.ts';
import { between, type Series } from '../dataset.ts';
import type { FitOptions, Progress, Recipe } from '../recipe.ts';
import { gridsOf, type StationGrid, valueAt } from '../station-grid.ts';
import { type Ask, askerOf } from '../together.ts';
import { type Fold, foldsOf } from './folds.ts';
import { onSameSamples, type Samples } from './samples.ts';
import type { Sighting } from './sightings.ts';

export interface BacktestOptions extends Omit<FitOptions, 'onProgress'> {
  /** In the order of the report; each is fitted anew at every origin. */
  readonly recipes: readonly Recipe[];
  /** Settings of a recipe's own. */
  readonly settings?: ((recipe: string) => object) | undefined;
  /** The hold-out, ms since the epoch: [from, until). */
  readonly from: number;
  readonly until: number;
  readonly origins: number;
  /** ms after the end of a step until its mean is known for good; 0 unless given. */
  readonly settling?: number | undefined;
  /** What people found out: spikes are judged by it where it is known. */
  readonly sightings?: readonly Sighting[] | undefined;
  readonly backend: LstmBackend;
  /** Versions that line-ups among the recipes are made of, by id. */
  readonly members?: ReadonlyMap<string, Artifact> | undefined;
  readonly onProgress?: ((stage: Stage) => void) | undefined;
}

/** What is being done, for people who wait. */
export interface Stage {
  readonly origin: number;
  readonly origins: number;
  readonly network: string;
  readonly doing: 'fits' | 'forecasts';
  readonly epoch?: Progress | undefined;
}

export interface Round extends Fold {
  /** By network. */
  readonly artifacts: ReadonlyMap<string, Artifact>;
}

export interface Backtest {
  readonly rounds: readonly Round[];
  /** For each station and variable with forecasts, all forecasters on the same samples. */
  readonly samples: readonly Samples[];
}

/**
 * Fits every recipe at each origin, on nothing but what precedes it by more than a window and the farthest horizon, and
 * lets it forecast from every measured step up to the next origin. The same series and options give the same numbers.
 */
export async function runBacktest(all: readonly Series[], options: BacktestOptions): Promise<Backtest> {
  const known = all.map((series) => between(series, Number.NEGATIVE_INFINITY, options.until));
  const names = options.variables.map(({ name }) => name);
  const grids = gridsOf(known, names);
  const sheets = grids.map((grid) => sheetOf(grid, options));
  const rounds: Round[] = [];
  for (const [i, fold] of foldsOf(options).entries()) {
    const training = trainingPart(known, fold.trainUntil);
    if (training.length === 0)
      throw new Error(
        `nothing was measured before ${iso(fold.trainUntil)}, where the training part of the first origin ends; let the hold-out begin later`,
      );
    const artifacts = new Map<string, Artifact>();
    for (const recipe of options.recipes) {
      const stage = { origin: i + 1, origins: options.origins, network: recipe.name };
      options.onProgress?.({ ...stage, doing: 'fits' });
      const artifact = await recipe.fit(training, {
        ...options,
        ...options.settings?.(recipe.name),
        onProgress: (epoch) => options.onProgress?.({ ...stage, doing: 'fits', epoch }),
      });
      options.signal?.throwIfAborted();
      artifacts.set(recipe.name, artifact);
      options.onProgress?.({ ...stage, doing: 'forecasts' });
      await prepare([artifact, ...membersOf(artifact).flatMap((id) => options.members?.get(id) ?? [])]);
      const predictor = openPredictor(artifact, {
        coverage: options.coverage,
        backend: options.backend,
        variables: names,
        members: options.members,
      });
      const ask = askerOf(predictor, grids, options.lookback);
      for (const sheet of sheets) forecastFold(sheet, recipe.name, ask, fold, options);
      predictor.dispose();
    }
    rounds.push({ ...fold, artifacts });
  }
  return { rounds, samples: sheets.flatMap((sheet) => samplesOf(sheet, options)) };
}

/** All that a model may learn from. */
export const trainingPart = (all: readonly Series[], until: number): Series[] =>
  all
    .map((series) => between(series, Number.NEGATIVE_INFINITY, until))
    .filter(({ mask }) => mask.includes(1));

const iso = (time: number) => new Date(time).toISOString();

/** One station's forecasts while they are gathered. */
interface Sheet {
  readonly grid: StationGrid;
  /** Newest steps of the windows. */
  readonly issues: readonly number[];
  /** By variable, then by forecaster: [issues, horizons, levels]. */
  readonly said: readonly Map<string, Float64Array>[];
}

/** Windows whose newest step was measured for at least one variable: what no regression answers is not asked. */
function sheetOf(grid: StationGrid, { from, lookback }: BacktestOptions): Sheet {
  const issues: number[] = [];
  const first = Math.max(lookback - 1, Math.ceil((from - grid.start) / grid.step) - 1);
  for (let newest = first; newest < grid.steps - 1; newest++)
    if (grid.variables.some((_, column) => valueAt(grid, newest, column) !== undefined)) issues.push(newest);
  return { grid, issues, said: grid.variables.map(() => new Map()) };
}

/** Windows are made and given out in blocks: a year of them at once would fill the memory. */
const block = 256;

function forecastFold(sheet: Sheet, name: string, ask: Ask, fold: Fold, options: BacktestOptions): void {
  const { grid, issues, said } = sheet;
  const size = options.horizons.length * levels.length;
  const tables = said.map((own) => {
    if (!own.has(name)) own.set(name, new Float64Array(issues.length * size).fill(Number.NaN));
    return own.get(name)!;
  });
  const endOf = (newest: number) => grid.start + (newest + 1) * grid.step;
  const rows = issues.flatMap((newest, row) =>
    endOf(newest) >= fold.from && endOf(newest) < fold.until ? [row] : [],
  );
  for (let at = 0; at < rows.length; at += block) {
    const some = rows.slice(at, at + block);
    const answers = ask(
      grid,
      some.map((row) => issues[row]!),
    );
    answers.forEach((answer, i) => {
      const column = grid.variables.indexOf(answer.variable);
      write(answer, tables[column]!, some[Math.floor(i / grid.variables.length)]! * size, options.horizons);
    });
  }
}

/** A forecast's numbers at its place; horizons and levels that it does not have stay NaN. */
function write(
  answer: Forecast | NoForecast,
  table: Float64Array,
  offset: number,
  horizons: readonly number[],
): void {
  if (answer.kind !== 'forecast') return;
  horizons.forEach((horizon, h) => {
    const row = answer.values[answer.horizons.indexOf(horizon)];
    if (row)
      levels.forEach((level, q) => {
        const value = row[answer.quantiles.indexOf(level)];
        if (value !== undefined) table[offset + h * levels.length + q] = value;
      });
  });
}

/** A forecaster without a single answer for a variable is not one of it. */
function samplesOf({ grid, issues, said }: Sheet, { horizons }: BacktestOptions): Samples[] {
  return grid.variables.flatMap((variable, column) => {
    const answered = [...said[column]!].filter(([, table]) => table.some(Number.isFinite));
    if (answered.length === 0) return [];
    const value = (step: number) => valueAt(grid, step, column) ?? Number.NaN;
    return onSameSamples({
      station: grid.station,
      variable,
      step: grid.step,
      horizons,
      levels,
      issuedAt: Float64Array.from(issues, (newest) => grid.start + (newest + 1) * grid.step),
      now: Float64Array.from(issues, value),
      truth: Float64Array.from(
        issues.flatMap((newest) => horizons.map((horizon) => value(newest + horizon))),
      ),
      said: new Map(answered),
    });
  });
}
