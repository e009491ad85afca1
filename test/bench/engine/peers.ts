// Who is timed in the engine's benchmark: the study's network on each. A peer answers milliseconds a call.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { initialWeights, uniform } from '../../../src/model/engine/initial.ts';
import type { Simd } from '../../../src/model/engine/kernels.ts';

export type What = 'forward' | 'train';

export interface Peer {
  readonly name: string;
  time(what: What, batch: number, steps: number, times: number): Promise<number>;
  close(): void;
}

export const spec = { inputs: 1, hidden: 32, outputs: 3, head: 'relu' } as const;

const random = uniform(1);
const floats = (length: number) => Float32Array.from({ length }, random);
const cache = new Map<string, { x: Float32Array; y: Float32Array }>();

function data(batch: number, steps: number) {
  const key = `${batch} ${steps}`;
  const made = cache.get(key) ?? { x: floats(batch * steps), y: floats(batch * 3) };
  cache.set(key, made);
  return made;
}

function clock(times: number, call: () => void): number {
  const start = performance.now();
  for (let n = 0; n < times; n++) call();
  return (performance.now() - start) / times;
}

export function enginePeer(simd: Simd): Peer {
  const engine = createEngine({ simd });
  const weights = initialWeights(spec, 1);
  const network = engine.load(spec, weights);
  const trainer = engine.trainer(spec, { kind: 'adam', rate: 1e-5 }, weights);
  return {
    name: `engine ${simd}`,
    time: async (what, batch, steps, times) => {
      const given = { ...data(batch, steps), batch, steps };
      return clock(times, () => (what === 'train' ? trainer.step(given) : network.forward(given.x, given)));
    },
    close: () => {},
  };
}

export async function tfjsPeer(): Promise<Peer> {
  // As it comes, without the kernels that we register for training (model/networks/wasm-kernels).
  setWasmPaths(fileURLToPath(new URL('.', import.meta.resolve('@tensorflow/tfjs-backend-wasm'))));
  await tf.setBackend('wasm');
  const lstm = { units: 32, recurrentActivation: 'sigmoid', recurrentInitializer: 'glorotUniform' } as const;
  const model = layers.sequential({
    layers: [
      layers.layers.lstm({ ...lstm, inputShape: [null, 1] }),
      layers.layers.dense({ units: 3, activation: 'relu' }),
    ],
  });
  const adam = tf.train.adam(1e-5);
  const step = (x: tf.Tensor, y: tf.Tensor) =>
    adam.minimize(
      () => tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar,
    );
  return {
    name: `tfjs ${tf.version_core} wasm`,
    time: async (what, batch, steps, times) => {
      const given = data(batch, steps);
      const [x, y] = [tf.tensor3d(given.x, [batch, steps, 1]), tf.tensor2d(given.y, [batch, 3])];
      const forward = () => tf.tidy(() => void (model.predict(x) as tf.Tensor).dataSync());
      const took = clock(times, what === 'train' ? () => step(x, y) : forward);
      tf.dispose([x, y]);
      return took;
    },
    close: () => {},
  };
}

/** PyTorch on one thread, where `python3` (or REDTIDE_PYTHON) has it. */
export async function pytorchPeer(): Promise<Peer | undefined> {
  const script = fileURLToPath(new URL('pytorch-lstm.py', import.meta.url));
  const child = spawn(process.env['REDTIDE_PYTHON'] ?? 'python3', [script], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const hello = await lines.next();
  if (hello.done) return undefined;
  const { torch, cpu } = JSON.parse(hello.value) as { torch: string; cpu: string };
  return {
    name: `PyTorch ${torch} ${cpu}, one thread`,
    time: async (...order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      return Number((await lines.next()).value);
    },
    close: () => child.stdin.end(),
  };
}
