import type { Fitted, Training } from './engine/fit.ts';
import type { LstmSpec, Weights } from './engine/spec.ts';
import type { Failed, TrainManyOptions } from './engine/train-many.ts';

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

/** The device that a network was trained on, where it was not the CPU by the engine. */
export interface Hardware {
  readonly backend: 'webgpu' | 'tensorflow';
  /** Vendor, architecture and device, as far as the backend says them. */
  readonly adapter: string;
  readonly driver: string;
  /** It is a program on the CPU, and no GPU. */
  readonly software: boolean;
}

/** What trained a network. */
export interface TrainedBy {
  /** For people: `engine (WebAssembly, SIMD)`. */
  readonly name: string;
  /** Absent for the engine: on any machine it is the same training, and so the same artifact. */
  readonly hardware?: Hardware | undefined;
}

export type Trained = Fitted & { readonly by: TrainedBy };

/** What runs and trains LSTMs: the fused engine, or a backend of TensorFlow.js. The same artifact runs on all. */
export interface LstmBackend extends TrainedBy {
  load(spec: LstmSpec, weights: Weights, lookback: number): LoadedNetwork;
  /**
   * Trains independent networks to the end, outside this thread; results in the order of the jobs. Each says what
   * trained it: a GPU leaves to the engine what it does not know. Backends without it are taken step by step.
   */
  train?(jobs: readonly Training[], options: TrainManyOptions): Promise<(Trained | Failed)[]>;
  /** Adam with the defaults of PyTorch: betas 0.9 and 0.999, epsilon 1e-8. */
  fitting(spec: LstmSpec, weights: Weights, lookback: number, learningRate: number): Fitting;
}
