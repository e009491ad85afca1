import type { TestFn } from 'ava';
import fc from 'fast-check';
import { createEngine } from '../../../src/model/engine/engine.ts';
import type { Simd } from '../../../src/model/engine/kernels.ts';
import { distance, type Shape, sample, worst } from './random.ts';
import { finalState, forward, gradients, toFloat64 } from './reference.ts';

/** Multiply-adds that the reference may take: the ranges are wide, and it is slow. */
const affordable = 4e6;
const work = ({ spec: { inputs, hidden }, batch, steps }: Shape) =>
  batch * steps * 4 * hidden * (inputs + hidden + 8);

/** 1 to `most`, small numbers as likely as large ones. */
const size = (most: number) =>
  fc.oneof(
    fc.constantFrom(1, 2, 3, most),
    fc.double({ min: 0, max: 1, noNaN: true }).map((v) => Math.floor(most ** v)),
  );

const levels = [undefined, [0.5], [0.05, 0.5, 0.95]];

export const shapes = fc
  .record({
    inputs: size(32),
    hidden: size(256),
    batch: size(512),
    steps: size(512),
    horizons: fc.integer({ min: 1, max: 7 }),
    quantiles: fc.constantFrom(...levels),
    head: fc.constantFrom('linear' as const, 'relu' as const),
    biases: fc.constantFrom(1 as const, 2 as const),
    masked: fc.boolean(),
    weighted: fc.boolean(),
    stateful: fc.boolean(),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
  })
  .map(({ inputs, hidden, horizons, quantiles, head, biases, ...rest }): Shape => {
    const outputs = horizons * (quantiles?.length ?? 1);
    return { spec: { inputs, hidden, outputs, head, biases, ...(quantiles && { quantiles }) }, ...rest };
  })
  .filter((shape) => work(shape) < affordable);

/** float32 against float64: in units of the largest number of a tensor, at least 0.5 for outputs and states. */
const tolerance = { output: 2e-6, gradient: 2e-5 };

/** The properties of exactness, for one of the two builds. */
export function holdsExactly(test: TestFn, simd: Simd): void {
  const engine = createEngine({ simd });

  test(`${simd}: outputs and states agree with the reference, for random shapes`, (t) => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { weights, given } = sample(shape);
        const network = engine.load(shape.spec, weights);
        const want = forward(shape.spec, toFloat64(weights), given);
        const state = finalState(shape.spec, toFloat64(weights), given);
        const off = [
          distance(network.forward(given.x, given), want, 0.5),
          distance(given.state?.h ?? state.h, state.h, 0.5),
          distance(given.state?.c ?? state.c, state.c, 0.5),
        ];
        network.dispose();
        return Math.max(...off) <= tolerance.output;
      }),
      { numRuns: 120 },
    );
    t.pass();
  });

  test(`${simd}: losses and gradients agree with the reference, for random shapes`, (t) => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { weights, given } = sample(shape);
        const want = gradients(shape.spec, toFloat64(weights), given);
        const trainer = engine.trainer(shape.spec, { kind: 'adam', rate: 1e-3 }, weights);
        const got = trainer.gradients(given);
        trainer.dispose();
        const lossOff = distance([got.loss], [want.loss], 1e-3);
        return lossOff <= 1e-5 && worst(got.gradients, want.gradients) <= tolerance.gradient;
      }),
      { numRuns: 120 },
    );
    t.pass();
  });

  for (const [title, hidden, batch, steps] of [
    ['the widest network and the largest batch', 256, 512, 3],
    ['the widest network and the longest window', 256, 6, 512],
    ['no multiple of anything', 61, 131, 7],
  ] as const) {
    test(`${simd}: ${title}`, (t) => {
      const spec = { inputs: 32, hidden, outputs: 5, head: 'linear' as const };
      const { weights, given } = sample({ spec, batch, steps, seed: 5 });
      const [first, last] = [0, batch - 1];
      const weight = new Float32Array(batch * 5)
        .fill(0)
        .fill(1, 0, 5)
        .fill(1, last * 5);
      const trainer = engine.trainer(spec, { kind: 'adam', rate: 1e-3 }, weights);
      const got = trainer.gradients({ ...given, weight });
      const output = trainer.network().forward(given.x, given);
      trainer.dispose();
      const pick = (from: Float32Array) => {
        const width = from.length / batch;
        return Float32Array.from(
          [first, last].flatMap((r) => [...from.subarray(r * width, (r + 1) * width)]),
        );
      };
      const two = { batch: 2, steps, x: pick(given.x), y: pick(given.y) };
      const p = toFloat64(weights);
      t.true(distance(pick(output), forward(spec, p, two), 0.5) <= tolerance.output);
      t.true(worst(got.gradients, gradients(spec, p, two).gradients) <= tolerance.gradient);
    });
  }
}
