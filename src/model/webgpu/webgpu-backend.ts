import type { Epoch, Fitted, Training } from '../engine/fit.ts';
import { initialWeights } from '../engine/initial.ts';
import type { Weights } from '../engine/spec.ts';
import type { Failed, TrainManyOptions } from '../engine/train-many.ts';
import { engineBackend } from '../engine-backend.ts';
import type { LstmBackend } from '../lstm-backend.ts';
import { adapterOf, adapterText, hardwareOf } from './adapter.ts';
import type { Opened } from './device.ts';
import { GpuTraining, trainingProblem } from './gpu-training.ts';

/**
 * Trains on the GPU that was opened, and forecasts with the engine, as every edge will. What the kernel does not know
 * (`trainingProblem`) the engine trains.
 */
export function webgpuBackend(opened: Opened): LstmBackend {
  const engine = engineBackend();
  const adapter = adapterOf(opened.info);
  const by = { name: `webgpu (${adapterText(adapter)})`, hardware: hardwareOf(adapter) };
  return {
    ...engine,
    ...by,
    train: async (jobs, options) => {
      if (trainingProblem(jobs)) return engine.train!(jobs, options);
      const results = await trainOnGpu(opened, jobs, options);
      return results.map((one) => (one.kind === 'fitted' ? { ...one, by } : one));
    },
  };
}

/**
 * Trains networks of one shape on the same windows to the end, together. One whose loss is not finite is failed, and
 * the others go on.
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
  const histories: Epoch[][] = jobs.map(() => []);
  try {
    for (let epoch = 1; epoch <= jobs[0]!.epochs; epoch++) {
      for (const [model, train] of (await training.epoch(epoch - 1)).entries()) {
        histories[model]!.push({ epoch, train });
        onEpoch?.(model, { epoch, train });
      }
      signal?.throwIfAborted();
    }
    return (await training.weights()).map((weights, model) => endOf(weights, histories[model]!));
  } finally {
    training.dispose();
  }
}

function endOf(weights: Weights, history: readonly Epoch[]): Fitted | Failed {
  const bad = history.find(({ train }) => !Number.isFinite(train));
  if (bad)
    return {
      kind: 'failed',
      reason: `the loss of epoch ${bad.epoch} is ${bad.train}; lower the learning rate`,
    };
  return { kind: 'fitted', weights, history, why: 'all epochs done', epoch: history.length };
}
