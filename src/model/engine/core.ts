import { Heap } from './heap.ts';
import { instantiate, type Kernels, type Simd } from './kernels.ts';
import { Scratch } from './scratch.ts';

/** What networks and trainers of one engine share. */
export interface Core {
  readonly kernels: Kernels;
  readonly heap: Heap;
  readonly scratch: Scratch;
}

export function createCore(simd: Simd): Core {
  const kernels = instantiate(simd);
  const heap = new Heap(kernels);
  return { kernels, heap, scratch: new Scratch(heap) };
}
