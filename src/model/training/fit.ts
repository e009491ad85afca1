import { setImmediate as turn } from 'node:timers/promises';
import { initialWeights } from '../engine/initial.ts';
import type { LstmSpec, Weights } from '../engine/spec.ts';
import type { Fitting, LoadedNetwork, LstmBackend } from '../lstm-backend.ts';
import type { Dataset } from './dataset.ts';

export interface FitOptions {
  readonly spec: LstmSpec;
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

export interface Fitted {
  readonly weights: Weights;
  /** The seed that the initial weights came from. */
  readonly seed: number;
  /** Mean loss of each epoch's batches. */
  readonly losses: readonly number[];
  readonly deadHeads: readonly number[];
}

/**
 * Fits one network. Batches are slices in order, as in the study; a tail shorter than a batch is left out, unless it
 * is all there is. The same data, seed and backend give the same bits.
 */
export async function fit(data: Dataset, backend: LstmBackend, options: FitOptions): Promise<Fitted> {
  const { spec, epochs, learningRate } = options;
  const start = draw(data, backend, options);
  const fitting = backend.fitting(spec, start.weights, data.lookback, learningRate);
  const losses: number[] = [];
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const loss = runEpoch(data, fitting, options.batch);
      if (!Number.isFinite(loss))
        throw new Error(`the loss of epoch ${epoch + 1} is ${loss}; lower the learning rate`);
      losses.push(loss);
      options.onEpoch?.(epoch + 1, loss);
      await turn();
      options.signal?.throwIfAborted();
    }
    return {
      weights: fitting.weights(),
      seed: start.seed,
      losses,
      deadHeads: deadHeads(data, fitting, spec),
    };
  } finally {
    fitting.dispose();
  }
}

/** Seeds tried for heads that live; 1 in 7 does (models.md 0.1). */
const draws = 200;

function draw(data: Dataset, backend: LstmBackend, { spec, seed, aliveHeads, learningRate }: FitOptions) {
  for (let next = seed; next < seed + draws; next++) {
    const weights = initialWeights(spec, next);
    if (!aliveHeads) return { weights, seed: next };
    const fitting = backend.fitting(spec, weights, data.lookback, learningRate);
    const dead = deadHeads(data, fitting, spec).length;
    fitting.dispose();
    if (dead === 0) return { weights, seed: next };
  }
  throw new Error(
    `${data.variable}: every draw of ${draws} initial weights has a dead output; try another --seed`,
  );
}

function runEpoch({ x, y, samples, lookback, horizons }: Dataset, fitting: Fitting, batch: number): number {
  const size = Math.min(batch, samples);
  const batches = Math.floor(samples / size);
  let sum = 0;
  for (let b = 0; b < batches; b++) {
    const rows = [b * size, (b + 1) * size] as const;
    sum += fitting.step(
      x.subarray(rows[0] * lookback, rows[1] * lookback),
      y.subarray(rows[0] * horizons.length, rows[1] * horizons.length),
      size,
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
function deadHeads(data: Dataset, fitting: Fitting, { head, outputs }: LstmSpec): number[] {
  if (head !== 'relu') return [];
  const forecasts = forecastAll(data, fitting);
  return Array.from({ length: outputs }, (_, output) => output).filter((output) => {
    for (let i = output; i < forecasts.length; i += outputs) if (forecasts[i]! > 0) return false;
    return true;
  });
}
