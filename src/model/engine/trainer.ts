import { checkFinite, place, takeState } from './batch.ts';
import type { Core } from './core.ts';
import { type Layout, layoutOf, pack, unpack } from './layout.ts';
import { Network } from './network.ts';
import { checkOptimizer, defaults, type Optimizer, scalarsAt } from './optimizer.ts';
import { checkSpec, checkWeights, type LstmSpec, targetsOf, type Weights } from './spec.ts';
import { type Batch, termsOf } from './targets.ts';

/** All that training needs to go on with the same bits after a restart. */
export interface TrainerState {
  /** Optimiser steps taken. */
  readonly steps: number;
  /** Nadam's product of momenta; 1 for Adam. */
  readonly muProduct: number;
  readonly weights: Weights;
  /** First and second moment, in the layout of the weights. */
  readonly m: Weights;
  readonly v: Weights;
}

/** Bytes that a block of rows may take; beyond, it takes fewer rows. */
const blockBytes = 32 * 2 ** 20;
const rowsTogether = 64;

/**
 * Trains one network. The loss is the mean over the batch's targets of the squared error, or, with quantiles, the
 * mean of the pinball losses of all levels (Koenker and Bassett 1978).
 */
export class Trainer {
  readonly spec: LstmSpec;
  readonly #optimizer: Optimizer;
  readonly #core: Core;
  readonly #layout: Layout;
  /** Weights, gradients, m, v, one after the other; then the transposed recurrent weights and the levels. */
  #at: number;
  #steps: number;
  #muProduct: number;

  constructor(core: Core, spec: LstmSpec, optimizer: Optimizer, start: Weights | TrainerState) {
    checkSpec(spec);
    checkOptimizer(optimizer);
    this.spec = spec;
    this.#optimizer = optimizer;
    this.#core = core;
    this.#layout = layoutOf(spec);
    const { count, padded } = this.#layout;
    const { weights, m, v, steps, muProduct } = 'weights' in start ? start : fresh(start);
    checkWeights(spec, weights);
    if (m) checkWeights(spec, m, 'moment m');
    if (v) checkWeights(spec, v, 'moment v');
    const levels = spec.quantiles ?? [];
    this.#at = core.heap.allocate((4 * count + 4 * padded * padded + levels.length) * 4);
    core.heap.floats(this.#at, 4 * count).fill(0);
    core.heap.floats(this.#levels, levels.length).set(levels);
    pack(spec, weights, this.#part(0));
    if (m) pack(spec, m, this.#part(2));
    if (v) pack(spec, v, this.#part(3));
    this.#steps = steps;
    this.#muProduct = muProduct;
  }

  /** One optimiser step; answers the loss before it. Throws a RangeError for wrong shapes and non-finite numbers. */
  step(batch: Batch): number {
    const loss = this.#backpropagate(batch);
    if (!Number.isFinite(loss)) {
      throw new RangeError(
        `the loss is ${loss} at step ${this.#steps + 1}: lower the rate or scale the data`,
      );
    }
    const { beta1, beta2, epsilon } = { ...defaults, ...this.#optimizer };
    const next = scalarsAt(this.#optimizer, ++this.#steps, this.#muProduct);
    this.#muProduct = next.muProduct;
    const [p, g, m, v] = [0, 1, 2, 3].map((n) => this.#pointer(n)) as [number, number, number, number];
    // biome-ignore format: grouped as in the kernel's signature
    this.#core.kernels.descend(p, g, m, v, this.#layout.count, beta1, 1 - beta1, beta2, 1 - beta2, next.fromM, next.fromG,
      next.root, epsilon);
    return loss;
  }

  /** Loss and gradients without a step. */
  gradients(batch: Batch): { loss: number; gradients: Weights } {
    const loss = this.#backpropagate(batch);
    return { loss, gradients: unpack(this.spec, this.#part(1)) };
  }

  /** Forecasts with the weights as they are at each call. */
  network(): Network {
    return new Network(
      this.#core,
      this.spec,
      () => this.#at,
      () => {},
    );
  }

  weights(): Weights {
    return unpack(this.spec, this.#part(0));
  }

  /** For a checkpoint: give it to a new trainer instead of weights, and it goes on with the same bits. */
  state(): TrainerState {
    const [weights, m, v] = [0, 2, 3].map((n) => unpack(this.spec, this.#part(n))) as [
      Weights,
      Weights,
      Weights,
    ];
    return { steps: this.#steps, muProduct: this.#muProduct, weights, m, v };
  }

  /** Gives its memory back. */
  dispose(): void {
    if (this.#at) this.#core.heap.release(this.#at);
    this.#at = 0;
  }

  #pointer(part: number): number {
    if (!this.#at) throw new Error('this trainer was disposed of');
    return this.#at + part * this.#layout.count * 4;
  }

  #part(part: number): Float32Array {
    return this.#core.heap.floats(this.#pointer(part), this.#layout.count);
  }

  get #levels(): number {
    return this.#pointer(4) + 4 * this.#layout.padded ** 2 * 4;
  }

  #backpropagate(given: Batch): number {
    const { spec } = this;
    const { heap, kernels } = this.#core;
    const { y, batch, steps, weight } = given;
    const { padded, head, count } = this.#layout;
    const stride = strideFor(batch, steps, padded);
    const work = padded * stride * (7 * steps + 5) + stride * spec.outputs;
    const more = [y.length * 4, (weight?.length ?? 0) * 4, work * 4] as const;
    const [at, yAt, weightAt, workAt] = place(this.#core, spec, padded, given, more);
    const terms = termsOf(spec, given);
    heap.floats(yAt, y.length).set(y);
    checkFinite(kernels, 'y', yAt, y.length, [batch, targetsOf(spec)]);
    if (weight) heap.floats(weightAt, weight.length).set(weight);
    const w = this.#pointer(0);
    // biome-ignore format: grouped as in the kernel's signature
    const loss = kernels.gradients(w, this.#pointer(1), this.#pointer(4), spec.inputs, padded, w + head * 4,
      spec.outputs, spec.head === 'relu' ? 1 : 0, spec.biases ?? 2, count, at.x, batch, steps, at.mask, at.h, at.c, yAt,
      weightAt, spec.quantiles?.length ?? 0, this.#levels, 1 / terms, workAt, stride);
    takeState(this.#core, padded, given, at);
    return loss;
  }
}

/** Before the first step: no moments, that is 0. */
const fresh = (weights: Weights) => ({ weights, m: undefined, v: undefined, steps: 0, muProduct: 1 });

/** Rows of a block: a multiple of 4, as many as the bytes allow. */
function strideFor(batch: number, steps: number, padded: number): number {
  const fit = Math.floor(blockBytes / (padded * (7 * steps + 5) * 4) / 4) * 4;
  return Math.max(4, Math.min(rowsTogether, fit, Math.ceil(batch / 4) * 4));
}
