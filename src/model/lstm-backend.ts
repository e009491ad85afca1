import type { Training } from './engine/fit.ts';
import type { LstmSpec, Weights } from './engine/spec.ts';

/** A network ready to forecast. Arrays are row-major; values are scaled. */
export interface LoadedNetwork {
  /** x [batch, lookback] to [batch, outputs]. A row's answer does not depend on the other rows. */
  forward(x: Float32Array, batch: number): Float32Array;
  dispose(): void;
}

/** A network in training. */
export interface Fitting extends LoadedNetwork {
  /** One step of Adam on x [batch, lookback] and y [batch, outputs]; the mean squared error before it. */
  step(x: Float32Array, y: Float32Array, batch: number): number;
  weights(): Weights;
}

/** Looks on at a training, and may end it. */
export interface Watch {
  readonly onEpoch: (epoch: number, loss: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Trained {
  readonly weights: Weights;
  /** Mean loss of each epoch's batches. */
  readonly losses: readonly number[];
}

/** What runs and trains LSTMs: the fused engine, or a backend of TensorFlow.js. The same artifact runs on all. */
export interface LstmBackend {
  /** For people, with the reason of the choice: `engine (WebAssembly, SIMD)`. */
  readonly name: string;
  load(spec: LstmSpec, weights: Weights, lookback: number): LoadedNetwork;
  /**
   * Trains to the end in a thread of its own, with the same bits as step by step; backends without threads are taken
   * step by step.
   */
  train?(job: Training, watch: Watch): Promise<Trained>;
  /** Adam with the defaults of PyTorch: betas 0.9 and 0.999, epsilon 1e-8. */
  fitting(spec: LstmSpec, weights: Weights, lookback: number, learningRate: number): Fitting;
}
