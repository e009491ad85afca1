import type { Training } from '../engine/fit.ts';
import { scalarsAt } from '../engine/optimizer.ts';
import { shuffled } from '../engine/order.ts';
import { targetsOf } from '../engine/spec.ts';
import type { Pool } from './pool.ts';

/** Bytes from one step's uniforms to the next: what WebGPU promises that an offset can be a multiple of. */
export const stepBytes = 256;
/** Windows that a step judges, which learns nothing from them. */
const judgedAtOnce = 1024;
/** Numbers of the kernels' `Turn`. */
const turnNumbers = 8;

/** What a model does in a step: takes windows of its order, and learns from them, or is judged on them. */
interface Turn {
  readonly first: number;
  readonly size: number;
  readonly learns: boolean;
}

/** What one model does in an epoch, step by step. */
export function turnsOf({ train, validation, batch, tail }: Training): Turn[] {
  const end = tail === 'drop' ? train.windows - (train.windows % batch) : train.windows;
  if (end < 1) throw new RangeError(`${train.windows} windows are less than one batch of ${batch}`);
  const judged = slices(validation?.windows ?? 0, judgedAtOnce);
  return [
    ...slices(end, batch).map((slice) => ({ ...slice, learns: true })),
    ...judged.map(({ first, size }) => ({ first: train.windows + first, size, learns: false })),
  ];
}

const slices = (end: number, most: number) =>
  Array.from({ length: Math.ceil(end / most) }, (_, n) => ({
    first: n * most,
    size: Math.min(most, end - n * most),
  }));

/** Places in the pool of what a model learns from, in the order of an epoch from 0, then of what it is judged on. */
export function orderOf(
  { train, validation, shuffle, seed }: Training,
  pool: Pool,
  epoch: number,
): Uint32Array {
  const judged = validation?.windows ?? 0;
  const order = new Uint32Array(train.windows + judged);
  const own = shuffle ? shuffled(train.windows, seed, epoch) : undefined;
  for (let n = 0; n < train.windows; n++) order[n] = pool.firstOf(train) + (own?.[n] ?? n);
  for (let n = 0; n < judged; n++) order[train.windows + n] = pool.firstOf(validation!) + n;
  return order;
}

/** Adam's memory between epochs. */
export interface Taken {
  steps: number;
  muProduct: number;
}

export interface Course {
  readonly job: Training;
  readonly turns: readonly Turn[];
  readonly order: Uint32Array;
  readonly taken: Taken;
}

/** [step][model]: the `Turn`s of an epoch. A model without a course, or at its end, has empty ones. */
export function packTurns(
  courses: readonly (Course | undefined)[],
  pool: Pool,
  longest: number,
): ArrayBuffer {
  const steps = Math.max(0, ...courses.map((course) => course?.turns.length ?? 0));
  const bytes = new ArrayBuffer(4 * turnNumbers * steps * courses.length);
  courses.forEach((course, model) => {
    if (!course) return;
    const { job, turns, order, taken } = course;
    const termsOf = termsIn(job, pool, order);
    const judged = turns.filter(({ learns }) => !learns).reduce((sum, turn) => sum + termsOf(turn), 0);
    turns.forEach((turn, step) => {
      const at = 4 * turnNumbers * (step * courses.length + model);
      const whole = new Uint32Array(bytes, at, turnNumbers);
      whole.set([model * longest + turn.first, turn.size, turn.learns ? 1 : 0]);
      const scale = 1 / (turn.learns ? termsOf(turn) : judged);
      const { fromM, fromG, root } = turn.learns ? next(job, taken) : { fromM: 0, fromG: 0, root: 1 };
      new Float32Array(bytes, at, turnNumbers).set([scale, fromM, fromG, root], 3);
    });
  });
  return bytes;
}

function next({ optimizer }: Training, taken: Taken) {
  const scalars = scalarsAt(optimizer, ++taken.steps, taken.muProduct);
  taken.muProduct = scalars.muProduct;
  return scalars;
}

/** Terms of the mean over some windows: the weights of their targets, times the levels. */
function termsIn({ spec }: Training, { y, windows }: Pool, order: Uint32Array) {
  const targets = targetsOf(spec);
  const weights = y.subarray(windows * targets);
  return ({ first, size }: Turn): number => {
    let sum = 0;
    for (const window of order.subarray(first, first + size))
      for (let n = 0; n < targets; n++) sum += weights[window * targets + n]!;
    return (sum * spec.outputs) / targets;
  };
}

/** The uniforms of the steps of an epoch, as the kernels' `Step` has them. */
export function packSteps(
  { optimizer }: Training,
  models: number,
  steps: number,
  { windows }: Pool,
): ArrayBuffer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimizer;
  const bytes = new ArrayBuffer(steps * stepBytes);
  for (let index = 0; index < steps; index++) {
    new Uint32Array(bytes, index * stepBytes, 3).set([index, models, windows]);
    new Float32Array(bytes, index * stepBytes + 12, 3).set([epsilon, beta1, beta2]);
  }
  return bytes;
}

export const turnBytes = (steps: number, models: number) => 4 * turnNumbers * steps * models;

/** The losses of a model's epoch, from [step][model]. */
export function epochLosses(
  turns: readonly Turn[],
  lossAt: (step: number) => number,
): { readonly train: number; readonly validation?: number } {
  let [sum, windows, judged] = [0, 0, 0];
  turns.forEach(({ size, learns }, step) => {
    if (learns) {
      sum += lossAt(step) * size;
      windows += size;
    } else judged += lossAt(step);
  });
  const hasJudged = turns.at(-1)!.learns === false;
  return { train: sum / windows, ...(hasJudged && { validation: judged }) };
}
