import { createEngine } from './engine/engine.ts';
import { trainMany } from './engine/train-many.ts';
import type { LstmBackend } from './lstm-backend.ts';

const name = 'engine (WebAssembly, SIMD)';

/**
 * The fused engine: WebAssembly with SIMD, the default for LSTMs. It forecasts with the build that gives the same bits
 * on every machine and every Node, so that a replay is the same byte for byte, and trains with the fastest one.
 */
export function engineBackend(): LstmBackend {
  const engine = createEngine({ simd: 'fixed' });
  return {
    name,
    load: (spec, weights, steps) => {
      const network = engine.load(spec, weights);
      return {
        forward: (x, batch) => network.forward(x, { batch, steps }),
        dispose: () => network.dispose(),
      };
    },
    train: async (jobs, options) =>
      (await trainMany(jobs, options)).map((one) => (one.kind === 'fitted' ? { ...one, by: { name } } : one)),
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
