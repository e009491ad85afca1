import * as tf from '@tensorflow/tfjs-core';

/**
 * x [..., height, width, inputs] with a kernel [k, k, inputs, outputs], zero-padded to the same height and width. A
 * kernel of extent 1 is a matrix product, which every backend has, and its gradients too.
 */
export function convolve(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  if (kernel.shape[0] === 1) return pointwise(x, kernel);
  return tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same');
}

/** x [..., inputs] with a kernel whose last two sizes are [inputs, outputs]. */
export function pointwise(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  const [inputs, outputs] = kernel.shape.slice(-2) as [number, number];
  const product = tf.matMul(tf.reshape(x, [-1, inputs]), tf.reshape(kernel, [inputs, outputs]));
  return tf.reshape(product, [...x.shape.slice(0, -1), outputs]);
}
