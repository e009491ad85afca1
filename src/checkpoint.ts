import type { Database } from 'lmdb';
import type { Disk } from './disk.ts';
import type { Stored } from './store/store.ts';
import { type Keep, MemoryKeep, type Saved } from './stream/kept.ts';

/** What a checkpoint holds besides the state of the stages, taken at the same instant. */
export interface Extras {
  /** Points that went out of the pipeline and that the store has not acknowledged. */
  readonly unsaved: readonly Stored[];
}

export interface CheckpointOptions {
  readonly disk: Disk;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** ms between checkpoints. */
  readonly interval?: number;
  readonly extras: () => Extras;
}

type Key = string[];

/**
 * The state of every stage, the position in the journal that it belongs to, and the points that wait for the store:
 * one transaction, so that a start finds all of one instant. Only stations that changed are written.
 */
export class Checkpoint {
  readonly keep: Keep;
  /** Points that an earlier run had not stored; they are handed to the writer anew. */
  readonly unsaved: readonly Stored[];
  readonly #memory: MemoryKeep;
  readonly #options: CheckpointOptions;
  readonly #entries: Database<unknown, Key>;
  #position: number;
  #savedAt: number;
  #savedPosition: number;

  constructor(options: CheckpointOptions) {
    this.#options = options;
    this.#entries = options.disk.database<unknown, Key>('checkpoint');
    this.#position = (this.#entries.get(['position']) as number | undefined) ?? 0;
    this.#savedPosition = this.#position;
    this.unsaved = (this.#entries.get(['unsaved']) as Stored[] | undefined) ?? [];
    this.keep = this.#memory = new MemoryKeep(this.#restored());
    this.#savedAt = options.now();
  }

  /** Sequence of the last journal record that went through the pipeline. */
  get position(): number {
    return this.#position;
  }

  reached(sequence: number): void {
    this.#position = sequence;
  }

  due(): boolean {
    return this.#options.now() - this.#savedAt >= (this.#options.interval ?? 5000);
  }

  /** Resolves once it is on the disk. The instant it is of is that of the call. */
  async save(): Promise<void> {
    this.#savedAt = this.#options.now();
    const position = this.#position;
    const { unsaved } = this.#options.extras();
    const dirty = this.#memory.takeDirty();
    await this.#options.disk.transaction(() => {
      for (const { stage, station, state } of dirty) this.#put(['state', stage, station], state);
      this.#entries.put(['unsaved'], unsaved);
      this.#entries.put(['position'], position);
    });
    this.#savedPosition = position;
  }

  /** Up to here the journal is not needed for a restart. */
  get savedPosition(): number {
    return this.#savedPosition;
  }

  #put(key: Key, state: Uint8Array | undefined): void {
    if (state) this.#entries.put(key, Buffer.from(state));
    else this.#entries.remove(key);
  }

  *#restored(): Generator<Saved> {
    const all = { start: ['state'], end: ['state', '\u{10ffff}'] };
    for (const { key, value } of this.#entries.getRange(all))
      yield { stage: key[1]!, station: key[2]!, state: value as Uint8Array };
  }
}
