// tfjs-core's build for Node registers no gradients; loading the layers does.
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';
import { type Doubles, fill, random, sum } from '../float64.ts';

const shapes = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 3, max: 7 }),
    width: fc.integer({ min: 3, max: 7 }),
    inputs: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 1, max: 3 }),
    columns: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    pad: fc.constantFrom('same' as const, 'valid' as const),
  })
  .map((shape) => ({ ...shape, ...padding(shape) }));

interface Sizes {
  readonly height: number;
  readonly width: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly pad: 'same' | 'valid';
}

/** Size of the output and margin above and to the left, as TensorFlow defines them. */
function padding({ height, width, rows, columns, stride, pad }: Sizes) {
  const along = (size: number, extent: number) => {
    if (pad === 'valid') return [Math.ceil((size - extent + 1) / stride), 0];
    const out = Math.ceil(size / stride);
    return [out, Math.floor(Math.max(0, (out - 1) * stride + extent - size) / 2)];
  };
  const [[high, top], [wide, left]] = [along(height, rows), along(width, columns)];
  return { high: high!, wide: wide!, top: top!, left: left! };
}

for (const backend of ['cpu', 'wasm'] as const)
  test.serial(`${backend}: both gradients of a convolution are those of its definition`, async (t) => {
    await chooseTfjs(backend);
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(shapes, (s) => {
        const x = random([s.batch, s.height, s.width, s.inputs], 1);
        const kernel = random([s.rows, s.columns, s.inputs, s.outputs], 2);
        const dy = random([s.batch, s.high, s.wide, s.outputs], 3);
        const inside = (row: number, column: number) =>
          row >= 0 && row < s.height && column >= 0 && column < s.width;
        const dKernel = fill(kernel.shape, (a, b, i, o) =>
          sum(s.batch, (n) =>
            sum(s.high, (y) =>
              sum(s.wide, (z) => {
                const [row, column] = [y * s.stride + a - s.top, z * s.stride + b - s.left];
                return inside(row, column) ? x.at(n, row, column, i) * dy.at(n, y, z, o) : 0;
              }),
            ),
          ),
        );
        const dx = fill(x.shape, (n, row, column, i) =>
          sum(s.high, (y) =>
            sum(s.wide, (z) => {
              const [a, b] = [row + s.top - y * s.stride, column + s.left - z * s.stride];
              if (a < 0 || a >= s.rows || b < 0 || b >= s.columns) return 0;
              return sum(s.outputs, (o) => kernel.at(a, b, i, o) * dy.at(n, y, z, o));
            }),
          ),
        );
        const got = gradients(x, kernel, dy, s);
        return apart(got[0]!, dx) < 1e-5 && apart(got[1]!, dKernel) < 1e-5;
      }),
      { numRuns: 60 },
    );
    t.is(tf.memory().numTensors, before);
  });

const tensor = <T extends tf.Tensor>({ data, shape }: Doubles) =>
  tf.tensor(Float32Array.from(data), [...shape]) as T;

function gradients(x: Doubles, kernel: Doubles, dy: Doubles, { stride, pad }: Sizes): Float32Array[] {
  return tf.tidy(() => {
    const convolved = (a: tf.Tensor, b: tf.Tensor) =>
      tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad);
    return tf
      .grads(convolved)([tensor(x), tensor(kernel)], tensor(dy))
      .map((gradient) => gradient.dataSync<'float32'>().slice());
  });
}

const apart = (got: Float32Array, expected: Doubles) =>
  Math.max(...expected.data.map((value, n) => Math.abs(value - got[n]!)));

for (const backend of ['cpu', 'wasm'] as const)
  test.serial(`${backend}: products with transposed factors are those of their definition`, async (t) => {
    await chooseTfjs(backend);
    for (const batch of [1, 3])
      for (const [transposeA, transposeB] of [
        [true, false],
        [false, true],
        [true, true],
        [false, false],
      ]) {
        const a = random(transposeA ? [batch, 4, 2] : [batch, 2, 4], 1);
        const b = random(transposeB ? [batch, 5, 4] : [batch, 4, 5], 2);
        const expected = fill([batch, 2, 5], (n, i, j) =>
          sum(
            4,
            (k) =>
              (transposeA ? a.at(n, k, i) : a.at(n, i, k)) * (transposeB ? b.at(n, j, k) : b.at(n, k, j)),
          ),
        );
        const got = tf.tidy(() =>
          tf.matMul(tensor(a), tensor(b), transposeA, transposeB).dataSync<'float32'>(),
        );
        t.true(apart(got, expected) < 1e-6, `${[batch, transposeA, transposeB]}`);
      }
  });
