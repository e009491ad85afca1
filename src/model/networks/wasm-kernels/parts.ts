import * as tf from '@tensorflow/tfjs-core';

/** What a kernel needs of the wasm backend: its heap, seen as arrays. */
interface Heap {
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
}

/**
 * A part of an array, copied from the heap to the heap. The backend's own kernel first copies the whole array out of
 * the heap for every part, and those of more than four axes number by number; a network that reads its steps one after
 * another spent most of its time there.
 */
export function slice(x: tf.TensorInfo, attrs: tf.SliceAttrs, heap: Heap): tf.TensorInfo {
  const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size);
  const out = heap.makeOutput(size, x.dtype);
  // After the output was made: the heap moves when it grows.
  copy(heap.typedArrayFromHeap(x), heap.typedArrayFromHeap(out), spans(x.shape, begin!, size!));
  return out;
}

interface Span {
  readonly length: number;
  readonly begin: number;
  readonly size: number;
}

/** The axes of a part; one that is taken whole is one with the axis before it. */
function spans(shape: readonly number[], begin: readonly number[], size: readonly number[]): Span[] {
  const joined: Span[] = [{ length: 1, begin: 0, size: 1 }];
  for (const [axis, length] of shape.entries()) {
    const own = { length, begin: begin[axis]!, size: size[axis]! };
    joined.push(own.size === length ? times(joined.pop()!, length) : own);
  }
  return joined;
}

const times = ({ length, begin, size }: Span, by: number): Span => ({
  length: length * by,
  begin: begin * by,
  size: size * by,
});

function copy(from: Float32Array, to: Float32Array, axes: readonly Span[]): void {
  let place = 0;
  const walk = (axis: number, offset: number) => {
    const { begin, size } = axes[axis]!;
    if (axis === axes.length - 1) {
      copyRow(from, to, offset + begin, place, size);
      place += size;
      return;
    }
    const next = axes[axis + 1]!.length;
    for (let i = begin; i < begin + size; i++) walk(axis + 1, (offset + i) * next);
  };
  walk(0, 0);
}

/** Short rows are copied by hand: a view of the array would cost more than they do. */
function copyRow(from: Float32Array, to: Float32Array, source: number, target: number, size: number): void {
  if (size > 24) to.set(from.subarray(source, source + size), target);
  else for (let n = 0; n < size; n++) to[target + n] = from[source + n]!;
}

export function split(x: tf.Tensor, { numOrSizeSplits, axis }: tf.SplitVAttrs): tf.Tensor[] {
  const sizes = tf.backend_util.prepareSplitSize(x, numOrSizeSplits, axis);
  let begin = 0;
  return sizes.map((size) => {
    const part = along(x, axis, begin, size);
    begin += size;
    return part;
  });
}

export function unpack(x: tf.Tensor, { axis }: tf.UnpackAttrs): tf.Tensor[] {
  const at = axis < 0 ? axis + x.rank : axis;
  return Array.from({ length: x.shape[at]! }, (_, n) =>
    tf.reshape(along(x, at, n, 1), x.shape.toSpliced(at, 1)),
  );
}

const along = (x: tf.Tensor, axis: number, begin: number, size: number) =>
  tf.slice(x, x.shape.map(() => 0).with(axis, begin), x.shape.with(axis, size));
