import type { Stored } from './store.ts';

/** PORT. Where a queue puts blocks of points that memory should not hold. */
export interface Spill {
  /** What an earlier run left, by rising number. */
  blocks(): Iterable<{ readonly number: number; readonly count: number; readonly bytes: number }>;
  /** Resolves with its bytes once it is durable; blocks become durable in the order of these calls. */
  put(number: number, points: readonly Stored[]): Promise<number>;
  get(number: number, count: number): readonly Stored[] | undefined;
  remove(number: number, count: number): Promise<void>;
}

interface Block {
  readonly number: number;
  count: number;
  /** On the disk. */
  bytes: number;
  /** Undefined where it is only on the disk. */
  points: Stored[] | undefined;
  /** `moving`: on the way to the disk, still in memory. */
  place: 'memory' | 'moving' | 'disk';
  /** Nothing is added to it any more. */
  sealed: boolean;
}

/**
 * Points in order of arrival, in blocks. When memory holds more than `bound`, all of them go to the disk, oldest
 * first and the block being written included. So at any time the disk has a beginning of the queue and memory the
 * rest: a restart that takes first the disk, then `unsaved`, has the order right.
 */
export class PointQueue {
  readonly #batch: number;
  readonly #bound: number;
  readonly #spill: Spill | undefined;
  readonly #onSpilled: () => void;
  readonly #blocks: Block[];
  #next: number;
  #size: number;
  #spilledBytes: number;
  #failure: string | undefined;

  /**
   * @param batch points in a block.
   * @param bound points in memory; without a spill there is no bound.
   * @param onSpilled called whenever more of the disk is taken.
   */
  constructor(batch: number, bound: number, spill: Spill | undefined, onSpilled: () => void = () => {}) {
    this.#onSpilled = onSpilled;
    this.#batch = batch;
    this.#bound = bound;
    this.#spill = spill;
    this.#blocks = [...(spill?.blocks() ?? [])].map((block) => ({
      ...block,
      points: undefined,
      place: 'disk',
      sealed: true,
    }));
    this.#next = (this.#blocks.at(-1)?.number ?? 0) + 1;
    this.#size = this.#blocks.reduce((sum, { count }) => sum + count, 0);
    this.#spilledBytes = this.#blocks.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Points in the queue, wherever they are. */
  get size(): number {
    return this.#size;
  }

  /** Points that are on the disk. */
  get spilled(): number {
    return this.#blocks.reduce((sum, { count, place }) => sum + (place === 'disk' ? count : 0), 0);
  }

  /** What those take there. */
  get spilledBytes(): number {
    return this.#spilledBytes;
  }

  /** Why points that should be on the disk are not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Whether a whole block waits. */
  get full(): boolean {
    return this.#blocks[0]?.sealed ?? false;
  }

  add(points: readonly Stored[]): void {
    let sealed = false;
    for (const point of points) {
      const block = this.#open();
      block.points!.push(point);
      block.sealed = ++block.count >= this.#batch;
      sealed ||= block.sealed;
    }
    this.#size += points.length;
    if (sealed) this.#overflow();
  }

  /** The oldest block, which takes nothing more. */
  front(): readonly Stored[] {
    const block = this.#blocks[0];
    if (!block) return [];
    block.sealed = true;
    block.points ??= this.#read(block);
    return block.points;
  }

  /**
   * Forgets the oldest block; resolves once it is gone from the disk too, and rejects while it is not. `settled` is
   * called in the instant in which it leaves the queue, so that nobody sees its points in neither place, or in both.
   */
  async shift(settled: () => void): Promise<void> {
    const [block] = this.#blocks;
    if (!block) return;
    if (block.place !== 'memory') await this.#spill!.remove(block.number, block.count);
    this.#forget(block);
    settled();
  }

  /** Takes the oldest block on the disk out of the queue, but for the one being written; undefined where there is none. */
  drop(): readonly Stored[] | undefined {
    const block = this.#blocks.find(({ place }, at) => at > 0 && place === 'disk');
    if (!block) return undefined;
    const points = this.#readOrSay(block);
    if (!points) return undefined;
    void this.#spill!.remove(block.number, block.count);
    this.#forget(block);
    return points;
  }

  #forget(block: Block): void {
    this.#blocks.splice(this.#blocks.indexOf(block), 1);
    this.#size -= block.count;
    if (block.place === 'disk') this.#spilledBytes -= block.bytes;
  }

  /** What a restart would not find on the disk, in order. */
  unsaved(): Stored[] {
    return this.#blocks.flatMap(({ place, points }) => (place === 'disk' ? [] : (points ?? [])));
  }

  /** Numbers of the blocks that a restart finds on the disk, in order; they come before `unsaved`. */
  spilledBlocks(): number[] {
    return this.#blocks.flatMap(({ place, number }) => (place === 'disk' ? [number] : []));
  }

  #open(): Block {
    const last = this.#blocks.at(-1);
    if (last && !last.sealed) return last;
    const number = this.#next++;
    const block: Block = { number, count: 0, bytes: 0, points: [], place: 'memory', sealed: false };
    this.#blocks.push(block);
    return block;
  }

  #read({ number, count }: Block): Stored[] {
    const points = this.#spill!.get(number, count);
    if (!points)
      throw new Error(`block ${number} of the points that wait for the store is gone from the disk`);
    return [...points];
  }

  #readOrSay(block: Block): Stored[] | undefined {
    try {
      return this.#read(block);
    } catch (error) {
      this.#failure = (error as Error).message;
      return undefined;
    }
  }

  #overflow(): void {
    if (!this.#spill) return;
    const inMemory = this.#blocks.reduce((sum, { points }) => sum + (points?.length ?? 0), 0);
    if (inMemory <= this.#bound) return;
    for (const block of this.#blocks) if (block.place === 'memory' && block.sealed) this.#move(block);
  }

  #move(block: Block): void {
    block.place = 'moving';
    this.#spill!.put(block.number, block.points!).then(
      (bytes) => {
        block.place = 'disk';
        block.bytes = bytes;
        if (this.#blocks.includes(block)) this.#spilledBytes += bytes;
        this.#failure = undefined;
        if (block !== this.#blocks[0]) block.points = undefined;
        this.#onSpilled();
      },
      (error: Error) => {
        block.place = 'memory';
        this.#failure = error.message;
      },
    );
  }
}
