import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import test from 'ava';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { fromKeras, toKeras } from '../../../src/model/engine/keras.ts';
import { type LstmSpec, type Weights, weightNames } from '../../../src/model/engine/spec.ts';
import { distance, sample } from './random.ts';

// The layers of TensorFlow.js, which know nothing of our own definition: an independent witness.
const engine = createEngine();

function kerasModel(of: LstmSpec, weights: Weights): layers.Sequential {
  const { inputs, hidden, outputs, head } = of;
  const lstm = {
    units: hidden,
    recurrentActivation: 'sigmoid',
    recurrentInitializer: 'glorotUniform',
  } as const;
  const model = layers.sequential({
    layers: [
      layers.layers.lstm({ ...lstm, inputShape: [null, inputs] }),
      layers.layers.dense({ units: outputs, activation: head }),
    ],
  });
  const { lstm: kernels, dense } = toKeras(of, weights);
  const gates = 4 * hidden;
  const shapes = [[inputs, gates], [hidden, gates], [gates], [hidden, outputs], [outputs]];
  model.setWeights([...kernels, ...dense].map((values, n) => tf.tensor(values, shapes[n]!)));
  return model;
}

const weightsOf = (model: layers.Sequential): Weights => {
  const [kernel, recurrent, bias, head, headBias] = model
    .getWeights()
    .map((w) => w.dataSync() as Float32Array);
  return fromKeras(spec, { lstm: [kernel!, recurrent!, bias!], dense: [head!, headBias!] });
};

const spec: LstmSpec = { inputs: 3, hidden: 7, outputs: 2, head: 'relu', biases: 1 };
const [batch, steps] = [9, 6];
const { weights, given } = sample({ spec, batch, steps, seed: 11 });
const x = tf.tensor3d(given.x, [batch, steps, 3]);
const y = tf.tensor2d(given.y.map(Math.abs), [batch, 2]);
const ours = { ...given, y: given.y.map(Math.abs) };

test.before(async () => {
  await tf.setBackend('cpu');
});

for (const [inputs, hidden, rows, length, head] of [
  [1, 32, 17, 24, 'relu'],
  [32, 1, 3, 2, 'linear'],
  [5, 130, 1, 9, 'linear'],
  [2, 3, 64, 60, 'relu'],
] as const) {
  test(`outputs are those of the layers of TensorFlow.js: ${[inputs, hidden, rows, length, head]}`, (t) => {
    const of: LstmSpec = { inputs, hidden, outputs: 4, head };
    const made = sample({ spec: of, batch: rows, steps: length, seed: hidden });
    const input = tf.tensor3d(made.given.x, [rows, length, inputs]);
    const want = (kerasModel(of, made.weights).predict(input) as tf.Tensor).dataSync();
    t.true(distance(engine.load(of, made.weights).forward(made.given.x, made.given), want, 0.1) < 2e-6);
  });
}

test('weights come back from the layout of Keras as they went', (t) => {
  const back = fromKeras(spec, toKeras(spec, weights));
  for (const name of weightNames) t.deepEqual(back[name], weights[name], name);
});

test('1,000 steps of Adam end where TensorFlow.js ends', (t) => {
  const model = kerasModel(spec, weights);
  const adam = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
  const trainer = engine.trainer(spec, { kind: 'adam', rate: 1e-3, epsilon: 1e-7 }, weights);
  for (let n = 0; n < 1000; n++) {
    const theirs = adam.minimize(
      () => tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar,
      true,
    )!;
    const loss = trainer.step(ours);
    if (n % 100 === 0) t.true(distance([loss], [theirs.dataSync()[0]!], 1e-3) < 1e-4, `loss of step ${n}`);
    theirs.dispose();
  }
  const [got, want] = [trainer.weights(), weightsOf(model)];
  for (const name of weightNames) {
    const off = distance(got[name], want[name], 0.1);
    t.true(off < 1e-3, `${name} is ${off} off`);
  }
});
