import test from 'ava';
import fc from 'fast-check';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { defaults, type Optimizer } from '../../../src/model/engine/optimizer.ts';
import { type LstmSpec, type Weights, weightNames } from '../../../src/model/engine/spec.ts';
import { distance, sample } from './random.ts';
import { gradients, toFloat64 } from './reference.ts';

/** Adam (Kingma and Ba 2015, algorithm 1) and Nadam (Dozat 2016, with Keras' schedule) as printed, in float64. */
function textbook(optimizer: Optimizer) {
  const { kind, rate, beta1, beta2, epsilon, momentumDecay } = { ...defaults, ...optimizer };
  const mu = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  let [t, m, v, product] = [0, 0, 0, 1];
  return (value: number, g: number) => {
    t++;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    product *= mu(t);
    const corrected =
      kind === 'adam'
        ? m / (1 - beta1 ** t)
        : (mu(t + 1) * m) / (1 - product * mu(t + 1)) + ((1 - mu(t)) * g) / (1 - product);
    return value - (rate * corrected) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
  };
}

test('each step is that of the textbook, fed with the gradients of the engine', (t) => {
  const engine = createEngine();
  const spec: LstmSpec = { inputs: 2, hidden: 6, outputs: 2, head: 'linear' };
  const optimizers = fc.record({
    kind: fc.constantFrom('adam' as const, 'nadam' as const),
    rate: fc.constantFrom(1e-4, 1e-2),
    beta1: fc.constantFrom(0, 0.5, 0.9),
    beta2: fc.constantFrom(0.9, 0.999),
    epsilon: fc.constantFrom(1e-8, 1e-3),
    momentumDecay: fc.constantFrom(0.004, 0.1),
  });
  fc.assert(
    fc.property(optimizers, fc.nat(), (optimizer, seed) => {
      const { weights, given } = sample({ spec, batch: 5, steps: 4, seed });
      const trainer = engine.trainer(spec, optimizer, weights);
      const rules = weightNames.map((name) => Array.from(weights[name], () => textbook(optimizer)));
      let expected = weightNames.map((name) => Float64Array.from(weights[name]));
      for (let n = 0; n < 12; n++) {
        const { gradients } = trainer.gradients(given);
        expected = expected.map((values, k) =>
          values.map((value, i) => rules[k]![i]!(value, gradients[weightNames[k]!][i]!)),
        );
        trainer.step(given);
      }
      const got: Weights = trainer.weights();
      trainer.dispose();
      return weightNames.every((name, k) => distance(got[name], expected[k]!, 0.1) < 2e-5);
    }),
    { numRuns: 40 },
  );
  t.pass();
});

test('1,000 steps end where float64 ends', (t) => {
  const spec: LstmSpec = { inputs: 2, hidden: 5, outputs: 2, head: 'linear' };
  const { weights, given } = sample({ spec, batch: 6, steps: 5, seed: 8 });
  const optimizer = { kind: 'adam', rate: 1e-3 } as const;
  const trainer = createEngine().trainer(spec, optimizer, weights);
  const p = toFloat64(weights);
  const rules = weightNames.map((name) => Array.from(p[name], () => textbook(optimizer)));
  for (let n = 0; n < 1000; n++) {
    trainer.step(given);
    const slopes = gradients(spec, p, given).gradients;
    weightNames.forEach((name, k) => {
      p[name].forEach((value, i) => {
        p[name][i] = rules[k]![i]!(value, slopes[name][i]!);
      });
    });
  }
  const got = trainer.weights();
  for (const name of weightNames) {
    const off = distance(got[name], p[name], 0.1);
    t.true(off < 1e-4, `${name} is ${off} off`);
    t.true(distance(got[name], weights[name], 0.1) > 0.1, `${name} did not move`);
  }
});

test('moments that fade to nothing end as 0, not as denormal numbers', (t) => {
  const spec: LstmSpec = { inputs: 1, hidden: 2, outputs: 1, head: 'relu' };
  const { weights, given } = sample({ spec, batch: 2, steps: 2, seed: 1 });
  const alive = { ...weights, head_bias: new Float32Array([3]) };
  const trainer = createEngine().trainer(spec, { kind: 'adam', rate: 1e-6, beta2: 0.9 }, alive);
  trainer.step(given);
  t.true(trainer.state().m.bias_ih.some((value) => value !== 0));
  const dead = { ...trainer.state(), weights: { ...alive, head_bias: new Float32Array([-3]) } };
  const after = createEngine().trainer(spec, { kind: 'adam', rate: 1e-6, beta2: 0.9 }, dead);
  for (let n = 0; n < 2000; n++) after.step(given);
  for (const moment of [after.state().m, after.state().v]) {
    for (const name of weightNames)
      t.true(
        moment[name].every((value) => value === 0),
        name,
      );
  }
});
