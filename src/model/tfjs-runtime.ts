import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import type { Hardware } from './lstm-backend.ts';
import { registerWasmKernels } from './networks/wasm-kernels/register.ts';

/** Backends of TensorFlow.js, fastest first. */
export const tfjsNames = ['tensorflow', 'wasm', 'cpu'] as const;
export type TfjsName = (typeof tfjsNames)[number];

export interface Chosen {
  readonly name: TfjsName;
  /** Why it and no other, for people. */
  readonly reason: string;
}

type Load = (specifier: string) => Promise<unknown>;

/**
 * Makes one backend the current one: the one asked for, or with `auto` the first that loads. Throws with the reason
 * of each where none does. tfjs-node-gpu and tfjs-node are no dependencies of
 * ours: they count when somebody has installed one.
 */
export async function chooseTfjs(
  asked: TfjsName | 'auto',
  load: Load = (specifier) => import(specifier),
): Promise<Chosen> {
  // Without its advertisement of tfjs-node among our lines.
  tf.enableProdMode();
  const failures: string[] = [];
  for (const name of asked === 'auto' ? tfjsNames : [asked]) {
    const failure = await attempt(name, load);
    if (failure === undefined) {
      const reason = asked === 'auto' ? ['the first that loads', ...failures].join('; ') : 'as configured';
      return { name, reason };
    }
    failures.push(`${name}: ${failure}`);
  }
  throw new Error(`no backend of TensorFlow.js can be used: ${failures.join('; ')}`);
}

async function attempt(name: TfjsName, load: Load): Promise<string | undefined> {
  try {
    await loaders[name](load);
    if (!(await tf.setBackend(name))) return 'it does not start on this machine';
    await tf.ready();
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  }
}

const loaders: Record<TfjsName, (load: Load) => Promise<void>> = {
  tensorflow: async (load) => {
    restoreRemovedUtilities();
    await load('@tensorflow/tfjs-node-gpu').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      return load('@tensorflow/tfjs-node');
    });
  },
  wasm: async (load) => {
    const { setWasmPaths } = (await load('@tensorflow/tfjs-backend-wasm')) as {
      setWasmPaths(path: string): void;
    };
    const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(join(dirname(entry), sep));
    registerWasmKernels();
  },
  cpu: async (load) => {
    await load('@tensorflow/tfjs-backend-cpu');
  },
};

/** What TensorFlow computes on, once it is the backend; it does not say the name of a GPU. */
export function tensorflowHardware(): Hardware {
  const { isUsingGpuDevice = false } = tf.backend() as { readonly isUsingGpuDevice?: boolean };
  return {
    backend: 'tensorflow',
    adapter: isUsingGpuDevice ? 'GPU, not named by TensorFlow' : 'CPU',
    driver: isUsingGpuDevice ? 'CUDA, not named by TensorFlow' : 'none',
    software: !isUsingGpuDevice,
  };
}

/** tfjs-node 4.22 calls functions that Node 23 removed; its correction was never released. */
function restoreRemovedUtilities(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  legacy['isUndefined'] ??= (value: unknown) => value === undefined;
}
