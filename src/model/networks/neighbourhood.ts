import * as tf from '@tensorflow/tfjs-core';

/**
 * The square of `extent` by `extent` positions around each position, zeroes where it reaches beyond the border:
 * x [batch, height, width, channels] to [extent * extent, batch, height, width, channels], rows first. The neighbours
 * are the first axis since so the parts and their gradients are whole stretches of memory.
 */
export function neighbourhood(x: tf.Tensor4D, extent: number): tf.Tensor5D {
  const [batch, height, width, channels] = x.shape;
  const reach = (extent - 1) / 2;
  const margin: [number, number] = [reach, reach];
  const padded = tf.pad(x, [[0, 0], margin, margin, [0, 0]]);
  const shifted = offsets(extent).map(([row, column]) =>
    tf.slice(padded, [0, row + reach, column + reach, 0], [batch, height, width, channels]),
  );
  return tf.stack(shifted) as tf.Tensor5D;
}

/** Offsets [row, column] of the positions of a neighbourhood from its centre, in its order. */
export function offsets(extent: number): [number, number][] {
  const reach = (extent - 1) / 2;
  return Array.from({ length: extent * extent }, (_, n) => [
    Math.floor(n / extent) - reach,
    (n % extent) - reach,
  ]);
}

/** 1 where a neighbour lies within the image, else 0: [extent * extent, height, width]. */
export function within(height: number, width: number, extent: number): tf.Tensor3D {
  const inside = offsets(extent).flatMap(([row, column]) =>
    Array.from({ length: height * width }, (_, n) => {
      const [y, x] = [Math.floor(n / width) + row, (n % width) + column];
      return y >= 0 && y < height && x >= 0 && x < width ? 1 : 0;
    }),
  );
  return tf.tensor3d(inside, [extent * extent, height, width], 'float32');
}

/** @throws {Error} where a neighbourhood of this extent has no centre. */
export function checkExtent(extent: number): void {
  if (!Number.isInteger(extent) || extent < 1 || extent % 2 === 0)
    throw new Error(`extent must be odd, so that a neighbourhood has a centre, not ${extent}`);
}
