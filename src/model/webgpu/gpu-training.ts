import type { Training } from '../engine/fit.ts';
import { checkSpec, checkWeights, type Weights, weightNames, weightSizes } from '../engine/spec.ts';
import { type Buffer, type Device, mapRead, usage } from './device.ts';
import { kernelProblem, lstmKernel, offsetsOf } from './lstm-kernel.ts';
import { ordersOf, scalesOf, stepBytes, stepsOf, type Taken, uniformsOf } from './steps.ts';

/** Workgroups of a model, so many windows of a batch go through at once. */
const mostGroups = 64;
/** Steps of the optimiser in one submission: a driver ends what keeps the device for seconds. */
const together = 64;

/** Why these can't be trained together on the GPU; undefined where they can. */
export function trainingProblem(jobs: readonly Training[]): string | undefined {
  const [one] = jobs;
  if (!one) return 'there is nothing to train';
  const shape = (job: Training) => JSON.stringify([job.spec, job.optimizer, job.batch, job.tail]);
  if (jobs.some((job) => job.train !== one.train || shape(job) !== shape(one)))
    return 'models that are trained together must share windows, shape, optimiser and batch';
  if (one.stateful) return 'it carries state from batch to batch';
  if (one.validation) return 'it is judged on other windows after each epoch';
  if (one.train.mask) return 'its windows have masked steps';
  return kernelProblem(one.spec);
}

/** Many networks of one shape that learn from the same windows, on one device, epoch by epoch. */
export class GpuTraining {
  readonly #device: Device;
  readonly #jobs: readonly Training[];
  readonly #steps: ReturnType<typeof stepsOf>;
  readonly #groups: number;
  readonly #buffers: Record<
    'now' | 'x' | 'y' | 'order' | 'scale' | 'state' | 'partial' | 'tape' | 'loss',
    Buffer
  >;
  readonly #kernels: { readonly gradients: object; readonly descend: object; readonly group: object };
  readonly #taken: Taken = { steps: 0, muProduct: 1 };

  /** @throws {RangeError} for what the device can't hold, what is not finite, and what `trainingProblem` names. */
  static async open(
    device: Device,
    jobs: readonly Training[],
    starts: readonly Weights[],
  ): Promise<GpuTraining> {
    const problem = trainingProblem(jobs);
    if (problem)
      throw new RangeError(`this network can't be trained on the GPU: ${problem}; use backend engine`);
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const training = new GpuTraining(device, jobs, starts);
    const error = (await device.popErrorScope()) ?? (await device.popErrorScope());
    if (!error) return training;
    training.dispose();
    throw new Error(`the GPU refuses the training: ${error.message}`);
  }

