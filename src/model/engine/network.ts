import { batchOf, checkFinite, readState, type State, writeState } from './batch.ts';
import type { Heap } from './heap.ts';
import type { Kernels } from './kernels.ts';
import { layoutOf, pack } from './layout.ts';
import type { Scratch } from './scratch.ts';
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
  readonly #kernels: Kernels;
  readonly #heap: Heap;
  readonly #scratch: Scratch;
  #weights: number;

  constructor(kernels: Kernels, heap: Heap, scratch: Scratch, spec: LstmSpec, weights: Weights) {
    checkSpec(spec);
    checkWeights(spec, weights);
    this.spec = spec;
    this.#kernels = kernels;
    this.#heap = heap;
    this.#scratch = scratch;
    const { count } = layoutOf(spec);
    this.#weights = heap.allocate(count * 4);
    pack(spec, weights, heap.floats(this.#weights, count));
  }

  /**
   * x [batch, steps, inputs] to [batch, outputs]. A row's result has the same bits in every batch. Throws a
   * RangeError where a length is not of the shape, or a number of x is not finite.
   */
  forward(x: Float32Array, options: ForwardOptions): Float32Array {
    const { batch, steps, mask, state } = options;
    const { inputs, hidden, outputs, head } = this.spec;
    if (!this.#weights) throw new Error('this network was disposed of');
    batchOf(this.spec, x, batch, steps, mask, state);
    const out = options.out ?? new Float32Array(batch * outputs);
    if (out.length !== batch * outputs) {
      throw new RangeError(`out must have ${batch} x ${outputs} numbers, not ${out.length}`);
    }
    const { padded, head: headAt } = layoutOf(this.spec);
    const stride = Math.min(batch, rowsTogether);
    const rows = state ? batch * padded * 4 : 0;
    const [xAt, maskAt, hAt, cAt, workAt, outAt] = this.#scratch.cut([
      x.length * 4,
      mask?.length ?? 0,
      rows,
      rows,
      4 * padded * stride * 4,
      out.length * 4,
    ]);
    this.#heap.floats(xAt, x.length).set(x);
    checkFinite(this.#kernels, 'x', xAt, x.length, [batch, steps, inputs]);
    if (mask) this.#heap.bytes(maskAt, mask.length).set(mask);
    if (state) writeState(this.#heap, state, hidden, padded, hAt, cAt);
    // biome-ignore format: grouped as in the kernel's signature
    this.#kernels.infer(this.#weights, inputs, padded, this.#weights + headAt * 4, outputs, head === 'relu' ? 1 : 0,
      xAt, batch, steps, maskAt, hAt, cAt, workAt, stride, outAt);
    if (state) readState(this.#heap, state, hidden, padded, hAt, cAt);
    out.set(this.#heap.floats(outAt, out.length));
    return out;
  }

  /** Gives its memory back. */
  dispose(): void {
    if (this.#weights) this.#heap.release(this.#weights);
    this.#weights = 0;
  }
}
