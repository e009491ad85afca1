import { engineBackend } from './engine-backend.ts';
import type { LstmBackend } from './lstm-backend.ts';

/** `tfjs` is the first backend of TensorFlow.js that loads, fastest first. */
export const backendNames = ['auto', 'engine', 'tfjs', 'tensorflow', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** The backend asked for; `auto` is the fused engine. TensorFlow.js is loaded only where it is asked for. */
export async function chooseBackend(asked: BackendName): Promise<LstmBackend> {
  if (asked === 'auto' || asked === 'engine') return engineBackend();
  const [{ chooseTfjs }, { tfjsBackend }] = await Promise.all([
    import('./tfjs-runtime.ts'),
    import('./tfjs-backend.ts'),
  ]);
  const { name, reason } = await chooseTfjs(asked === 'tfjs' ? 'auto' : asked);
  return tfjsBackend(`tfjs ${name} (${reason})`);
}