  private constructor(device: Device, jobs: readonly Training[], starts: readonly Weights[]) {
    const [{ spec, train, batch }] = jobs as [Training];
    checkSpec(spec);
    for (const start of starts) checkWeights(spec, start);
    for (const name of ['x', 'y', 'weight'] as const) checkFinite(name, train[name]);
    this.#device = device;
    this.#jobs = jobs;
    this.#steps = stepsOf(jobs[0]!);
    this.#groups = Math.min(mostGroups, batch);
    const { count } = offsetsOf(spec);
    const models = jobs.length;
    const { storage, to, from, uniform } = usage;
    const make = (name: string, bytes: number, more = 0) => this.#buffer(name, bytes, storage | to | more);
    this.#buffers = {
      now: this.#buffer('the steps', this.#steps.length * stepBytes, uniform | to),
      x: make('the inputs', train.x.byteLength),
      y: make('the targets', 2 * train.y.byteLength),
      order: make('the order', 4 * models * train.windows),
      scale: make('the scales', 4 * models * this.#steps.length),
      state: make('the weights', 12 * models * count, from),
      partial: make('the gradients', 4 * models * this.#groups * (count + 1)),
      tape: make('the states of the steps', 4 * models * this.#groups * train.steps * 6 * spec.hidden),
      loss: make('the losses', 4 * models * this.#steps.length, from),
    };
    this.#kernels = this.#compile(lstmKernel({ spec, steps: train.steps, groups: this.#groups }));
    this.#write('x', train.x);
    this.#write('y', train.y);
    const weights = train.weight ?? new Float32Array(train.y.length).fill(1);
    device.queue.writeBuffer(this.#buffers.y, train.y.byteLength, plain(weights));
    this.#write('state', packed(starts, count));
  }

  /** One epoch of all models; the mean of each model's batches' losses, each before its step. */
  async epoch(number: number): Promise<number[]> {
    const orders = ordersOf(this.#jobs, number);
    this.#write('order', orders);
    this.#write('scale', scalesOf(this.#jobs, orders, this.#steps));
    const models = this.#jobs.length;
    this.#write('now', new Uint8Array(uniformsOf(this.#jobs[0]!, models, this.#steps, this.#taken)));
    for (let from = 0; from < this.#steps.length; from += together) this.#submit(from);
    const losses = new Float32Array(await this.#read('loss', 4 * models * this.#steps.length));
    const windows = this.#steps.reduce((sum, { size }) => sum + size, 0);
    return this.#jobs.map((_, model) =>
      this.#steps.reduce((sum, { size }, n) => sum + (losses[n * models + model]! * size) / windows, 0),
    );
  }

  /** The weights of each model as they are now. */
  async weights(): Promise<Weights[]> {
    const { spec } = this.#jobs[0]!;
    const { count } = offsetsOf(spec);
    const all = new Float32Array(await this.#read('state', 12 * this.#jobs.length * count));
    return this.#jobs.map((_, model) => unpacked(spec, all.subarray(3 * model * count)));
  }

  /** Gives its memory on the device back. */
  dispose(): void {
    for (const buffer of Object.values(this.#buffers)) buffer.destroy();
  }

  #submit(from: number): void {
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const models = this.#jobs.length;
    const blocks = Math.ceil((offsetsOf(this.#jobs[0]!.spec).count + 1) / 64);
    for (let step = from; step < Math.min(from + together, this.#steps.length); step++) {
      pass.setBindGroup(0, this.#kernels.group, [step * stepBytes]);
      pass.setPipeline(this.#kernels.gradients);
      pass.dispatchWorkgroups(this.#groups, models);
      pass.setPipeline(this.#kernels.descend);
      pass.dispatchWorkgroups(blocks, models);
    }
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  #compile(code: string) {
    const device = this.#device;
    const module = device.createShaderModule({ code });
    const kinds = ['uniform', ...Array(4).fill('read-only-storage'), ...Array(4).fill('storage')];
    const entries = kinds.map((type, binding) => ({
      ...{ binding, visibility: 4 },
      buffer: { type, hasDynamicOffset: type === 'uniform' },
    }));
    const layout = device.createBindGroupLayout({ entries });
    const pipeline = device.createPipelineLayout({ bindGroupLayouts: [layout] });
    const kernel = (entryPoint: string) =>
      device.createComputePipeline({ layout: pipeline, compute: { module, entryPoint } });
    const group = device.createBindGroup({
      layout,
      entries: Object.values(this.#buffers).map((buffer, binding) => ({
        binding,
        resource: { buffer, ...(binding === 0 && { size: 48 }) },
      })),
    });
    return { gradients: kernel('gradients'), descend: kernel('descend'), group };
  }

  #buffer(what: string, bytes: number, as: number): Buffer {
    const most = this.#device.limits.maxStorageBufferBindingSize;
    if (bytes > most)
      throw new RangeError(
        `${what} of the training take ${bytes} bytes, and the GPU binds ${most}: train fewer at once`,
      );
    return this.#device.createBuffer({ size: Math.ceil(bytes / 4) * 4, usage: as });
  }

  #write(name: 'now' | 'x' | 'y' | 'order' | 'scale' | 'state', data: ArrayBufferView): void {
    this.#device.queue.writeBuffer(this.#buffers[name], 0, plain(data));
  }

  async #read(name: 'state' | 'loss', bytes: number): Promise<ArrayBuffer> {
    const copy = this.#device.createBuffer({ size: bytes, usage: usage.read | usage.to });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#buffers[name], 0, copy, 0, bytes);
    this.#device.queue.submit([encoder.finish()]);
    const lost = this.#device.lost.then(({ message }) =>
      Promise.reject(new Error(`the GPU was lost: ${message}`)),
    );
    try {
      await Promise.race([copy.mapAsync(mapRead), lost]);
      return copy.getMappedRange().slice(0);
    } finally {
      copy.destroy();
    }
  }
}

/** On a GPU a number that is not finite may come out as any other (WGSL 15.7). */
function checkFinite(name: string, numbers: Float32Array = new Float32Array()): void {
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new RangeError(
      `${name}[${bad}] is ${numbers[bad]}: fill or mask gaps before the network sees them`,
    );
}

/** WebGPU takes no view of shared memory. */
const plain = (data: ArrayBufferView): ArrayBufferView<ArrayBuffer> =>
  data.buffer instanceof ArrayBuffer
    ? (data as ArrayBufferView<ArrayBuffer>)
    : new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

/** [model][weights, first moments, second moments]; the moments are 0 at first. */
function packed(starts: readonly Weights[], count: number): Float32Array {
  const all = new Float32Array(3 * count * starts.length);
  starts.forEach((start, model) => {
    let at = 3 * count * model;
    for (const name of weightNames) {
      all.set(start[name], at);
      at += start[name].length;
    }
  });
  return all;
}

function unpacked(spec: Training['spec'], from: Float32Array): Weights {
  const sizes = weightSizes(spec);
  let at = 0;
  const tensors = weightNames.map((name) => [name, from.slice(at, (at += sizes[name]))]);
  return Object.fromEntries(tensors) as unknown as Weights;
}
