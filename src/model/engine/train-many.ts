import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Epoch, FitState, Fitted, Training } from './fit.ts';
import { bestSimd, type Simd } from './kernels.ts';

/** A job that could not be trained; the others go on. */
export interface Failed {
  readonly kind: 'failed';
  readonly reason: string;
}

export interface TrainManyOptions {
  /** Threads; default: as many as the machine has cores, at most one a job. The result does not depend on it. */
  readonly workers?: number;
  readonly simd?: Simd;
  /** States to go on from, by index of the job. */
  readonly resume?: readonly (FitState | undefined)[];
  readonly onEpoch?: (job: number, epoch: Epoch) => void;
  /** With `onCheckpoint`: epochs between states. */
  readonly checkpointEvery?: number;
  readonly onCheckpoint?: (job: number, state: FitState) => void;
  /** Ends all workers; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** To a worker, and back. */
export interface Order {
  readonly job: number;
  readonly training: Training;
  readonly from: FitState | undefined;
  readonly checkpointEvery: number | undefined;
}

export type Report =
  | { readonly kind: 'epoch'; readonly job: number; readonly epoch: Epoch }
  | { readonly kind: 'checkpoint'; readonly job: number; readonly state: FitState }
  | { readonly kind: 'done'; readonly job: number; readonly result: Fitted | Failed };

/** Trains independent networks over worker threads; results in the order of the jobs, the same bits for any number. */
export async function trainMany(
  jobs: readonly Training[],
  options: TrainManyOptions = {},
): Promise<(Fitted | Failed)[]> {
  const { workers = availableParallelism(), signal } = options;
  if (!Number.isInteger(workers) || workers < 1)
    throw new RangeError(`workers must be 1 or more, not ${workers}`);
  signal?.throwIfAborted();
  const results: (Fitted | Failed)[] = new Array(jobs.length);
  let next = 0;
  const take = () => (next < jobs.length ? next++ : undefined);
  const pool = Array.from({ length: Math.min(workers, jobs.length) }, () =>
    startWorker(options.simd ?? bestSimd()),
  );
  const stop = () => Promise.all(pool.map((worker) => worker.terminate()));
  try {
    await Promise.race([
      aborted(signal),
      Promise.all(pool.map((worker) => serve(worker, jobs, options, take, results))),
    ]);
  } finally {
    await stop();
  }
  return results;
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
}

/** Gives one worker job after job until none is left. */
function serve(
  worker: Worker,
  jobs: readonly Training[],
  options: TrainManyOptions,
  take: () => number | undefined,
  results: (Fitted | Failed)[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = () => {
      const job = take();
      if (job === undefined) return resolve();
      const { resume, checkpointEvery } = options;
      worker.postMessage({ job, training: jobs[job]!, from: resume?.[job], checkpointEvery } satisfies Order);
    };
    worker.on('message', (report: Report) => {
      if (report.kind === 'epoch') options.onEpoch?.(report.job, report.epoch);
      else if (report.kind === 'checkpoint') options.onCheckpoint?.(report.job, report.state);
      else {
        results[report.job] = report.result;
        give();
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a training worker ended with code ${code}`)));
    give();
  });
}

/** A worker does not inherit the TypeScript loader of the thread that starts it, so from sources it registers its own. */
function startWorker(simd: Simd): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./train-worker.js', import.meta.url), { workerData: { simd } });
  }
  const file = JSON.stringify(new URL('./train-worker.ts', import.meta.url).href);
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${file}); });`;
  return new Worker(code, { eval: true, workerData: { simd } });
}
