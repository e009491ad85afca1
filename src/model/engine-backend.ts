import { createEngine } from './engine/engine.ts';
import type { LstmBackend } from './lstm-backend.ts';

/** The fused engine: WebAssembly with SIMD, the default for LSTMs. */
export function engineBackend(): LstmBackend {
  const engine = createEngine();
  return {
    name: `engine (WebAssembly, ${engine.simd === 'relaxed' ? 'relaxed ' : ''}SIMD)`,
    load: (spec, weights, steps) => {
      const network = engine.load(spec, weights);
      return {
        forward: (x, batch) => network.forward(x, { batch, steps }),
        dispose: () => network.dispose(),
      };
    },
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
