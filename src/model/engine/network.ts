import { expect, type Inputs, place, takeState } from './batch.ts';
import type { Core } from './core.ts';
import { layoutOf, pack } from './layout.ts';
import { checkSpec, checkWeights, type LstmSpec, type Weights } from './spec.ts';

export interface ForwardOptions extends Omit<Inputs, 'x'> {
  /** [batch, outputs], filled and returned instead of a fresh array. */
  readonly out?: Float32Array;
}

/** Rows that go through the steps together: their state and a block of weights fit the nearest cache. */
const rowsTogether = 48;

/** A network in the engine's memory, for inference. */
export class Network {
  readonly spec: LstmSpec;
  readonly #core: Core;
  readonly #weights: () => number;
  readonly #release: () => void;

  /** `weights` answers where they are, in the kernels' layout, or 0 once they are gone. */
  constructor(core: Core, spec: LstmSpec, weights: () => number, release: () => void) {
    this.#core = core;
    this.spec = spec;
    this.#weights = weights;
    this.#release = release;
  }

  /**
   * x [batch, steps, inputs] to [batch, outputs]. A row's result has the same bits in every batch. Throws a
   * RangeError where a length is not of the shape, or a number of x is not finite.
   */
  forward(x: Float32Array, options: ForwardOptions): Float32Array {
    const weights = this.#weights();
    if (!weights) throw new Error('this network was disposed of');
    const { kernels, heap } = this.#core;
    const { batch, steps } = options;
    const { inputs, outputs, head } = this.spec;
    const { padded, head: headAt } = layoutOf(this.spec);
    const given = { ...options, x };
    const stride = Math.min(batch, rowsTogether);
    const more = [8 * padded * stride * 4, batch * outputs * 4] as const;
    const [at, workAt, outAt] = place(this.#core, this.spec, padded, given, more);
    const out = options.out ?? new Float32Array(batch * outputs);
    expect('out (batch x outputs)', out.length, [batch, outputs]);
    // biome-ignore format: grouped as in the kernel's signature
    kernels.infer(weights, inputs, padded, weights + headAt * 4, outputs, head === 'relu' ? 1 : 0,
      at.x, batch, steps, at.mask, at.h, at.c, workAt, stride, outAt);
    takeState(this.#core, padded, given, at);
    out.set(heap.floats(outAt, out.length));
    return out;
  }

  /** Gives its memory back. */
  dispose(): void {
    this.#release();
  }
}

/** A network with weights of its own. */
export function load(core: Core, spec: LstmSpec, weights: Weights): Network {
  checkSpec(spec);
  checkWeights(spec, weights);
  const { count } = layoutOf(spec);
  let at = core.heap.allocate(count * 4);
  pack(spec, weights, core.heap.floats(at, count));
  const release = () => {
    core.heap.release(at);
    at = 0;
  };
  return new Network(core, spec, () => at, release);
}
