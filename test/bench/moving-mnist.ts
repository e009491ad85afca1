import { encoderForecasterParameters } from '../../src/model/networks/conv-lstm/encoder-forecaster.ts';
import { type MovingDigits, movingMnist } from '../../src/model/networks/conv-lstm/moving-digits.ts';
import { chooseTfjs } from '../../src/model/tfjs-runtime.ts';
import { type Contest, contend, type Shape, specOf } from '../model/networks/conv-lstm/moving-contest.ts';

/**
 * The comparison of Shi et al. 2015 on Moving-MNIST with digits of our own, at sizes for one core. `small`: two digits of
 * 10 pixels in frames of 32, 3 frames seen and 3 ahead. `full`: the published frames and motion, 5 seen and 5 ahead; an
 * hour. One layer; 256 sequences held out. SIZE, STEPS and NETWORKS (a comma between) choose.
 */
interface Size {
  readonly digits: MovingDigits;
  readonly batch: number;
  readonly learningRate: number;
  readonly seen: number;
  readonly steps: number;
  readonly networks: Readonly<Record<string, Shape>>;
}

const convolutional = (inputKernel: number, stateKernel: number, filters: number): Shape => ({
  hidden: [filters],
  inputKernel,
  stateKernel,
});
const flat = (units: number): Shape => ({ hidden: [units], inputKernel: 1, stateKernel: 1, flat: true });

const sizes: Readonly<Record<string, Size>> = {
  small: {
    digits: { ...movingMnist, frame: 32, digit: 10, speed: [3, 4], steps: 6 },
    ...{ batch: 4, learningRate: 1e-2, seen: 3, steps: 500 },
    networks: {
      'ConvLSTM(5x5)-5x5-12': convolutional(5, 5, 12),
      'ConvLSTM(5x5)-1x1-12': convolutional(5, 1, 12),
      'FC-LSTM-64': flat(64),
      'ConvLSTM(3x3)-3x3-12': convolutional(3, 3, 12),
      'ConvLSTM(3x3)-1x1-12': convolutional(3, 1, 12),
    },
  },
  full: {
    digits: { ...movingMnist, steps: 10 },
    ...{ batch: 8, learningRate: 1e-3, seen: 5, steps: 600 },
    networks: {
      'ConvLSTM(5x5)-5x5-16': convolutional(5, 5, 16),
      'ConvLSTM(5x5)-1x1-16': convolutional(5, 1, 16),
      'ConvLSTM(9x9)-1x1-16': convolutional(9, 1, 16),
      'FC-LSTM-256': flat(256),
    },
  },
};

export async function run(print: (line: object) => void): Promise<void> {
  const { name: backend } = await chooseTfjs('wasm');
  const size = sizes[process.env['SIZE'] ?? 'small']!;
  const steps = Number(process.env['STEPS'] ?? size.steps);
  const contest = { ...size, patch: 4, steps, held: 256 };
  for (const name of (process.env['NETWORKS'] ?? Object.keys(size.networks).join()).split(',')) {
    const shape = size.networks[name]!;
    const parameters = encoderForecasterParameters(specOf(shape, contest));
    const begun = performance.now();
    const crossEntropy = contend(shape, { ...contest, onStep: told(name, print) });
    const seconds = Math.round((performance.now() - begun) / 1000);
    print({ network: name, parameters, backend, steps, crossEntropy, seconds });
  }
}

/** The mean loss of each hundred steps: of sequences that were new then. */
function told(network: string, print: (line: object) => void): NonNullable<Contest['onStep']> {
  let sum = 0;
  return (step, loss) => {
    sum += loss;
    if (step % 100 > 0) return;
    print({ network, step, loss: sum / 100 });
    sum = 0;
  };
}
