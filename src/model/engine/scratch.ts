import type { Heap } from './heap.ts';

/** One block for the passing needs of a call, cut in pieces; it is replaced by a larger one where it is too small. */
export class Scratch {
  readonly #heap: Heap;
  #at = 0;
  #bytes = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Pointers to pieces of these sizes in bytes; a size of 0 gives the pointer 0, "none". */
  cut(sizes: readonly number[]): number[] {
    const aligned = sizes.map((bytes) => Math.ceil(bytes / 16) * 16);
    this.#reserve(aligned.reduce((a, b) => a + b, 0));
    let next = this.#at;
    return aligned.map((bytes) => {
      const at = bytes ? next : 0;
      next += bytes;
      return at;
    });
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes) return;
    if (this.#at) this.#heap.release(this.#at);
    this.#bytes = Math.ceil(bytes * 1.25);
    this.#at = this.#heap.allocate(this.#bytes);
  }
}
