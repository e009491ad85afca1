import * as tf from '@tensorflow/tfjs-core';

/**
 * The gradient of a convolution's input, where its stride is 1: a convolution by the kernel turned by half a turn. The
 * wasm backend has its own, in plain loops, which takes eight times as long.
 */
export function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { inputShape, strides, pad, dimRoundingMode }: tf.Conv2DBackpropInputAttrs,
): tf.Tensor {
  const { padInfo, filterHeight, filterWidth } = tf.backend_util.computeConv2DInfo(
    inputShape,
    filter.shape,
    strides,
    1,
    pad as 'same',
    dimRoundingMode,
  );
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(dy, turned as tf.Tensor4D, 1, [
    [0, 0],
    [filterHeight - 1 - padInfo.top, filterHeight - 1 - padInfo.bottom],
    [filterWidth - 1 - padInfo.left, filterWidth - 1 - padInfo.right],
    [0, 0],
  ]);
}
