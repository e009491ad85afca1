import * as tf from '@tensorflow/tfjs-core';

/**
 * The square of `extent` by `extent` positions around each position, zeroes where it reaches beyond the border:
 * x [batch, height, width, channels] to [batch, height, width, extent * extent, channels], rows first.
 */
export function neighbourhood(x: tf.Tensor4D, extent: number): tf.Tensor5D {
  const [batch, height, width, channels] = x.shape;
  const reach = (extent - 1) / 2;
  const margin: [number, number] = [reach, reach];
  const padded = tf.pad(x, [[0, 0], margin, margin, [0, 0]]);
  const shifted = offsets(extent).map(([row, column]) =>
    tf.slice(padded, [0, row + reach, column + reach, 0], [batch, height, width, channels]),
  );
  return tf.reshape(tf.concat(shifted, 3), [batch, height, width, extent * extent, channels]);
}

/** Offsets [row, column] of the positions of a neighbourhood from its centre, in its order. */
export function offsets(extent: number): [number, number][] {
  const reach = (extent - 1) / 2;
  return Array.from({ length: extent * extent }, (_, n) => [
    Math.floor(n / extent) - reach,
    (n % extent) - reach,
  ]);
}

/** 1 where a neighbour lies within the image, else 0: [1, height, width, extent * extent, 1]. */
export function within(height: number, width: number, extent: number): tf.Tensor5D {
  const inside = Float32Array.from({ length: height * width * extent * extent }, (_, n) => {
    const [row, column] = offsetAt(n % extent ** 2, extent);
    const y = Math.floor(n / extent ** 2 / width) + row;
    const x = (Math.floor(n / extent ** 2) % width) + column;
    return y >= 0 && y < height && x >= 0 && x < width ? 1 : 0;
  });
  return tf.tensor5d(inside, [1, height, width, extent * extent, 1]);
}

const offsetAt = (n: number, extent: number): [number, number] => [
  Math.floor(n / extent) - (extent - 1) / 2,
  (n % extent) - (extent - 1) / 2,
];

/** @throws {Error} where a neighbourhood of this extent has no centre. */
export function checkExtent(extent: number): void {
  if (!Number.isInteger(extent) || extent < 1 || extent % 2 === 0)
    throw new Error(`extent must be odd, so that a neighbourhood has a centre, not ${extent}`);
}
