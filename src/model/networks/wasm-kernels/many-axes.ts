import * as tf from '@tensorflow/tfjs-core';

/**
 * The wasm backend copies parts of arrays of up to four axes row by row, of more axes number by number, at a hundredth
 * of the speed. What these give is the same, by way of fewer axes.
 */
export function split(x: tf.Tensor, { numOrSizeSplits, axis }: tf.SplitVAttrs): tf.Tensor[] {
  const parts = tf.split(threeAxes(x, axis), numOrSizeSplits, 1);
  return parts.map((part) => tf.reshape(part, x.shape.with(axis, part.shape[1]!)));
}

export function unpack(x: tf.Tensor, { axis }: tf.UnpackAttrs): tf.Tensor[] {
  return tf.unstack(threeAxes(x, axis), 1).map((part) => tf.reshape(part, x.shape.toSpliced(axis, 1)));
}

/** What comes before an axis, the axis, and what comes after it. */
function threeAxes(x: tf.Tensor, axis: number): tf.Tensor {
  const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  return tf.reshape(x, [size(x.shape.slice(0, axis)), x.shape[axis]!, size(x.shape.slice(axis + 1))]);
}

interface Span {
  readonly length: number;
  readonly begin: number;
  readonly size: number;
}

/** An axis that is taken whole is one with the axis before it. */
export function slice(x: tf.Tensor, attrs: tf.SliceAttrs): tf.Tensor | undefined {
  const { begin, size } = attrs as { begin: number[]; size: number[] };
  const spans: Span[] = [];
  for (const [axis, length] of x.shape.entries()) {
    const own = { length, begin: begin[axis]!, size: size[axis]! < 0 ? length - begin[axis]! : size[axis]! };
    const before = own.size === length ? spans.pop() : undefined;
    spans.push(before ? times(before, length) : own);
  }
  if (spans.length > 4) return undefined;
  const part = tf.slice(
    tf.reshape(
      x,
      spans.map(({ length }) => length),
    ),
    spans.map(({ begin }) => begin),
    spans.map(({ size }) => size),
  );
  return tf.reshape(
    part,
    x.shape.map((length, axis) => (size[axis]! < 0 ? length - begin[axis]! : size[axis]!)),
  );
}

const times = ({ length, begin, size }: Span, by: number): Span => ({
  length: length * by,
  begin: begin * by,
  size: size * by,
});
