import { levels, quantile } from '../../baselines/baseline.ts';
import { createEngine } from '../../engine/engine.ts';
import type { Fitted, Training } from '../../engine/fit.ts';
import { initialWeights } from '../../engine/initial.ts';
import type { LstmSpec, Weights } from '../../engine/spec.ts';
import type { TrainManyOptions } from '../../engine/train-many.ts';
import type { Windows } from '../../engine/windows.ts';
import { engineBackend } from '../../engine-backend.ts';
import type { Hardware, LstmBackend } from '../../lstm-backend.ts';
import { specOf } from '../../redtide/body.ts';
import { inputsOf, writeInputs } from '../../redtide/inputs.ts';
import type { Shape, StandardOf } from '../../redtide/regressors.ts';
import type { Fold } from './folds.ts';
import type { Samples } from './samples.ts';

/** How the LSTMs are trained. */
export interface Schooling {
  readonly hidden: number;
  readonly epochs: number;
  readonly patience: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly seed: number;
  /** Windows that an LSTM learns from or is validated on; of more, every second, third... is taken. */
  readonly mostWindows: number;
}

export interface Residual {
  readonly networks: readonly Weights[];
  readonly kept: readonly { readonly epoch: number; readonly loss: number }[];
  /** Samples that an LSTM was tried on, each by the one that had not seen its fold. */
  readonly tried: Int32Array;
  /** [tried, horizons, levels], in `unit`s of the horizon times the liveliness of the window. */
  readonly answers: Float32Array;
  /** What trained the LSTMs, where it was not the engine. */
  readonly hardware: Hardware | undefined;
}

/**
 * One LSTM a fold: it learns the quantiles of what the regression leaves, on the other folds, and ends early by its own.
 * @throws where training fails; the message is the engine's.
 */
export async function fitResidual(
  samples: Samples,
  left: Float64Array,
  unit: readonly number[],
  shape: Shape,
  standardOf: StandardOf,
  folds: readonly Fold[],
  schooling: Schooling,
  { backend, ...options }: TrainManyOptions & { readonly backend?: LstmBackend | undefined },
): Promise<Residual> {
  const every = Math.ceil(samples.count / schooling.mostWindows);
  const windowsOf = (which: Int32Array) => windows(samples, which, left, unit, shape, standardOf);
  const jobs = folds.map(({ held, touched }, k): Training & { readonly held: Int32Array } => {
    const out = new Set(touched);
    const learned = thin(samples, every).filter((i) => !out.has(i));
    const mine = held.filter((i) => i % every === 0);
    const spec = specOf(schooling.hidden, shape.others, samples.horizons);
    const train = windowsOf(learned);
    return {
      spec,
      start: startOf(spec, schooling.seed + k, train),
      optimizer: { kind: 'adam', rate: schooling.learningRate },
      train,
      validation: windowsOf(mine),
      batch: schooling.batch,
      epochs: schooling.epochs,
      patience: schooling.patience,
      seed: schooling.seed + k,
      shuffle: true,
      held: mine,
    };
  });
  const { train = engineBackend().train! } = backend ?? {};
  const results = await train(
    jobs.map(({ held: _, ...job }) => job),
    options,
  );
  const fitted = results.map((one) => {
    if (one.kind === 'failed') throw new Error(`${shape.variable}: ${one.reason}`);
    return one;
  });
  return {
    networks: fitted.map(({ weights }) => weights),
    kept: fitted.map(({ epoch, history }) => ({ epoch, loss: history[epoch - 1]!.validation! })),
    tried: Int32Array.from(jobs.flatMap(({ held }) => [...held])),
    answers: answersOf(jobs, fitted, samples.horizons),
    hardware: fitted.find(({ by }) => by.hardware)?.by.hardware,
  };
}

/** Begins as the quantiles of all windows: what an LSTM learns can but narrow them down. */
function startOf(spec: LstmSpec, seed: number, { y, weight }: Windows): Weights {
  const horizons = spec.outputs / levels.length;
  const start = initialWeights(spec, seed);
  start.head_weight.fill(0);
  for (let h = 0; h < horizons; h++) {
    const own = y.filter((_, at) => at % horizons === h && weight![at] === 1).sort();
    if (own.length === 0) continue;
    levels.forEach((level, k) => {
      start.head_bias[h * levels.length + k] = quantile(own, level);
    });
  }
  return start;
}

const thin = ({ count }: Samples, every: number) =>
  Int32Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);

function windows(
  samples: Samples,
  which: Int32Array,
  left: Float64Array,
  unit: readonly number[],
  shape: Shape,
  standardOf: StandardOf,
): Windows {
  const { horizons, views } = samples;
  const each = shape.lookback * inputsOf(shape);
  const x = new Float32Array(which.length * each);
  const y = new Float32Array(which.length * horizons);
  const weight = new Float32Array(y.length);
  which.forEach((sample, n) => {
    writeInputs(views[sample]!, shape, standardOf, samples.usual * samples.lively[sample]!, x, n * each);
    for (let h = 0; h < horizons; h++) {
      const value = left[sample * horizons + h]! / (unit[h]! * samples.lively[sample]!);
      y[n * horizons + h] = Number.isNaN(value) ? 0 : value;
      weight[n * horizons + h] = Number.isNaN(value) ? 0 : 1;
    }
  });
  return { windows: which.length, steps: shape.lookback, x, y, weight };
}

/** Windows forecast at once. */
const together = 512;

function answersOf(jobs: readonly Training[], fitted: readonly Fitted[], horizons: number): Float32Array {
  const engine = createEngine();
  const outputs = horizons * levels.length;
  const total = jobs.reduce((sum, { validation }) => sum + validation!.windows, 0);
  const answers = new Float32Array(total * outputs);
  let at = 0;
  jobs.forEach(({ spec, validation }, k) => {
    const { windows: count, steps, x } = validation!;
    const each = steps * spec.inputs;
    const network = engine.load(spec, fitted[k]!.weights);
    for (let from = 0; from < count; from += together) {
      const batch = Math.min(together, count - from);
      answers.set(network.forward(x.subarray(from * each, (from + batch) * each), { batch, steps }), at);
      at += batch * outputs;
    }
    network.dispose();
  });
  return answers;
}
