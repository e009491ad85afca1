import type { Training } from '../engine/fit.ts';
import { checkSpec, checkWeights, type Weights } from '../engine/spec.ts';
import { type Buffer, type Device, mapRead, usage } from './device.ts';
import { compile, type Kernels } from './kernels.ts';
import { kernelProblem, lstmKernel, offsetsOf } from './lstm-kernel.ts';
import { packed, unpacked } from './parameters.ts';
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
  readonly #kernels: Kernels;

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
    let error: { readonly message: string } | null = null;
    let training: GpuTraining;
    try {
      training = new GpuTraining(device, jobs, starts);
    } finally {
      const errors = [await device.popErrorScope(), await device.popErrorScope()];
      error = errors.find((one) => one) ?? null;
    }
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
    this.#kernels = compile(
      device,
      lstmKernel({ spec, steps: train.steps, groups: this.#groups }),
      Object.values(this.#buffers),
    );
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
    const sizes = {
      now: [steps * stepBytes, uniform | to],
      x: [this.#pool.x.byteLength, storage | to],
      y: [this.#pool.y.byteLength, storage | to],
      order: [4 * models * this.#longest, storage | to],
      turns: [turnBytes(steps, models), storage | to],
      state: [12 * models * count, storage | to | from],
      partial: [4 * models * this.#groups * (count + 1), storage],
      tape: [4 * models * this.#groups * train.steps * 6 * spec.hidden, storage],
      loss: [4 * models * steps, storage | from],
    } as const;
    checkSizes(sizes, this.#device);
    const make = ([size, as]: readonly [number, number]) => this.#device.createBuffer({ size, usage: as });
    return Object.fromEntries(Object.entries(sizes).map(([name, one]) => [name, make(one)])) as Record<
      keyof typeof sizes,
      Buffer
    >;
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

/** Before any is made: what was made would stay on the device. */
function checkSizes(sizes: Readonly<Record<string, readonly [number, number]>>, { limits }: Device): void {
  const most = limits.maxStorageBufferBindingSize;
  const large = Object.entries(sizes).find(([, [size]]) => size > most);
  if (large)
    throw new RangeError(
      `${large[0]} of the training takes ${large[1][0]} bytes, and the GPU binds ${most}: train fewer at once`,
    );
}
