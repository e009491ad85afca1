import { createEngine } from './engine/engine.ts';
import type { Training } from './engine/fit.ts';
import { trainMany } from './engine/train-many.ts';
import type { LstmBackend, Trained, Watch } from './lstm-backend.ts';

/**
 * The fused engine: WebAssembly with SIMD, the default for LSTMs. It forecasts with the build that gives the same bits
 * on every machine and every Node, so that a replay is the same byte for byte, and trains with the fastest one.
 */
export function engineBackend(): LstmBackend {
  const engine = createEngine({ simd: 'fixed' });
  return {
    name: 'engine (WebAssembly, SIMD)',
    load: (spec, weights, steps) => {
      const network = engine.load(spec, weights);
      return {
        forward: (x, batch) => network.forward(x, { batch, steps }),
        dispose: () => network.dispose(),
      };
    },
    train,
    fitting: (spec, weights, steps, rate) => {
      const trainer = engine.trainer(spec, { kind: 'adam', rate }, weights);
      const network = trainer.network();
      return {
        step: (x, y, batch) => trainer.step({ x, y, batch, steps }),
        forward: (x, batch) => network.forward(x, { batch, steps }),
        weights: () => trainer.weights(),
        dispose: () => trainer.dispose(),
      };
    },
  };
}

async function train(job: Training, { onEpoch, signal }: Watch): Promise<Trained> {
  const [result] = await trainMany([job], {
    workers: 1,
    onEpoch: (_, { epoch, train: loss }) => onEpoch(epoch, loss),
    ...(signal && { signal }),
  });
  if (result?.kind !== 'fitted') throw new Error(result?.reason ?? 'the worker gave no result');
  return { weights: result.weights, losses: result.history.map(({ train: loss }) => loss) };
}
