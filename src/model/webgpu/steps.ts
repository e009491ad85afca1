import type { Training } from '../engine/fit.ts';
import { scalarsAt } from '../engine/optimizer.ts';
import { shuffled } from '../engine/order.ts';
import { targetsOf } from '../engine/spec.ts';

/** Bytes from one step's uniforms to the next: what WebGPU promises that an offset can be a multiple of. */
export const stepBytes = 256;

/** The steps of an epoch: for each its first place in the order, and its windows. */
export function stepsOf({
  train,
  batch,
  tail,
}: Training): { readonly first: number; readonly size: number }[] {
  const end = tail === 'drop' ? train.windows - (train.windows % batch) : train.windows;
  if (end < 1) throw new RangeError(`${train.windows} windows are less than one batch of ${batch}`);
  return Array.from({ length: Math.ceil(end / batch) }, (_, n) => ({
    first: n * batch,
    size: Math.min(batch, end - n * batch),
  }));
}

/** Adam's memory between epochs. */
export interface Taken {
  steps: number;
  muProduct: number;
}

/** The uniforms of all steps of an epoch, as the kernels' `Step` has them. */
export function uniformsOf(
  { train, optimizer }: Training,
  models: number,
  steps: ReturnType<typeof stepsOf>,
  taken: Taken,
): ArrayBuffer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimizer;
  const bytes = new ArrayBuffer(steps.length * stepBytes);
  steps.forEach(({ first, size }, index) => {
    const { fromM, fromG, root, muProduct } = scalarsAt(optimizer, ++taken.steps, taken.muProduct);
    taken.muProduct = muProduct;
    new Uint32Array(bytes, index * stepBytes, 12).set([first, size, index, train.windows], 0);
    new Float32Array(bytes, index * stepBytes, 12).set([fromM, fromG, root, epsilon, beta1, beta2], 4);
    new Uint32Array(bytes, index * stepBytes, 12).set([models], 10);
  });
  return bytes;
}

/** [model][window]: which window comes when, in an epoch from 0. */
export function ordersOf(jobs: readonly Training[], epoch: number): Uint32Array<ArrayBuffer> {
  const { windows } = jobs[0]!.train;
  const all = new Uint32Array(jobs.length * windows);
  jobs.forEach(({ shuffle, seed }, model) => {
    const order = shuffle
      ? shuffled(windows, seed, epoch)
      : Uint32Array.from({ length: windows }, (_, n) => n);
    all.set(order, model * windows);
  });
  return all;
}

/** [step][model]: 1 over the terms of the mean, the weights of the targets times the levels. */
export function scalesOf(
  jobs: readonly Training[],
  orders: Uint32Array,
  steps: ReturnType<typeof stepsOf>,
): Float32Array<ArrayBuffer> {
  const { spec, train } = jobs[0]!;
  const targets = targetsOf(spec);
  const perWindow = Float64Array.from({ length: train.windows }, (_, window) => {
    if (!train.weight) return spec.outputs;
    const own = train.weight.subarray(window * targets, (window + 1) * targets);
    return (own.reduce((a, b) => a + b, 0) * spec.outputs) / targets;
  });
  return Float32Array.from({ length: steps.length * jobs.length }, (_, at) => {
    const { first, size } = steps[Math.floor(at / jobs.length)]!;
    const from = (at % jobs.length) * train.windows + first;
    let terms = 0;
    for (let n = from; n < from + size; n++) terms += perWindow[orders[n]!]!;
    return 1 / terms;
  });
}
