import * as tf from '@tensorflow/tfjs-core';

/**
 * The gradient of a convolution's kernel, which the wasm backend lacks. It is a convolution too: of the input, with its
 * channels for a batch and its batch for channels, by the gradient of the output, with strides for dilations. Matrix
 * products for each place of the kernel take three times as long.
 */
export function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { strides, pad, dimRoundingMode, filterShape, dataFormat }: tf.Conv2DBackpropFilterAttrs,
): tf.Tensor {
  if (dataFormat !== 'NHWC') throw new Error(`wasm: the gradient of a kernel needs NHWC, not ${dataFormat}`);
  const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    pad as 'same',
    dimRoundingMode,
  );
  const { top, bottom, left, right } = padInfo;
  const margins: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const gradient = tf.conv2d(
    tf.transpose(tf.pad(x, margins), [3, 1, 2, 0]),
    tf.transpose(dy, [1, 2, 0, 3]),
    1,
    'valid',
    'NHWC',
    [strideHeight, strideWidth],
  );
  // Where a stride leaves rows at the border unread there is more than the kernel is large.
  const [height, width, inputs, outputs] = filterShape;
  const own = tf.slice(gradient, [0, 0, 0, 0], [inputs, height, width, outputs]);
  return tf.transpose(own, [1, 2, 0, 3]);
}
