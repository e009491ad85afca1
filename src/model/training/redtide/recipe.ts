import { type Artifact, seal } from '../../artifact.ts';
import { levels } from '../../baselines/baseline.ts';
import type { Hardware, LstmBackend } from '../../lstm-backend.ts';
import {
  packNumbers,
  type RedtideBody,
  type RedtideVariable,
  standardsOf,
  type VariableScaling,
} from '../../redtide/body.ts';
import type { Standard } from '../../redtide/filled.ts';
import type { Shape } from '../../redtide/regressors.ts';
import { hashOf, type Series, spanOf } from '../dataset.ts';
import { hardwareOf } from '../lstm-recipe.ts';
import type { FitOptions, Recipe } from '../recipe.ts';
import { gridsOf, type StationGrid, valueAt } from '../station-grid.ts';
import { gainOf, shareOf, spreadOf, type Tried } from './calibrate.ts';
import { foldsOf } from './folds.ts';
import { fitMixture, kinds, type Mixture } from './mixture.ts';
import { fitResidual, type Residual, type Schooling } from './residual.ts';
import { type Samples, samplesOf } from './samples.ts';

/** Settings of the default network; what is not given is as it was chosen in docs/forecast-skill.md. */
export interface RedtideSettings extends Partial<Omit<Schooling, 'seed'>> {
  /** Stretches of the training part, and LSTMs: each learns without one of them. */
  readonly folds?: number | undefined;
  /** What trains the LSTMs; without it the engine. */
  readonly backend?: LstmBackend | undefined;
}

export interface RedtideFitter extends Recipe {
  fit(series: readonly Series[], options: FitOptions & RedtideSettings): Promise<Artifact<RedtideBody>>;
}

type Options = FitOptions & RedtideSettings;

const schooling = {
  hidden: 24,
  epochs: 30,
  patience: 3,
  learningRate: 2e-3,
  batch: 64,
  mostWindows: 8000,
} as const;

/**
 * The default network. Of each variable: a mixture of regressions of the change from the newest value, and on top of it
 * LSTMs with quantile heads, as far as validation says that they help; pooled over the stations, each in its own scale.
 */
export const redtideRecipe: RedtideFitter = { name: 'redtide', fit };

/** Variables that can't be fitted are left out; rejects, with each one's reason, where none is left. */
async function fit(series: readonly Series[], options: Options): Promise<Artifact<RedtideBody>> {
  const asked = options.variables.map(({ name }) => name);
  const used = series.filter(({ variable }) => asked.includes(variable));
  const varying = asked.filter((name) => varies(used, name));
  const grids = gridsOf(used, varying);
  const scaling = Object.fromEntries(varying.map((name, column) => [name, scalingOf(grids, column)]));
  const fitted: FittedVariable[] = [];
  const faults = asked
    .filter((name) => !varying.includes(name))
    .map((name) => `${name}: the training part holds no two different values`);
  for (const name of varying) {
    const others = varying.filter((other) => other !== name);
    const shape = { variable: name, others, lookback: options.lookback, step: options.step };
    const result = await fitVariable(grids, shape, scaling, options);
    if (typeof result === 'string') faults.push(result);
    else fitted.push(result);
  }
  if (fitted.length === 0)
    throw new Error(
      `${faults.join('; ')}; give it more data, or train a baseline or the study's network until there is more`,
    );
  return sealed(grids, used, scaling, fitted, options);
}

const varies = (series: readonly Series[], name: string) => {
  const values = series.flatMap((own) =>
    own.variable === name ? [...own.values].filter((_, i) => own.mask[i]) : [],
  );
  return values.some((value) => value !== values[0]);
};

function sealed(
  grids: readonly StationGrid[],
  used: readonly Series[],
  scaling: RedtideBody['scaling'],
  fitted: readonly FittedVariable[],
  options: Options,
): Artifact<RedtideBody> {
  const { lookback, step, horizons } = options;
  return seal(
    {
      network: 'redtide',
      lookback,
      step,
      horizons,
      stations: grids.map(({ station }) => station),
      data: { ...spanOf(used), hash: hashOf(used) },
      variables: fitted.map(({ name, range }) => ({ name, unit: unitOf(name, options), range })),
      body: {
        hidden: options.hidden ?? schooling.hidden,
        members: options.folds ?? defaultFolds,
        scaling,
        variables: fitted.map(({ about }) => about),
      },
      ...hardwareOf(fitted),
    },
    Buffer.concat(fitted.map(({ numbers }) => numbers)),
  );
}

const unitOf = (name: string, { variables }: Options) =>
  variables.find((own) => own.name === name)?.unit ?? '';

const defaultFolds = 4;

/** Concentrations and the like, which were never negative, are not forecast so. */
const floorOf = (minimum: number, unit: string) =>
  minimum >= 0 && !/^(deg|°|K$)/.test(unit) ? { floor: 0 } : {};

/** Daylight quenches fluorescence (Falkowski and Kolber 1995): a trough at noon that is none of the concentration. */
const notesOf = (variable: string) =>
  variable === 'chlorophyll'
    ? {
        notes: [
          'Daytime quenching of fluorescence was not corrected: the forecast is of what the sensor will say, and the hour of the day is among the regressors.',
        ],
      }
    : {};

interface FittedVariable {
  readonly name: string;
  readonly range: { readonly minimum: number; readonly maximum: number };
  readonly about: RedtideVariable;
  readonly numbers: Uint8Array;
  readonly hardware: Hardware | undefined;
}

