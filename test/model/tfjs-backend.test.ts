import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import { chooseBackend } from '../../src/model/backend.ts';
import { initialWeights } from '../../src/model/engine/initial.ts';
import { type LstmSpec, type Weights, weightNames } from '../../src/model/engine/spec.ts';
import { meanSquaredError, tensorsOf } from '../../src/model/networks/tfjs-lstm.ts';
import { distance, sample, worst } from './engine/random.ts';
import { forward, gradients, type Parameters, toFloat64 } from './engine/reference.ts';

const study: LstmSpec = { inputs: 1, hidden: 32, outputs: 3, head: 'relu' };
const engine = await chooseBackend('engine');

const shapes = fc.record({
  spec: fc.record({
    inputs: fc.constant(1),
    hidden: fc.integer({ min: 1, max: 12 }),
    outputs: fc.integer({ min: 1, max: 4 }),
    head: fc.constantFrom('relu' as const, 'linear' as const),
  }),
  batch: fc.integer({ min: 1, max: 7 }),
  steps: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(10_000),
});

/** Adam as printed (Kingma and Ba 2015, algorithm 1), in float64; both biases of a gate move alike. */
function adam(spec: LstmSpec, start: Parameters, batches: Given[], rate: number): Parameters {
  const [p, m, v] = [start, zeros(start), zeros(start)];
  for (const [t, given] of batches.entries()) {
    const { gradients: g } = gradients(spec, p, given);
    for (const name of weightNames)
      for (let i = 0; i < p[name].length; i++) {
        m[name][i] = 0.9 * m[name][i]! + 0.1 * g[name][i]!;
        v[name][i] = 0.999 * v[name][i]! + 0.001 * g[name][i]! ** 2;
        const corrected = m[name][i]! / (1 - 0.9 ** (t + 1));
        p[name][i]! -= (rate * corrected) / (Math.sqrt(v[name][i]! / (1 - 0.999 ** (t + 1))) + 1e-8);
      }
  }
  return p;
}

type Given = ReturnType<typeof sample>['given'];

const zeros = (like: Parameters) =>
  Object.fromEntries(weightNames.map((name) => [name, new Float64Array(like[name].length)])) as Parameters;

// The first: TensorFlow.js advertises once.
test.serial('TensorFlow.js keeps its advertisements to itself', async (t) => {
  const { warn } = console;
  const said: unknown[] = [];
  console.warn = (...words) => said.push(words);
  t.teardown(() => {
    console.warn = warn;
  });
  const network = (await chooseBackend('cpu')).load(study, initialWeights(study, 1), 2);
  network.forward(new Float32Array(2), 1);
  network.dispose();
  t.deepEqual(said, []);
});

