import * as tf from '@tensorflow/tfjs-core';
import { filterGradient } from './conv2d-filter.ts';
import { inputGradient } from './conv2d-input.ts';
import { slice, split, unpack } from './parts.ts';

type Call = Parameters<tf.KernelFunc>[0];
/** `undefined` leaves a call to the backend's own kernel. */
type Kernel = (call: Call) => tf.TensorInfo | tf.Tensor[] | undefined;

/**
 * What training on the wasm backend of TensorFlow.js 4.22 lacks, or has many times slower than its own convolutions and
 * products could do it. To be called when the backend is loaded and before it starts.
 */
export function registerWasmKernels(): void {
  for (const [name, ours] of Object.entries(kernels)) {
    const own = tf.getKernel(name, 'wasm');
    if (registered.has(own?.kernelFunc as tf.KernelFunc)) continue;
    const kernelFunc: tf.KernelFunc = (call) =>
      tf.tidy(() => ours(call) as tf.Tensor) ?? own!.kernelFunc(call);
    registered.add(kernelFunc);
    if (own) tf.unregisterKernel(name, 'wasm');
    tf.registerKernel({ ...own, kernelName: name, backendName: 'wasm', kernelFunc });
  }
}

const registered = new WeakSet<tf.KernelFunc>();

const kernels: Readonly<Record<string, Kernel>> = {
  [tf.Conv2DBackpropFilter]: ({ inputs, attrs }) =>
    filterGradient(inputs['x'] as tf.Tensor4D, inputs['dy'] as tf.Tensor4D, attrs as never),
  [tf.Conv2DBackpropInput]: ({ inputs, attrs }) => {
    const own = attrs as unknown as tf.Conv2DBackpropInputAttrs;
    if (own.dataFormat !== 'NHWC' || [own.strides].flat().some((stride) => stride > 1)) return undefined;
    return inputGradient(inputs['dy'] as tf.Tensor4D, inputs['filter'] as tf.Tensor4D, own);
  },
  // A product with a transposed factor takes the backend ten times as long as transposing it first.
  [tf.BatchMatMul]: ({ inputs, attrs }) => {
    const [a, b] = [inputs['a'] as tf.Tensor, inputs['b'] as tf.Tensor];
    const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs;
    if (!(transposeA || transposeB) || [a, b].some(({ shape }) => isBatch(shape))) return undefined;
    return tf.matMul(transposeA ? turned(a) : a, transposeB ? turned(b) : b);
  },
  [tf.Slice]: ({ inputs, attrs, backend }) => {
    const x = inputs['x'] as tf.TensorInfo;
    return x.dtype === 'string' ? undefined : slice(x, attrs as never, backend as never);
  },
  [tf.SplitV]: ({ inputs, attrs }) => split(inputs['x'] as tf.Tensor, attrs as never),
  [tf.Unpack]: ({ inputs, attrs }) => unpack(inputs['value'] as tf.Tensor, attrs as never),
};

const isBatch = (shape: readonly number[]) => shape.slice(0, -2).some((size) => size > 1);

const turned = (x: tf.Tensor) => {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
};
