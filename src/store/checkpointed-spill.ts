import type { Spill } from './point-queue.ts';

/**
 * A spill whose content is that of the last checkpoint: what came later is forgotten at a start, since the journal
 * gives it again, and what was settled stays until a checkpoint that says so is written. Else a crash between two
 * checkpoints would count points twice, or never.
 */
export class CheckpointedSpill implements Spill {
  readonly #disk: Spill;
  readonly #known: ReadonlySet<number>;
  #settled: { readonly number: number; readonly count: number }[] = [];

  /** @param known blocks of the last checkpoint. */
  constructor(disk: Spill, known: readonly number[]) {
    this.#disk = disk;
    this.#known = new Set(known);
    for (const { number, count } of [...disk.blocks()])
      if (!this.#known.has(number)) disk.remove(number, count).catch(() => {});
  }

  *blocks() {
    for (const block of this.#disk.blocks()) if (this.#known.has(block.number)) yield block;
  }

  put: Spill['put'] = (number, points) => this.#disk.put(number, points);
  get: Spill['get'] = (number, count) => this.#disk.get(number, count);

  async remove(number: number, count: number): Promise<void> {
    this.#settled.push({ number, count });
  }

  /** What is settled at this instant; the answer removes it, within the transaction of the checkpoint. */
  takeSettled(): () => void {
    const settled = this.#settled;
    this.#settled = [];
    return () => {
      // A commit that fails rejects the checkpoint, which ends the edge.
      for (const { number, count } of settled) this.#disk.remove(number, count).catch(() => {});
    };
  }
}
