import test from 'ava';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { initialWeights } from '../../../src/model/engine/initial.ts';
import type { LstmSpec } from '../../../src/model/engine/spec.ts';
import { sample } from './random.ts';

const spec: LstmSpec = { inputs: 2, hidden: 3, outputs: 2, head: 'linear' };
const engine = createEngine();
const { weights, given } = sample({ spec, batch: 4, steps: 5, seed: 1 });
const adam = { kind: 'adam', rate: 1e-3 } as const;
const spoilt = (values: Float32Array, at: number, value: number) =>
  values.map((kept, n) => (n === at ? value : kept));

const specs: [Partial<LstmSpec>, RegExp][] = [
  [{ inputs: 0 }, /inputs must be a whole number from 1 to 4096, not 0/],
  [{ hidden: 2.5 }, /hidden .* not 2.5/],
  [{ outputs: Number.NaN }, /outputs .* not NaN/],
  [{ quantiles: [0.9, 0.1] }, /quantiles must rise within \(0, 1\), not \[0.9, 0.1\]/],
  [{ quantiles: [0.1, 1] }, /quantiles must rise/],
  [{ quantiles: [0.1, 0.5, 0.9] }, /outputs must be horizons x 3 quantiles, and 2 is not/],
];

for (const [own, message] of specs) {
  test(`no network of ${JSON.stringify(own)}`, (t) => {
    const bad = { ...spec, ...own };
    t.throws(() => engine.load(bad, weights), { instanceOf: RangeError, message });
    t.throws(() => engine.trainer(bad, adam, weights), { instanceOf: RangeError, message });
  });
}

test('weights of another shape, or not finite, are refused by name and place', (t) => {
  const other = initialWeights({ ...spec, hidden: 4 }, 1);
  t.throws(() => engine.load(spec, other), { message: /"weight_ih" must have 24 numbers, not 32/ });
  const bad = { ...weights, head_bias: spoilt(weights.head_bias, 1, Number.NaN) };
  t.throws(() => engine.load(spec, bad), { message: /"head_bias"\[1\] is NaN/ });
  const { m, v, ...state } = engine.trainer(spec, adam, weights).state();
  t.throws(() => engine.trainer(spec, adam, { ...state, m, v: bad }), {
    message: /moment v "head_bias"\[1\]/,
  });
});

test('inputs of a wrong shape or not finite are refused by place', (t) => {
  const network = engine.load(spec, weights);
  const trainer = engine.trainer(spec, adam, weights);
  const bad = spoilt(given.x, 2 * 5 * 2 + 3 * 2 + 1, Number.NEGATIVE_INFINITY);
  for (const run of [
    (more: object) => network.forward(given.x, { ...given, ...more }),
    (more: object) => trainer.step({ ...given, ...more }),
  ]) {
    t.throws(() => run({ batch: 3 }), { message: /x .* must have 3 x 5 x 2 numbers, not 40/ });
    t.throws(() => run({ steps: 0 }), { message: /steps must be a whole number from 1, not 0/ });
    t.throws(() => run({ mask: new Uint8Array(3) }), { message: /mask .* 4 x 5 numbers, not 3/ });
    const short = { h: new Float32Array(12), c: new Float32Array(3) };
    t.throws(() => run({ state: short }), { message: /state.c .* 4 x 3 numbers, not 3/ });
    const wild = { h: new Float32Array(12), c: new Float32Array(12).fill(Number.NaN, 7) };
    t.throws(() => run({ state: wild }), { message: /state.c\[2\]\[1\] is not finite/ });
  }
  t.throws(() => network.forward(bad, given), {
    instanceOf: RangeError,
    message: /x\[2\]\[3\]\[1\] is not finite/,
  });
  t.throws(() => trainer.step({ ...given, x: bad }), { message: /x\[2\]\[3\]\[1\] is not finite/ });
  t.throws(() => network.forward(given.x, { ...given, out: new Float32Array(7) }), {
    message: /out .* 4 x 2/,
  });
  t.throws(() => engine.forward([network, network, network], given.x, given), {
    message: /each of 3 networks/,
  });
});

test('a refused batch leaves nothing behind that the next one meets', (t) => {
  const network = engine.load(spec, weights);
  const state = () => ({ h: new Float32Array(12), c: new Float32Array(12) });
  const want = network.forward(given.x, { ...given, state: state() });
  const all = new Float32Array(400).fill(Number.NaN);
  t.throws(() => network.forward(all, { batch: 4, steps: 50 }), {
    message: /x\[0\]\[0\]\[0\] is not finite/,
  });
  t.deepEqual(network.forward(given.x, { ...given, state: state() }), want);
});

test('targets and their weights are checked, and a refused batch changes nothing', (t) => {
  const trainer = engine.trainer(spec, adam, weights);
  t.throws(() => trainer.step({ ...given, y: given.y.subarray(1) }), {
    message: /y .* must have 4 x 2 numbers, not 7/,
  });
  t.throws(() => trainer.step({ ...given, y: spoilt(given.y, 5, Number.NaN) }), { message: /y\[2\]\[1\]/ });
  t.throws(() => trainer.step({ ...given, weight: new Float32Array(8) }), {
    message: /not all 0; their sum is 0/,
  });
  t.throws(() => trainer.step({ ...given, weight: new Float32Array(8).fill(-1) }), {
    message: /not negative/,
  });
  t.throws(() => trainer.step({ ...given, y: given.y.map(() => 1e30) }), {
    message: /the loss is Infinity at step 1/,
  });
  t.deepEqual(trainer.weights(), weights);
  t.is(trainer.state().steps, 0);
});

test('optimisers with impossible constants are refused', (t) => {
  for (const own of [{ rate: 0 }, { rate: Number.NaN }, { beta1: 1 }, { beta2: -0.1 }, { epsilon: 0 }]) {
    t.throws(() => engine.trainer(spec, { ...adam, ...own }, weights), {
      message: /optimiser needs rate > 0/,
    });
  }
});

test('what was disposed of says so', (t) => {
  const network = engine.load(spec, weights);
  network.dispose();
  network.dispose();
  t.throws(() => network.forward(given.x, given), { message: /disposed of/ });
  const trainer = engine.trainer(spec, adam, weights);
  const view = trainer.network();
  trainer.dispose();
  t.throws(() => trainer.step(given), { message: /disposed of/ });
  t.throws(() => view.forward(given.x, given), { message: /disposed of/ });
});
