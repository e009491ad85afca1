import { encoderForecasterParameters } from '../../src/model/networks/conv-lstm/encoder-forecaster.ts';
import { movingMnist } from '../../src/model/networks/conv-lstm/moving-digits.ts';
import { chooseTfjs } from '../../src/model/tfjs-runtime.ts';
import { type Contest, contend, type Shape, specOf } from '../model/networks/conv-lstm/moving-contest.ts';

/**
 * The comparison of Shi et al. 2015 on Moving-MNIST, at a size for one core: the published frames and motion with digits
 * of our own, 5 frames seen and 5 ahead, one layer of 16 hidden channels, 256 fresh sequences held out. STEPS says how
 * long each is trained, NETWORKS (a comma between) which.
 */
const networks: Readonly<Record<string, Shape>> = {
  'ConvLSTM(5x5)-5x5-16': { hidden: [16], inputKernel: 5, stateKernel: 5 },
  'ConvLSTM(9x9)-1x1-16': { hidden: [16], inputKernel: 9, stateKernel: 1 },
  'FC-LSTM-512': { hidden: [512], inputKernel: 1, stateKernel: 1, flat: true },
};

export async function run(print: (line: object) => void): Promise<void> {
  const { name: backend } = await chooseTfjs('wasm');
  const steps = Number(process.env['STEPS'] ?? 600);
  const contest = {
    digits: { ...movingMnist, steps: 10 },
    ...{ patch: 4, batch: 8, steps, learningRate: 1e-3, held: 256, seen: 5 },
  };
  for (const name of (process.env['NETWORKS'] ?? Object.keys(networks).join()).split(',')) {
    const shape = networks[name]!;
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
