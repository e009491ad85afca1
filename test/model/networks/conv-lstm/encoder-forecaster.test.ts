import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import {
  type EncoderForecasterSpec,
  encoderForecaster,
  encoderForecasterParameters,
} from '../../../../src/model/networks/conv-lstm/encoder-forecaster.ts';
import { published } from '../../../../src/model/networks/conv-lstm/published.ts';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';

/** Table 1 of Shi et al. 2015. */
const parameters: Record<string, number> = {
  'ConvLSTM(5x5)-5x5-256': 13_524_496,
  'ConvLSTM(5x5)-5x5-128-5x5-128': 10_042_896,
  'ConvLSTM(5x5)-5x5-128-5x5-64-5x5-64': 7_585_296,
  'ConvLSTM(9x9)-1x1-128-1x1-128': 11_550_224,
  'ConvLSTM(9x9)-1x1-128-1x1-64-1x1-64': 8_830_480,
  'FC-LSTM-2048-2048': 142_667_776,
};

test('the published numbers of parameters, from what the layers declare', (t) => {
  const declared = Object.entries(published).map(([name, spec]) => [name, encoderForecasterParameters(spec)]);
  t.deepEqual(Object.fromEntries(declared), parameters);
});

for (const [name, spec] of Object.entries(published))
  if (name !== 'FC-LSTM-2048-2048')
    test.serial(`${name} has the published number of parameters when it is built`, async (t) => {
      await chooseTfjs('cpu');
      const before = tf.memory().numTensors;
      const network = encoderForecaster({ ...spec, start: 'zeros' });
      t.is(network.countParams(), parameters[name]!);
      t.deepEqual(network.outputs[0]!.shape, [null, 10, 16, 16, 16]);
      network.dispose();
      t.is(tf.memory().numTensors, before);
    });

const small: EncoderForecasterSpec = {
  ...{ frame: [3, 4, 2], seen: 2, ahead: 3, hidden: [4, 3] },
  ...{ inputKernel: 3, stateKernel: 3, head: 'all', activation: 'sigmoid', seed: 5 },
};

test.serial('an FC-LSTM built has as many as its layers declare', async (t) => {
  await chooseTfjs('cpu');
  const spec: EncoderForecasterSpec = {
    ...{ ...small, frame: [1, 1, 12], hidden: [5, 4], inputKernel: 1, stateKernel: 1, head: 'lowest' },
  };
  const network = encoderForecaster(spec);
  t.is(network.countParams(), encoderForecasterParameters(spec));
  t.deepEqual(network.outputs[0]!.shape, [null, 3, 1, 1, 12]);
  network.dispose();
});

for (const backend of ['cpu', 'wasm'] as const)
  test.serial(
    `${backend}: training lowers the loss, repeats for its seed and leaves no tensor`,
    async (t) => {
      await chooseTfjs(backend);
      const before = tf.memory().numTensors;
      const [first, second] = [trained(), trained()];
      t.deepEqual(first, second);
      t.true(first.at(-1)! < 0.9 * first[0]!, `${first}`);
      t.is(tf.memory().numTensors, before);
    },
  );

function trained(): number[] {
  const network = encoderForecaster(small);
  const optimizer = tf.train.rmsprop(0.03, 0.9);
  const x = tf.randomUniform([2, 2, 3, 4, 2], 0, 1, 'float32', 3);
  const y = tf.randomUniform([2, 3, 3, 4, 2], 0, 1, 'float32', 4);
  const losses = Array.from({ length: 40 }, () =>
    tf.tidy(() => {
      const loss = () => tf.mean(tf.square(tf.sub(network.apply(x) as tf.Tensor, y))) as tf.Scalar;
      return optimizer.minimize(loss, true)!.dataSync()[0]!;
    }),
  );
  tf.dispose([x, y]);
  optimizer.dispose();
  network.dispose();
  return losses;
}
