import { batchOf, checkFinite, readState, type State, writeState } from './batch.ts';
import type { Core } from './core.ts';
import { layoutOf, pack } from './layout.ts';
import { checkSpec, checkWeights, type LstmSpec, type Weights } from './spec.ts';

export interface ForwardOptions {
  readonly batch: number;
  readonly steps: number;
  /** [batch, steps]: where it is 0 the step is skipped, the state is carried over it (Keras' masking). */
  readonly mask?: Uint8Array;
  /** Taken as the state before the first step and overwritten with that after the last; without it both are zero. */
  readonly state?: State;
  /** [batch, outputs], filled and returned instead of a fresh array. */
  readonly out?: Float32Array;
}

/** Rows that go through the steps together: their state and a block of weights fit the first-level cache. */
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
    const { batch, steps, mask, state } = options;
    const { kernels, heap, scratch } = this.#core;
    const { inputs, hidden, outputs, head } = this.spec;
    const weights = this.#weights();
    if (!weights) throw new Error('this network was disposed of');
    batchOf(this.spec, x, batch, steps, mask, state);
    const out = options.out ?? new Float32Array(batch * outputs);
    if (out.length !== batch * outputs) {
      throw new RangeError(`out must have ${batch} x ${outputs} numbers, not ${out.length}`);
    }
    const { padded, head: headAt } = layoutOf(this.spec);
    const stride = Math.min(batch, rowsTogether);
    const rows = state ? batch * padded * 4 : 0;
    const [xAt, maskAt, hAt, cAt, workAt, outAt] = scratch.cut([
      x.length * 4,
      mask?.length ?? 0,
      rows,
      rows,
      8 * padded * stride * 4,
      out.length * 4,
    ]);
    heap.floats(xAt, x.length).set(x);
    checkFinite(kernels, 'x', xAt, x.length, [batch, steps, inputs]);
    if (mask) heap.bytes(maskAt, mask.length).set(mask);
    if (state) writeState(heap, state, hidden, padded, hAt, cAt);
    // biome-ignore format: grouped as in the kernel's signature
    kernels.infer(weights, inputs, padded, weights + headAt * 4, outputs, head === 'relu' ? 1 : 0,
      xAt, batch, steps, maskAt, hAt, cAt, workAt, stride, outAt);
    if (state) readState(heap, state, hidden, padded, hAt, cAt);
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
