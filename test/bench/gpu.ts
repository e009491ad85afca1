/**
 * Training on the GPU against the engine on all cores: the study's network, LSTM(1, 32), head 3, 24 steps, batches of
 * 128; 1, 8 and 32 models at once, each with windows of its own. Time of one epoch of all models, after a first one that
 * starts threads and compiles kernels. `ratio` is the engine's time over the GPU's, the median of paired rounds. Where
 * Vulkan has no GPU, name a driver in software in VK_ICD_FILENAMES; the lines say what it was.
 */
import { availableParallelism, cpus } from 'node:os';
import type { Training } from '../../src/model/engine/fit.ts';
import { initialWeights, uniform } from '../../src/model/engine/initial.ts';
import { trainMany } from '../../src/model/engine/train-many.ts';
import { type Adapter, adapterOf } from '../../src/model/webgpu/adapter.ts';
import { type Device, openDevice } from '../../src/model/webgpu/device.ts';
import { GpuTraining } from '../../src/model/webgpu/gpu-training.ts';

const batch = 128;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const round = (value: number) => Number(value.toPrecision(3));

export async function run(print: (line: object) => void): Promise<void> {
  const opened = await openDevice();
  if ('problem' in opened) throw new Error(opened.problem);
  const adapter = adapterOf(opened.info);
  print({ node: process.version, cpu: cpus()[0]?.model, cores: availableParallelism(), ...adapter });
  for (const models of [1, 8, 32]) print(await compare(opened.device, adapter, models));
  opened.device.destroy();
}

/** In software one batch takes as long as an epoch should. */
async function compare(device: Device, { name, software }: Adapter, models: number): Promise<object> {
  const [windows, rounds] = software ? [128, 3] : [8192, 9];
  const jobs = Array.from({ length: models }, (_, n) => jobOf(windows, n));
  const training = await GpuTraining.open(
    device,
    jobs,
    jobs.map(({ spec, seed }) => initialWeights(spec, seed)),
  );
  const pairs: (readonly [engine: number, gpu: number])[] = [];
  for (let n = -1; n < rounds; n++) {
    const pair = [await engineTime(jobs), await gpuTime(training, n + 1)] as const;
    if (n >= 0) pairs.push(pair);
  }
  training.dispose();
  return {
    ...{ models, windows, batch, dispatches: 2 * Math.ceil(windows / batch), adapter: name, software },
    engineMs: round(median(pairs.map(([engine]) => engine))),
    webgpuMs: round(median(pairs.map(([, gpu]) => gpu))),
    ratio: round(median(pairs.map(([engine, gpu]) => engine / gpu))),
  };
}

function jobOf(windows: number, seed: number): Training {
  const next = uniform(seed + 1);
  const draw = (count: number) => Float32Array.from({ length: count }, next);
  return {
    spec: { inputs: 1, hidden: 32, outputs: 3, head: 'linear' },
    train: { windows, steps: 24, x: draw(24 * windows), y: draw(3 * windows) },
    optimizer: { kind: 'adam', rate: 1e-3 },
    ...{ batch, epochs: 4, seed },
  };
}

/** Ms of an epoch of all jobs, by the rate at which epochs end after the first one has. */
async function engineTime(jobs: readonly Training[]): Promise<number> {
  const ends: number[] = [];
  await trainMany(jobs, { onEpoch: () => ends.push(performance.now()) });
  return ((ends.at(-1)! - ends[0]!) / (ends.length - 1)) * jobs.length;
}

async function gpuTime(training: GpuTraining, epoch: number): Promise<number> {
  const from = performance.now();
  await training.epoch(epoch);
  return performance.now() - from;
}
