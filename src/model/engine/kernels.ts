import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

/** What src/model/engine/assembly exports. Pointers are byte offsets into `memory`; 0 stands for "none". */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  firstNonFinite(from: number, count: number): number;
  // biome-ignore format: grouped as in the kernels' docstring
  infer(w: number, inputs: number, hidden: number, head: number, outputs: number, relu: number, x: number,
    batch: number, steps: number, mask: number, stateH: number, stateC: number, work: number, stride: number,
    out: number): void;
  // biome-ignore format: grouped as in the kernels' docstring
  gradients(w: number, g: number, wBack: number, inputs: number, hidden: number, head: number, outputs: number,
    relu: number, biases: number, count: number, x: number, batch: number, steps: number, mask: number,
    stateH: number, stateC: number, target: number, weight: number, levels: number, level: number, scale: number,
    work: number, stride: number): number;
  // biome-ignore format: grouped as in the kernels' docstring
  descend(p: number, g: number, m: number, v: number, count: number, b1: number, restB1: number, b2: number,
    restB2: number, fromM: number, fromG: number, root: number, eps: number): void;
  /** For benchmarks: [128, 128] x [128, 32], so many times. */
  matrixProduct(times: number, w: number, dz: number, dh: number): void;
}

export type Simd = 'fixed' | 'relaxed';

/** (v128, v128, v128) -> f32x4.relaxed_madd: valid only where the runtime has relaxed SIMD. */
// biome-ignore format: one section of the module per line
const probe = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b,
  3, 2, 1, 0,
  10, 13, 1, 11, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfd, 0x85, 2, 0x0b,
]);

/** Node 22 and newer have relaxed SIMD; Node 20 has it behind `--experimental-wasm-relaxed-simd`. */
export const bestSimd = (): Simd => (WebAssembly.validate(probe) ? 'relaxed' : 'fixed');

/**
 * Lets V8 of Node 20 validate relaxed SIMD from now on, and answers the best that it then has. There it is marked as
 * experimental, a version before it was shipped unchanged: for training and benchmarks, where half the time is worth
 * it and a crash costs a restart, not for an edge that runs for years.
 */
export function allowRelaxedSimd(): Simd {
  if (bestSimd() === 'fixed') setFlagsFromString('--experimental-wasm-relaxed-simd');
  return bestSimd();
}

const files = { fixed: 'lstm.wasm', relaxed: 'lstm-relaxed.wasm' };
const modules = new Map<Simd, WebAssembly.Module>();

/** Compiled once a process. Throws where the build is missing or the runtime has not this SIMD. */
function compiled(simd: Simd): WebAssembly.Module {
  const known = modules.get(simd);
  if (known) return known;
  const file = new URL(`../../../dist/engine/${files[simd]}`, import.meta.url);
  const module = new WebAssembly.Module(read(file));
  modules.set(simd, module);
  return module;
}

function read(file: URL): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new Error(`${file.pathname} is missing: run "npm run build", which compiles the LSTM kernels`, {
      cause,
    });
  }
}

export function instantiate(simd: Simd): Kernels {
  const imports = { env: { abort: () => {} } };
  return new WebAssembly.Instance(compiled(simd), imports).exports as unknown as Kernels;
}
