import test from 'ava';
import fc from 'fast-check';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { sample } from './random.ts';

const engine = createEngine();
const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

test("a row's forecast has the same bits alone, in any batch, at any place", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 120 }),
      fc.boolean(),
      fc.integer(),
      (hidden, inputs, batch, masked, seed) => {
        const spec = { inputs, hidden, outputs: 3, head: 'linear' as const };
        const { weights, given } = sample({ spec, batch, steps: 6, seed, masked });
        const network = engine.load(spec, weights);
        const together = network.forward(given.x, given);
        const width = 6 * inputs;
        for (let row = 0; row < batch; row++) {
          const mask = given.mask?.subarray(row * 6, row * 6 + 6);
          const x = given.x.subarray(row * width, (row + 1) * width);
          const alone = network.forward(x, { batch: 1, steps: 6, ...(mask && { mask }) });
          if (!bytes(alone).equals(bytes(together.subarray(row * 3, row * 3 + 3)))) return false;
        }
        network.dispose();
        return true;
      },
    ),
    { numRuns: 60 },
  );
  t.pass();
});

test('256 windows of the study have the bits of 256 single ones', (t) => {
  const spec = { inputs: 1, hidden: 32, outputs: 3, head: 'relu' as const };
  const { weights, given } = sample({ spec, batch: 256, steps: 24, seed: 3 });
  const network = engine.load(spec, weights);
  const alone = Array.from({ length: 256 }, (_, row) => [
    ...network.forward(given.x.subarray(row * 24, row * 24 + 24), { batch: 1, steps: 24 }),
  ]);
  t.deepEqual([...network.forward(given.x, given)], alone.flat());
});

test('many networks at once answer what each answers alone', (t) => {
  const networks = [3, 8, 17].map((hidden) => {
    const spec = { inputs: 2, hidden, outputs: hidden, head: 'linear' as const };
    return { spec, ...sample({ spec, batch: 5, steps: 4, seed: hidden }) };
  });
  const loaded = networks.map(({ spec, weights }) => engine.load(spec, weights));
  const x = Float32Array.from(networks.flatMap(({ given }) => [...given.x]));
  const answers = engine.forward(loaded, x, { batch: 5, steps: 4 });
  t.deepEqual(
    answers,
    networks.map(({ given }, n) => loaded[n]!.forward(given.x, given)),
  );
});

test('windows cut in two with the state between give the bits of the whole', (t) => {
  const spec = { inputs: 2, hidden: 11, outputs: 2, head: 'linear' as const };
  const { weights, given } = sample({ spec, batch: 3, steps: 10, seed: 4 });
  const network = engine.load(spec, weights);
  const state = { h: new Float32Array(33), c: new Float32Array(33) };
  const part = (from: number, to: number) =>
    Float32Array.from(
      [0, 1, 2].flatMap((r) => [...given.x.subarray((r * 10 + from) * 2, (r * 10 + to) * 2)]),
    );
  network.forward(part(0, 4), { batch: 3, steps: 4, state });
  t.deepEqual(network.forward(part(4, 10), { batch: 3, steps: 6, state }), network.forward(given.x, given));
});

test('training goes on from a state with the same bits, Adam and Nadam', (t) => {
  const spec = { inputs: 2, hidden: 9, outputs: 2, head: 'linear' as const };
  const { weights, given } = sample({ spec, batch: 6, steps: 5, seed: 5 });
  for (const kind of ['adam', 'nadam'] as const) {
    const run = (trainer: ReturnType<typeof engine.trainer>, steps: number) => {
      for (let n = 0; n < steps; n++) trainer.step(given);
      return trainer.state();
    };
    const whole = run(engine.trainer(spec, { kind, rate: 1e-2 }, weights), 20);
    const half = structuredClone(run(engine.trainer(spec, { kind, rate: 1e-2 }, weights), 7));
    t.deepEqual(run(createEngine().trainer(spec, { kind, rate: 1e-2 }, half), 13), whole);
  }
});