/** Answers why not, where there is too little. */
async function fitVariable(
  grids: readonly StationGrid[],
  shape: Shape,
  scaling: RedtideBody['scaling'],
  options: Options,
): Promise<FittedVariable | string> {
  const { horizons, folds: count = defaultFolds } = options;
  const standardOf = standardsOf(scaling);
  const samples = samplesOf(grids, shape, standardOf, options);
  const folds = foldsOf(samples.times, count, (shape.lookback + Math.max(...horizons)) * shape.step);
  const learned = Math.min(...folds.map(({ touched }) => samples.count - touched.length));
  if (!(learned >= fewest))
    return `${shape.variable}: of ${samples.count} windows that are complete enough ${Math.max(0, learned)} share nothing with those that are left out to validate on, and ${fewest} are needed`;
  const mixture = fitMixture(samples, shape, folds);
  const left = mixture.crossFitted.map((said, at) => samples.targets[at]! - said);
  const calm = left.map((value, at) => value / samples.lively[Math.floor(at / horizons.length)]!);
  const unit = horizons.map((_, h) => rms(calm, h, horizons.length) || 1);
  const residual = await fitResidual(
    samples,
    left,
    unit,
    shape,
    standardOf,
    folds,
    schoolingOf(options),
    watch(shape, options),
  );
  const tried = horizons.map((_, h) => triedAt(residual, samples, calm, unit, h));
  const share = tried.map(shareOf);
  const range = rangeOf(grids, shape.variable);
  return {
    name: shape.variable,
    range,
    about: {
      others: shape.others,
      usual: samples.usual,
      unit,
      share,
      spread: tried.map((one, h) => spreadOf(one, share[h]!)),
      ...notesOf(shape.variable),
      ...floorOf(range.minimum, unitOf(shape.variable, options)),
      training: {
        samples: samples.count,
        folds: folds.length,
        mixture: mixture.weights,
        networks: residual.kept,
        rmse: scoresOf(samples, mixture, left, tried, share),
      },
    },
    numbers: packNumbers({ regression: mixture.coefficients, networks: residual.networks }),
    hardware: residual.hardware,
  };
}

/** Windows that each fold must leave to learn from. */
const fewest = 200;

function schoolingOf(options: Options): Schooling {
  const given = Object.entries(options).filter(([name, value]) => name in schooling && value !== undefined);
  return { ...schooling, ...Object.fromEntries(given), seed: options.seed };
}

const watch = ({ variable }: Shape, { threads = 1, backend, onProgress, signal }: Options) => ({
  backend,
  workers: threads,
  onEpoch: (_: number, { epoch, train }: { epoch: number; train: number }) =>
    onProgress?.({ variable, epoch, loss: train }),
  ...(signal && { signal }),
});

function triedAt(
  { tried, answers }: Residual,
  { lively }: Samples,
  left: Float64Array,
  unit: readonly number[],
  h: number,
): Tried {
  const horizons = unit.length;
  const width = levels.length;
  return {
    left: Float64Array.from(tried, (sample) => left[sample * horizons + h]! / unit[h]!),
    lively: Float64Array.from(tried, (sample) => lively[sample]!),
    quantiles: Array.from(tried, (_, n) =>
      Float64Array.from(answers.subarray((n * horizons + h) * width, (n * horizons + h + 1) * width)),
    ),
  };
}

function scoresOf(
  { targets, horizons }: Samples,
  mixture: Mixture,
  left: Float64Array,
  tried: readonly Tried[],
  share: readonly number[],
): RedtideVariable['training']['rmse'] {
  const lags = mixture.single[kinds.findIndex(({ name }) => name === 'lags')]!;
  const each = (errors: Float64Array) => tried.map((_, h) => rms(errors, h, horizons));
  return {
    persistence: each(targets),
    lags: each(lags.map((said, at) => targets[at]! - said)),
    regression: each(left),
    network: tried.map((one, h) => rms(left, h, horizons) * gainOf(one, share[h]!)),
  };
}

function rms(errors: Float64Array, h: number, horizons: number): number {
  let [sum, count] = [0, 0];
  for (let at = h; at < errors.length; at += horizons) {
    if (Number.isNaN(errors[at]!)) continue;
    sum += errors[at]! ** 2;
    count++;
  }
  return Math.sqrt(sum / count);
}

function* valuesOf(grid: StationGrid, column: number): Generator<number> {
  for (let step = 0; step < grid.steps; step++) {
    const value = valueAt(grid, step, column);
    if (value !== undefined) yield value;
  }
}

function rangeOf(grids: readonly StationGrid[], name: string) {
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const grid of grids)
    for (const value of valuesOf(grid, grid.variables.indexOf(name))) {
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
    }
  return { minimum, maximum };
}

/** A station with fewer measured steps than this many days takes the scaling of the pool. */
const ownRecordDays = 30;

function scalingOf(grids: readonly StationGrid[], column: number): VariableScaling {
  const records = grids.map((grid) => ({ grid, values: [...valuesOf(grid, column)] }));
  const own = records.filter(
    ({ grid, values }) => values.length * grid.step >= ownRecordDays * 86_400_000 && spreads(values),
  );
  return {
    pool: standardOf(records.flatMap(({ values }) => values)),
    stations: Object.fromEntries(own.map(({ grid, values }) => [grid.station, standardOf(values)])),
  };
}

const spreads = (values: readonly number[]) => values.some((value) => value !== values[0]);

/** Mean and standard deviation. */
function standardOf(values: readonly number[]): Standard {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
  return { centre, spread: Math.sqrt(variance) || 1 };
}
