// Entry of a training thread: one job at a time, each on the same engine.
import { parentPort, workerData } from 'node:worker_threads';
import { createEngine, type Engine } from './engine.ts';
import { epochs, type Fitted } from './fit.ts';
import type { Simd } from './kernels.ts';
import type { Failed, Order, Report } from './train-many.ts';

const report = (message: Report) => parentPort!.postMessage(message);

function train(engine: Engine, { job, training, from, checkpointEvery }: Order): Fitted {
  const run = epochs(engine, training, from);
  for (let n = 1; ; n++) {
    const next = run.next();
    if (next.done) return next.value;
    const { epoch, state } = next.value;
    report({ kind: 'epoch', job, epoch });
    if (checkpointEvery && n % checkpointEvery === 0) report({ kind: 'checkpoint', job, state: state() });
  }
}

function attempt(engine: Engine, order: Order): Fitted | Failed {
  try {
    return train(engine, order);
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

const engine = createEngine(workerData as { simd: Simd });
parentPort!.on('message', (order: Order) => {
  report({ kind: 'done', job: order.job, result: attempt(engine, order) });
});
