import type { Training } from '../engine/fit.ts';
import { checkSpec, checkWeights, type Weights, weightNames, weightSizes } from '../engine/spec.ts';
import { type Buffer, type Device, mapRead, usage } from './device.ts';
import { kernelProblem, lstmKernel, offsetsOf } from './lstm-kernel.ts';
import { type Pool, poolOf } from './pool.ts';
import {
  epochLosses,
  orderOf,
  packSteps,
  packTurns,
  stepBytes,
  type Taken,
  turnBytes,
  turnsOf,
} from './turns.ts';

/** Workgroups of a model, so many windows of a batch go through at once. */
const mostGroups = 64;
/** Steps of the optimiser in one submission: a driver ends what keeps the device for seconds. */
const together = 64;

/** Why these can't be trained together on the GPU; undefined where they can. */
export function trainingProblem(jobs: readonly Training[]): string | undefined {
  const [one] = jobs;
  if (!one) return 'there is nothing to train';
  const shape = ({ spec, optimizer, batch, tail, train, validation = train }: Training) =>
    JSON.stringify([spec, optimizer, batch, tail, train.steps, validation.steps]);
  if (jobs.some((job) => shape(job) !== shape(one)))
    return 'models that are trained together must share their shape, optimiser, batch and steps';
  if (jobs.some(({ stateful }) => stateful)) return 'it carries state from batch to batch';
  if (jobs.some(({ train, validation }) => train.mask ?? validation?.mask))
    return 'its windows have masked steps';
  return kernelProblem(one.spec);
}

/** Many networks of one shape that learn at once on one device, epoch by epoch, each from its own windows. */
export class GpuTraining {
  readonly #device: Device;
  readonly #jobs: readonly Training[];
  readonly #pool: Pool;
  readonly #groups: number;
  /** Windows of a model's order. */
  readonly #longest: number;
  readonly #turns: readonly ReturnType<typeof turnsOf>[];
  readonly #taken: readonly Taken[];
  readonly #buffers: Record<
    'now' | 'x' | 'y' | 'order' | 'turns' | 'state' | 'partial' | 'tape' | 'loss',
    Buffer
  >;
  readonly #kernels: { readonly gradients: object; readonly descend: object; readonly group: object };

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
    const errors = [await device.popErrorScope(), await device.popErrorScope()];
    const error = errors.find((one) => one);
    if (!error) return training;
    training.dispose();
    throw new Error(`the GPU refuses the training: ${error.message}`);
  }

  private constructor(device: Device, jobs: readonly Training[], starts: readonly Weights[]) {
    const [{ spec, train, batch }] = jobs as [Training];
    checkSpec(spec);
    for (const start of starts) checkWeights(spec, start);
    this.#device = device;
    this.#jobs = jobs;
    this.#pool = poolOf(jobs);
    this.#turns = jobs.map(turnsOf);
    this.#taken = jobs.map(() => ({ steps: 0, muProduct: 1 }));
    this.#longest = Math.max(
      ...jobs.map(({ train, validation }) => train.windows + (validation?.windows ?? 0)),
    );
    this.#groups = Math.min(mostGroups, batch);
    this.#buffers = this.#allocate();
    this.#kernels = this.#compile(lstmKernel({ spec, steps: train.steps, groups: this.#groups }));
    const steps = this.#steps(() => true);
    this.#write('now', packSteps(jobs[0]!, jobs.length, steps, this.#pool));
    this.#write('x', this.#pool.x);
    this.#write('y', this.#pool.y);
    this.#write('state', packed(starts, offsetsOf(spec).count));
  }

  /**
   * One epoch, from 0, of the models that are still `active`: the mean of its batches' losses, each before its step, and
   * the loss on what it is judged on after them.
   */
  async epoch(
    number: number,
    active: (model: number) => boolean = () => true,
  ): Promise<(ReturnType<typeof epochLosses> | undefined)[]> {
    const models = this.#jobs.length;
    const courses = this.#jobs.map((job, model) => {
      if (!active(model)) return undefined;
      const order = orderOf(job, this.#pool, number);
      this.#write('order', order, 4 * model * this.#longest);
      return { job, order, turns: this.#turns[model]!, taken: this.#taken[model]! };
    });
    this.#write('turns', packTurns(courses, this.#pool, this.#longest));
    const steps = this.#steps(active);
    for (let from = 0; from < steps; from += together) this.#submit(from, Math.min(from + together, steps));
    const losses = new Float32Array(await this.#read('loss', 4 * models * steps));
    return courses.map(
      (course, model) => course && epochLosses(course.turns, (step) => losses[step * models + model]!),
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

  /** Of an epoch of the models that are active. */
  #steps(active: (model: number) => boolean): number {
    return Math.max(0, ...this.#turns.map((turns, model) => (active(model) ? turns.length : 0)));
  }

  #allocate() {
    const [{ spec, train }] = this.#jobs as [Training];
    const { count } = offsetsOf(spec);
    const models = this.#jobs.length;
    const steps = this.#steps(() => true);
    const { storage, to, from, uniform } = usage;
    const make = (name: string, bytes: number, more = 0) => this.#buffer(name, bytes, storage | to | more);
    return {
      now: this.#buffer('the steps', steps * stepBytes, uniform | to),
      x: make('the inputs', this.#pool.x.byteLength),
      y: make('the targets', this.#pool.y.byteLength),
      order: make('the order', 4 * models * this.#longest),
      turns: make('the turns', turnBytes(steps, models)),
      state: make('the weights', 12 * models * count, from),
      partial: make('the gradients', 4 * models * this.#groups * (count + 1)),
      tape: make('the states of the steps', 4 * models * this.#groups * train.steps * 6 * spec.hidden),
      loss: make('the losses', 4 * models * steps, from),
    };
  }

  #submit(from: number, to: number): void {
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const models = this.#jobs.length;
    const blocks = Math.ceil((offsetsOf(this.#jobs[0]!.spec).count + 1) / 64);
    for (let step = from; step < to; step++) {
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
        resource: { buffer, ...(binding === 0 && { size: 24 }) },
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

  #write(
    name: 'now' | 'x' | 'y' | 'order' | 'turns' | 'state',
    data: ArrayBuffer | Float32Array | Uint32Array,
    at = 0,
  ): void {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : (data as Float32Array<ArrayBuffer>);
    this.#device.queue.writeBuffer(this.#buffers[name], at, bytes);
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
