import type { Training } from '../engine/fit.ts';
import { initialWeights } from '../engine/initial.ts';
import { engineBackend } from '../engine-backend.ts';
import type { LstmBackend, Trained, Watch } from '../lstm-backend.ts';
import { adapterOf, adapterText } from './adapter.ts';
import type { Opened } from './device.ts';
import { GpuTraining, trainingProblem } from './gpu-training.ts';

/**
 * Trains on the GPU that was opened, and forecasts with the engine, as every edge will. What the kernel does not know
 * (state from batch to batch, masked steps) the engine trains.
 */
export function webgpuBackend(opened: Opened): LstmBackend {
  const engine = engineBackend();
  return {
    ...engine,
    name: `webgpu (${adapterText(adapterOf(opened.info))})`,
    train: async (job, watch) => {
      if (trainingProblem([job])) return engine.train!(job, watch);
      const [trained] = await trainOnGpu(opened, [job], watch);
      return trained!;
    },
  };
}

/**
 * Trains networks of one shape on the same windows to the end, together; `onEpoch` tells the mean of their losses.
 *
 * @throws where a loss is not finite, and what `GpuTraining.open` does.
 */
export async function trainOnGpu(
  { device }: Opened,
  jobs: readonly Training[],
  { onEpoch, signal }: Watch,
): Promise<Trained[]> {
  const starts = jobs.map(({ spec, seed, start }) => start ?? initialWeights(spec, seed));
  const training = await GpuTraining.open(device, jobs, starts);
  const losses: number[][] = jobs.map(() => []);
  try {
    for (let epoch = 0; epoch < jobs[0]!.epochs; epoch++) {
      const means = await training.epoch(epoch);
      const bad = means.find((loss) => !Number.isFinite(loss));
      if (bad !== undefined)
        throw new Error(`the loss of epoch ${epoch + 1} is ${bad}; lower the learning rate`);
      means.forEach((loss, model) => losses[model]!.push(loss));
      onEpoch(epoch + 1, means.reduce((a, b) => a + b, 0) / means.length);
      signal?.throwIfAborted();
    }
    return (await training.weights()).map((weights, model) => ({ weights, losses: losses[model]! }));
  } finally {
    training.dispose();
  }
}
