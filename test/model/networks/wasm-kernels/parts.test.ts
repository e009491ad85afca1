// tfjs-core's build for Node registers no gradients; loading the layers does.
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';

const parts = fc
  .array(
    fc
      .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 }))
      .map(([begin, size, after]) => ({ begin, size, length: begin + size + after })),
    { minLength: 1, maxLength: 6 },
  )
  .chain((axes) => fc.tuple(fc.constant(axes), fc.nat(axes.length - 1)));

/** Its places in a larger array are what an array of places keeps. */
const places = (shape: number[]) =>
  tf.reshape(
    tf.range(
      0,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

const flat = (nested: unknown) => (Array.isArray(nested) ? nested : [nested]).flat(9) as number[];

for (const backend of ['cpu', 'wasm'] as const)
  test.serial(`${backend}: parts of arrays of many axes are those asked for`, async (t) => {
    await chooseTfjs(backend);
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(parts, ([axes, axis]) => {
        const shape = axes.map(({ length }) => length);
        const { begin, size } = axes[axis]!;
        tf.tidy(() => {
          const whole = places(shape);
          const nested = whole.arraySync() as unknown;
          const cut = tf.slice(
            whole,
            axes.map((own) => own.begin),
            axes.map((own) => own.size),
          );
          t.deepEqual(cut.arraySync() as unknown, taken(nested, axes));
          const sizes = [begin, size, shape[axis]! - begin - size].filter((length) => length > 0);
          tf.split(whole, sizes, axis).forEach((part, n) => {
            const from = sizes.slice(0, n).reduce((a, b) => a + b, 0);
            const only = { begin: from, size: sizes[n]!, length: shape[axis]! };
            const others = axes.map(({ length }) => ({ begin: 0, size: length, length }));
            t.deepEqual(part.arraySync() as unknown, taken(nested, others.with(axis, only)));
          });
          tf.unstack(whole, axis).forEach((part, n) => {
            const others = axes.map(({ length }) => ({ begin: 0, size: length, length }));
            const only = { begin: n, size: 1, length: shape[axis]! };
            t.deepEqual(part.shape, shape.toSpliced(axis, 1));
            t.deepEqual(flat(part.arraySync()), flat(taken(nested, others.with(axis, only))));
          });
        });
      }),
      { numRuns: 60 },
    );
    t.is(tf.memory().numTensors, before);
  });

interface Span {
  readonly begin: number;
  readonly size: number;
}

function taken(nested: unknown, [first, ...rest]: readonly Span[]): unknown {
  if (!first) return nested;
  const own = (nested as unknown[]).slice(first.begin, first.begin + first.size);
  return own.map((inner) => taken(inner, rest));
}