for (const name of ['wasm', 'cpu'] as const) {
  test.serial(`${name}: outputs are those of float64`, async (t) => {
    const backend = await chooseBackend(name);
    fc.assert(
      fc.property(shapes, (shape) => {
        const { weights, given } = sample(shape);
        const network = backend.load(shape.spec, weights, shape.steps);
        const got = network.forward(given.x, shape.batch);
        network.dispose();
        return distance(got, forward(shape.spec, toFloat64(weights), given), 0.1) < 3e-6;
      }),
      { numRuns: 40 },
    );
    t.pass();
  });

  test.serial(`${name}: gradients are those of float64, for both biases`, async (t) => {
    await chooseBackend(name);
    fc.assert(
      fc.property(shapes, (shape) => {
        const { spec, batch, steps } = shape;
        const { weights, given } = sample(shape);
        const tensors = tensorsOf(spec, weights);
        const variables = weightNames.map((one) => tf.variable(tensors[one], true, `${one}-under-test`));
        const parameters = Object.fromEntries(weightNames.map((one, i) => [one, variables[i]!])) as Record<
          keyof Weights,
          tf.Variable
        >;
        const x = tf.tensor3d(given.x, [batch, steps, 1]);
        const y = tf.tensor2d(given.y, [batch, spec.outputs]);
        const { value, grads } = tf.variableGrads(() => meanSquaredError(spec, parameters, x, y));
        const got = Object.fromEntries(
          weightNames.map((one) => [one, grads[`${one}-under-test`]!.dataSync()]),
        ) as unknown as Record<keyof Weights, Float32Array>;
        const want = gradients(spec, toFloat64(weights), given);
        const fine =
          worst(got, want.gradients) < 2e-5 && distance([value.dataSync()[0]!], [want.loss], 1e-3) < 1e-5;
        tf.dispose([tensors, variables, x, y, value, grads]);
        return fine;
      }),
      { numRuns: 25 },
    );
    t.pass();
  });

  test.serial(`${name}: 20 steps of Adam end where float64 and the engine end`, async (t) => {
    const rate = 1e-3;
    const [batch, steps] = [16, 8];
    const batches = Array.from({ length: 20 }, (_, n) => {
      const { given } = sample({ spec: study, batch, steps, seed: 50 + (n % 4) });
      return { ...given, y: given.y.map(Math.abs) };
    });
    const start = initialWeights(study, 4);
    const want = adam(study, toFloat64(start), batches, rate);
    for (const backend of [await chooseBackend(name), engine]) {
      const fitting = backend.fitting(study, start, steps, rate);
      for (const { x, y } of batches) fitting.step(x, y, batch);
      const got = fitting.weights();
      for (const one of weightNames)
        t.true(distance(got[one], want[one], 0.1) < 1e-4, `${backend.name} ${one}`);
      fitting.dispose();
    }
  });

  test.serial(`${name}: training and forecasting leave no tensor behind`, async (t) => {
    const backend = await chooseBackend(name);
    const { weights, given } = sample({ spec: study, batch: 4, steps: 3, seed: 1 });
    const before = tf.memory().numTensors;
    const fitting = backend.fitting(study, weights, 3, 1e-3);
    const network = backend.load(study, weights, 3);
    const round = () => {
      fitting.step(given.x, given.y, 4);
      fitting.forward(given.x, 4);
      fitting.weights();
      network.forward(given.x, 4);
    };
    round();
    const during = tf.memory().numTensors;
    for (let n = 0; n < 20; n++) round();
    t.is(tf.memory().numTensors, during);
    fitting.dispose();
    network.dispose();
    t.is(tf.memory().numTensors, before);
  });

  test.serial(
    `${name}: weights that came in are not touched by training, nor those that went out`,
    async (t) => {
      const { weights, given } = sample({ spec: study, batch: 4, steps: 3, seed: 1 });
      const fitting = (await chooseBackend(name)).fitting(study, weights, 3, 1e-2);
      fitting.step(given.x, given.y, 4);
      const out = fitting.weights();
      const copy = out.weight_hh.slice();
      fitting.step(given.x, given.y, 4);
      t.deepEqual(weights, sample({ spec: study, batch: 4, steps: 3, seed: 1 }).weights);
      t.deepEqual(out.weight_hh, copy);
      t.notDeepEqual(fitting.weights().weight_hh, copy);
      fitting.dispose();
    },
  );
}

test.serial('wasm and cpu agree after training', async (t) => {
  const ends = [];
  const { weights, given } = sample({ spec: study, batch: 32, steps: 12, seed: 3 });
  for (const name of ['wasm', 'cpu'] as const) {
    const fitting = (await chooseBackend(name)).fitting(study, weights, 12, 1e-3);
    for (let n = 0; n < 10; n++) fitting.step(given.x, given.y.map(Math.abs), 32);
    ends.push(fitting.forward(given.x, 32));
    fitting.dispose();
  }
  t.true(distance(ends[0]!, ends[1]!, 0.1) < 1e-4);
  t.true(ends[0]!.some((value) => value > 0));
});
