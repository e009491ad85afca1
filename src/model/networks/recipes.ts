import { initialWeights } from '../engine/initial.ts';
import { kerasWeights } from '../engine/keras-initial.ts';
import type { Stateful } from '../engine/order.ts';
import type { LstmSpec, Weights } from '../engine/spec.ts';

export type NetworkName = 'study-lstm' | 'original-lstm';

/** A network and how it is trained, one variable at a time: 1 input, the steps ahead as outputs (in the study the next 3), all scaled. */
export interface LstmRecipe {
  readonly spec: LstmSpec;
  readonly optimizer: 'adam' | 'nadam';
  /** Added to the root of the second moment. */
  readonly epsilon: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly stateful?: Stateful;
  readonly start: (seed: number, outputs?: number) => Weights;
}

export const horizons = [1, 2, 3] as const;

/**
 * `study-lstm` is the study's network to the letter: LSTM with 32 units from zero state, its last hidden state through
 * Linear(32 -> 3) and ReLU; PyTorch's initialisation and two bias vectors; Adam; batches of 128 in order of time, never
 * shuffled; mean squared error. 4,579 parameters.
 *
 * `original-lstm` is what the study began with: 5 units, Nadam, batches of 100, `stateful` as Keras has it, with Keras'
 * initialisation and one bias. Keras hands the last state of row i of a batch to row i of the next; with windows one
 * step apart row i jumps by 100 steps, so the state it is given is its own only where a window is 100 steps long. That
 * trap is mended by reading the series in lanes (engine/order.ts, `contiguous`). Its head is not documented: linear.
 * It serves as every model does, from zero state.
 */
export const recipes: Readonly<Record<NetworkName, LstmRecipe>> = {
  'study-lstm': {
    spec: { inputs: 1, hidden: 32, outputs: horizons.length, head: 'relu' },
    optimizer: 'adam',
    epsilon: 1e-8,
    learningRate: 1e-5,
    batch: 128,
    epochs: 300,
    start: (seed, outputs = horizons.length) =>
      initialWeights({ ...recipes['study-lstm'].spec, outputs }, seed),
  },
  'original-lstm': {
    spec: { inputs: 1, hidden: 5, outputs: horizons.length, head: 'linear', biases: 1 },
    optimizer: 'nadam',
    epsilon: 1e-7,
    learningRate: 2e-3,
    batch: 100,
    epochs: 300,
    stateful: 'contiguous',
    start: (seed, outputs = horizons.length) =>
      kerasWeights({ ...recipes['original-lstm'].spec, outputs }, seed),
  },
};
