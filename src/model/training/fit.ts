import { setImmediate as turn } from 'node:timers/promises';
import type { Training } from '../engine/fit.ts';
import type { LstmSpec, Weights } from '../engine/spec.ts';
import type { Fitting, LoadedNetwork, LstmBackend, TrainedBy } from '../lstm-backend.ts';
import type { LstmRecipe } from '../networks/recipes.ts';
import type { Dataset } from './dataset.ts';

export interface NetworkFitOptions {
  readonly recipe: LstmRecipe;
  readonly seed: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /**
   * Draw the initial weights anew, with the next seed, until no output is dead on the training windows. Without it
   * the study's recipe starts as it is: half of its outputs never learn.
   */
  readonly aliveHeads: boolean;
  readonly onEpoch?: ((epoch: number, loss: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Trained {
  readonly weights: Weights;
  /** Mean loss of each epoch's batches. */
  readonly losses: readonly number[];
  readonly by: TrainedBy;
}

export interface Fitted extends Trained {
  /** The seed that the initial weights came from. */
  readonly seed: number;
  readonly deadHeads: readonly number[];
}

/**
 * Fits one network. Batches are slices in order, as in the study; a tail shorter than a batch is left out, unless it
 * is all there is. The same data, seed and backend give the same bits.
 */
export async function fit(data: Dataset, backend: LstmBackend, options: NetworkFitOptions): Promise<Fitted> {
  const { weights: start, seed } = draw(data, backend, options);
  const job = jobOf(data, options, seed, start);
  const trained = await (backend.train ? toTheEnd : stepByStep)(data, backend, job, options);
  const network = backend.load(job.spec, trained.weights, data.lookback);
  const dead = deadHeads(data, network, job.spec);
  network.dispose();
  return { ...trained, seed, deadHeads: dead };
}

export const specFor = ({ spec }: LstmRecipe, { horizons }: Dataset): LstmSpec => ({
  ...spec,
  outputs: horizons.length,
});

function jobOf(data: Dataset, options: NetworkFitOptions, seed: number, start: Weights): Training {
  const { recipe, batch, epochs, learningRate } = options;
  return {
    spec: specFor(recipe, data),
    optimizer: { kind: recipe.optimizer, rate: learningRate, epsilon: recipe.epsilon },
    train: { windows: data.samples, steps: data.lookback, x: data.x, y: data.y },
    batch: Math.min(batch, data.samples),
    epochs,
    seed,
    start,
    tail: 'drop',
    ...(recipe.stateful && { stateful: recipe.stateful }),
  };
}

type Watch = Pick<NetworkFitOptions, 'onEpoch' | 'signal'>;

async function toTheEnd(
  _: Dataset,
  backend: LstmBackend,
  job: Training,
  { onEpoch, signal }: Watch,
): Promise<Trained> {
  const [result] = await backend.train!([job], {
    workers: 1,
    onEpoch: (_, { epoch, train: loss }) => onEpoch?.(epoch, loss),
    ...(signal && { signal }),
  });
  if (result?.kind !== 'fitted') throw new Error(result?.reason ?? 'the worker gave no result');
  return { weights: result.weights, losses: result.history.map(({ train: loss }) => loss), by: result.by };
}

/** In this thread, for backends that have no training of their own. */
async function stepByStep(
  data: Dataset,
  backend: LstmBackend,
  job: Training,
  { onEpoch, signal }: Watch,
): Promise<Trained> {
  if (job.stateful || job.optimizer.kind !== 'adam')
    throw new Error(
      `${backend.name} trains with Adam and without state; use --backend engine for this network`,
    );
  const fitting = backend.fitting(job.spec, job.start!, data.lookback, job.optimizer.rate);
  const losses: number[] = [];
  try {
    for (let epoch = 1; epoch <= job.epochs; epoch++) {
      const loss = runEpoch(data, fitting, job.batch);
      if (!Number.isFinite(loss))
        throw new Error(`the loss of epoch ${epoch} is ${loss}; lower the learning rate`);
      losses.push(loss);
      onEpoch?.(epoch, loss);
      await turn();
      signal?.throwIfAborted();
    }
    return { weights: fitting.weights(), losses, by: { name: backend.name, hardware: backend.hardware } };
  } finally {
    fitting.dispose();
  }
}

/** Seeds tried for heads that live; 1 in 7 does (models.md 0.1). */
const draws = 200;

function draw(data: Dataset, backend: LstmBackend, { recipe, seed, aliveHeads }: NetworkFitOptions) {
  for (let next = seed; next < seed + draws; next++) {
    const weights = recipe.start(next, data.horizons.length);
    if (!aliveHeads) return { weights, seed: next };
    const network = backend.load(specFor(recipe, data), weights, data.lookback);
    const dead = deadHeads(data, network, specFor(recipe, data)).length;
    network.dispose();
    if (dead === 0) return { weights, seed: next };
  }
  throw new Error(
    `${data.variable}: every draw of ${draws} initial weights has a dead output; try another --seed`,
  );
}

function runEpoch({ x, y, samples, lookback, horizons }: Dataset, fitting: Fitting, batch: number): number {
  const batches = Math.floor(samples / batch);
  let sum = 0;
  for (let b = 0; b < batches; b++) {
    const [from, to] = [b * batch, (b + 1) * batch];
    sum += fitting.step(
      x.subarray(from * lookback, to * lookback),
      y.subarray(from * horizons.length, to * horizons.length),
      batch,
    );
  }
  return sum / batches;
}

/** All forecasts of a dataset, scaled: [samples, horizons]. */
export function forecastAll(
  { x, samples, lookback, horizons }: Dataset,
  fitting: Pick<LoadedNetwork, 'forward'>,
): Float32Array {
  const out = new Float32Array(samples * horizons.length);
  const block = 512;
  for (let from = 0; from < samples; from += block) {
    const to = Math.min(from + block, samples);
    out.set(fitting.forward(x.subarray(from * lookback, to * lookback), to - from), from * horizons.length);
  }
  return out;
}

/** Outputs, from 0, that ReLU holds at 0 for every window: no gradient of their own ever reaches them. */
function deadHeads(
  data: Dataset,
  fitting: Pick<LoadedNetwork, 'forward'>,
  { head, outputs }: LstmSpec,
): number[] {
  if (head !== 'relu') return [];
  const forecasts = forecastAll(data, fitting);
  return Array.from({ length: outputs }, (_, output) => output).filter((output) => {
    for (let i = output; i < forecasts.length; i += outputs) if (forecasts[i]! > 0) return false;
    return true;
  });
}
