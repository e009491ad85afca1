import * as tf from '@tensorflow/tfjs-core';

/**
 * The gradient of a convolution's kernel, which the wasm backend lacks, by matrix products: what lies under the kernel
 * at one of its positions, for all places of the output at once, times the gradient of the output.
 */
function filterGradient({ inputs, attrs }: Parameters<tf.KernelFunc>[0]): tf.Tensor {
  const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
  const { strides, pad, dimRoundingMode, filterShape, dataFormat } =
    attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  if (dataFormat !== 'NHWC') throw new Error(`wasm: the gradient of a kernel needs NHWC, not ${dataFormat}`);
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    pad as 'same',
    dimRoundingMode,
  );
  return tf.tidy(() => {
    const { top, bottom, left, right } = info.padInfo;
    const padded = tf.pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const gradient = tf.reshape(dy, [-1, info.outChannels]);
    const places = Array.from({ length: info.filterHeight * info.filterWidth }, (_, n) => {
      const under = beneath(padded, info, Math.floor(n / info.filterWidth), n % info.filterWidth);
      return tf.matMul(tf.transpose(tf.reshape(under, [-1, info.inChannels])), gradient);
    });
    return tf.reshape(tf.concat(places, 0), filterShape);
  });
}

/** What lies under the kernel's position [row, column], by place of the output. */
function beneath(
  padded: tf.Tensor4D,
  info: tf.backend_util.Conv2DInfo,
  row: number,
  column: number,
): tf.Tensor {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, inChannels } = info;
  return tf.stridedSlice(
    padded,
    [0, row, column, 0],
    [
      batchSize,
      row + (outHeight - 1) * strideHeight + 1,
      column + (outWidth - 1) * strideWidth + 1,
      inChannels,
    ],
    [1, strideHeight, strideWidth, 1],
  );
}

/** Once the wasm backend is loaded; a version of it that has the kernel keeps its own. */
export function registerFilterGradient(): void {
  if (tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')) return;
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: filterGradient as unknown as tf.KernelFunc,
  });
}
