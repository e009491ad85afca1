import type { Fitted, Training } from '../engine/fit.ts';
import { initialWeights } from '../engine/initial.ts';
import type { Failed, TrainManyOptions } from '../engine/train-many.ts';
import { engineBackend } from '../engine-backend.ts';
import type { LstmBackend } from '../lstm-backend.ts';
import { adapterOf, adapterText, hardwareOf } from './adapter.ts';
import type { Opened } from './device.ts';
import { GpuTraining, trainingProblem } from './gpu-training.ts';
import { Pupil } from './pupil.ts';

/**
 * Trains on the GPU that was opened, and forecasts with the engine, as every edge will. What the kernel does not know
 * (`trainingProblem`) the engine trains, or with `gpuOnly` nobody: the training is rejected with the reason.
 */
export function webgpuBackend(opened: Opened, gpuOnly = false): LstmBackend {
  const engine = engineBackend();
  const adapter = adapterOf(opened.info);
  const by = { name: `webgpu (${adapterText(adapter)})`, hardware: hardwareOf(adapter) };
  return {
    ...engine,
    ...by,
    train: async (jobs, options) => {
      if (!gpuOnly && trainingProblem(jobs)) return engine.train!(jobs, options);
      const results = await trainOnGpu(opened, jobs, options);
      return results.map((one) => (one.kind === 'fitted' ? { ...one, by } : one));
    },
  };
}

/**
 * Trains networks of one shape to the end, at once; each by the rules of the engine's `epochs`. One whose loss is not
 * finite is failed, and the others go on.
 *
 * @throws what `GpuTraining.open` does, and where the device is lost or `signal` aborts.
 */
export async function trainOnGpu(
  { device }: Opened,
  jobs: readonly Training[],
  { onEpoch, signal }: Pick<TrainManyOptions, 'onEpoch' | 'signal'> = {},
): Promise<(Fitted | Failed)[]> {
  const starts = jobs.map(({ spec, seed, start }) => start ?? initialWeights(spec, seed));
  const training = await GpuTraining.open(device, jobs, starts);
  const pupils = jobs.map((job) => new Pupil(job));
  try {
    for (let number = 0; pupils.some(({ over }) => !over); number++) {
      const losses = await training.epoch(number, (model) => !pupils[model]!.over);
      const told = losses.flatMap((own, model) => (own ? [{ model, ...own }] : []));
      const best = told.filter(({ model, ...own }) => pupils[model]!.hear({ epoch: number + 1, ...own }));
      const weights = best.length > 0 ? await training.weights() : [];
      for (const { model } of best) pupils[model]!.keep(weights[model]!);
      for (const { model, ...own } of told) onEpoch?.(model, { epoch: number + 1, ...own });
      signal?.throwIfAborted();
    }
    const last = await training.weights();
    return pupils.map((pupil, model) => pupil.end(last[model]!));
  } finally {
    training.dispose();
  }
}
