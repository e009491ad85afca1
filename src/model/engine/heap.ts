import type { Kernels } from './kernels.ts';

interface Block {
  readonly at: number;
  readonly bytes: number;
}

const page = 65_536;

/**
 * The memory of the kernels, handed out in blocks of 16-byte alignment, first fit. It grows to the most that was ever
 * in use at once and no further; WebAssembly cannot give memory back.
 */
export class Heap {
  readonly #memory: WebAssembly.Memory;
  readonly #taken = new Map<number, number>();
  #free: Block[];
  #floats: Float32Array;
  #bytes: Uint8Array;

  constructor(kernels: Kernels) {
    this.#memory = kernels.memory;
    const start = Math.ceil(kernels.heapBase() / 16) * 16;
    this.#free = [{ at: start, bytes: this.#memory.buffer.byteLength - start }].filter(
      ({ bytes }) => bytes > 0,
    );
    this.#floats = new Float32Array(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }

  /** Bytes of the whole memory. */
  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  /** `length` numbers at a pointer. The view is good until the next allocation. */
  floats(at: number, length: number): Float32Array {
    return this.#floats.subarray(at >> 2, (at >> 2) + length);
  }

  bytes(at: number, length: number): Uint8Array {
    return this.#bytes.subarray(at, at + length);
  }

  allocate(bytes: number): number {
    const wanted = Math.max(16, Math.ceil(bytes / 16) * 16);
    const index = this.#free.findIndex((block) => block.bytes >= wanted);
    if (index < 0) {
      this.#grow(wanted);
      return this.allocate(bytes);
    }
    const { at, bytes: has } = this.#free[index]!;
    this.#free.splice(index, 1, ...(has > wanted ? [{ at: at + wanted, bytes: has - wanted }] : []));
    this.#taken.set(at, wanted);
    return at;
  }

  /** Gives a block back; neighbours that are free become one. */
  release(at: number): void {
    const bytes = this.#taken.get(at);
    if (bytes === undefined) return;
    this.#taken.delete(at);
    this.#insert({ at, bytes });
  }

  #insert(block: Block): void {
    const sorted = [...this.#free, block].sort((a, b) => a.at - b.at);
    this.#free = sorted.reduce<Block[]>((merged, { at, bytes }) => {
      const last = merged.at(-1);
      if (last && last.at + last.bytes === at)
        merged[merged.length - 1] = { at: last.at, bytes: last.bytes + bytes };
      else merged.push({ at, bytes });
      return merged;
    }, []);
  }

  #grow(bytes: number): void {
    const before = this.size;
    try {
      this.#memory.grow(Math.ceil(bytes / page));
    } catch (cause) {
      throw new RangeError(`the LSTM engine needs ${bytes} bytes more than ${before}: use smaller batches`, {
        cause,
      });
    }
    this.#floats = new Float32Array(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#insert({ at: before, bytes: this.size - before });
  }
}
