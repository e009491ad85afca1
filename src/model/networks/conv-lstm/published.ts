import type { EncoderForecasterSpec } from './encoder-forecaster.ts';

const convolutional = (inputKernel: number, stateKernel: number, hidden: readonly number[]) =>
  ({
    frame: [16, 16, 16],
    seen: 10,
    ahead: 10,
    hidden,
    inputKernel,
    stateKernel,
    head: 'all',
    activation: 'sigmoid',
  }) satisfies EncoderForecasterSpec;

/** The networks of table 1 of Shi et al. 2015 for frames of 64x64, in squares of 4x4, by the names they have there. */
export const published: Readonly<Record<string, EncoderForecasterSpec>> = {
  'ConvLSTM(5x5)-5x5-256': convolutional(5, 5, [256]),
  'ConvLSTM(5x5)-5x5-128-5x5-128': convolutional(5, 5, [128, 128]),
  'ConvLSTM(5x5)-5x5-128-5x5-64-5x5-64': convolutional(5, 5, [128, 64, 64]),
  'ConvLSTM(9x9)-1x1-128-1x1-128': convolutional(9, 1, [128, 128]),
  'ConvLSTM(9x9)-1x1-128-1x1-64-1x1-64': convolutional(9, 1, [128, 64, 64]),
  'FC-LSTM-2048-2048': {
    ...convolutional(1, 1, [2048, 2048]),
    frame: [1, 1, 4096],
    head: 'lowest',
  },
};
