import { type LstmSpec, weightSizes } from '../engine/spec.ts';

/**
 * The study's network, one variable at a time: LSTM with 1 input and 32 units from zero state, its last hidden state
 * through Linear(32 -> 3) and ReLU; outputs are the next 3 steps, scaled. 4,579 parameters, in PyTorch's layout (gates
 * i, f, g, o; two bias vectors, which Adam moves alike).
 */
export const studyHidden = 32;
export const studyHorizons = [1, 2, 3] as const;

export const studySpec: LstmSpec = {
  inputs: 1,
  hidden: studyHidden,
  outputs: studyHorizons.length,
  head: 'relu',
};

/** The study's training: Adam, 300 epochs, batches of 128 in order of time, never shuffled, mean squared error. */
export const studyTraining = { epochs: 300, batch: 128, learningRate: 1e-5 } as const;

export const parameters = (spec: LstmSpec) =>
  Object.values(weightSizes(spec)).reduce((sum, size) => sum + size, 0);
