/**
 * The fused LSTM engine: inference and training of one-layer LSTMs with a dense head, in WebAssembly with SIMD.
 *
 *     const engine = createEngine();
 *     const network = engine.load(spec, weights);               // weights in PyTorch's layout
 *     network.forward(x, { batch, steps });                     // [batch, steps, inputs] -> [batch, outputs]
 *
 *     const trainer = engine.trainer(spec, { kind: 'adam', rate: 1e-3 }, initialWeights(spec, seed));
 *     const loss = trainer.step({ x, y, batch, steps });        // y [batch, outputs]
 *     trainer.weights();                                        // for the artifact
 *     trainer.state();                                          // for a checkpoint: engine.trainer(.., state) goes on
 *
 * All arrays are row-major Float32Arrays. Everything is synchronous. Errors are RangeErrors that name the argument
 * and the place: wrong lengths, numbers that are not finite.
 *
 * Many networks: `engine.forward(networks, x, ..)` here, and train-many.ts trains them over worker threads, with early
 * stopping, checkpoints and stateful batches (order.ts explains their trap).
 *
 * Exact within float32: outputs and states within 2e-6, gradients within 2e-5 of the largest number of their tensor,
 * against float64, for 1 to 256 units, 512 rows, 512 steps; TensorFlow.js and PyTorch alike (test/model/engine).
 * TensorFlow.js defines the networks; keras.ts converts.
 *
 * Same input, same bits: a row's forecast does not depend on the batch it is in, nor training on the number of
 * workers. The build without fused multiply-add (`fixed`) gives the same bits on every machine; the one with it
 * (`relaxed`) is a third faster, and its last bits may differ on a processor without the instruction.
 */

import { createCore } from './core.ts';
import { bestSimd, type Simd } from './kernels.ts';
import { type ForwardOptions, load, type Network } from './network.ts';
import type { Optimizer } from './optimizer.ts';
import type { LstmSpec, Weights } from './spec.ts';
import { Trainer, type TrainerState } from './trainer.ts';

export interface Engine {
  /** `relaxed`: the build with fused multiply-add. */
  readonly simd: Simd;
  /** Bytes of WebAssembly memory: the most that was in use at once. */
  readonly memory: number;
  load(spec: LstmSpec, weights: Weights): Network;
  /** Many networks at once: x [networks, batch, steps, inputs], the answers [batch, outputs] of each, in order. */
  forward(
    networks: readonly Network[],
    x: Float32Array,
    options: Omit<ForwardOptions, 'state' | 'out'>,
  ): Float32Array[];
  /** Starts from weights, or goes on from a state. */
  trainer(spec: LstmSpec, optimizer: Optimizer, start: Weights | TrainerState): Trainer;
}

/** Throws where the runtime has not the SIMD asked for; by default the best that it validates is taken. */
export function createEngine({ simd = bestSimd() }: { simd?: Simd } = {}): Engine {
  const core = createCore(simd);
  return {
    simd,
    get memory() {
      return core.heap.size;
    },
    load: (spec, weights) => load(core, spec, weights),
    forward: forwardAll,
    trainer: (spec, optimizer, start) => new Trainer(core, spec, optimizer, start),
  };
}

function forwardAll(networks: readonly Network[], x: Float32Array, options: ForwardOptions): Float32Array[] {
  const each = x.length / networks.length;
  if (networks.length && !Number.isInteger(each)) {
    throw new RangeError(
      `x must hold one batch for each of ${networks.length} networks, not ${x.length} numbers`,
    );
  }
  return networks.map((network, n) => network.forward(x.subarray(n * each, (n + 1) * each), options));
}
