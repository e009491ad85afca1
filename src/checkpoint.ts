import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { Database } from 'lmdb';
import type { Disk } from './disk.ts';
import type { Stored } from './store/store.ts';
import { type Keep, MemoryKeep, type Saved } from './stream/kept.ts';

/** What a checkpoint holds besides the state of the stages, taken at the same instant. */
export interface Extras {
  /** Points that went out of the pipeline and that the store has not acknowledged, but for those in the spill. */
  readonly unsaved: readonly Stored[];
  /** Numbers of the blocks in the spill that belong to this instant. */
  readonly spilled: readonly number[];
  /** Called in the checkpoint's transaction: drops from the disk what this checkpoint no longer needs. */
  readonly forget: () => void;
}

export interface CheckpointOptions {
  readonly disk: Disk;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** ms between checkpoints. */
  readonly interval?: number;
  readonly extras: () => Extras;
}

/** What the disk gives back is not what a checkpoint wrote. */
export class CheckpointDamaged extends Error {
  override readonly name = 'CheckpointDamaged';
  constructor(folder: string, what: string) {
    super(
      `${folder}: the checkpoint is damaged: ${what}; nothing of it is used. Keep a copy of the data folder, check the ` +
        'disk, and restore the folder from a backup or start with an empty one',
    );
  }
}

type Key = string[];
type Entries = Database<Buffer, Key>;

/** `count` and `sum` are of the entries of state and their checksums: an entry that is gone, or old, is noticed. */
interface Head {
  readonly position: number;
  readonly unsaved: readonly Stored[];
  readonly spilled: readonly number[];
  readonly count: number;
  readonly sum: number;
}

const empty: Head = { position: 0, unsaved: [], spilled: [], count: 0, sum: 0 };
const headKey: Key = ['head'];

/**
 * The state of every stage, the position in the journal that it belongs to, and the points that wait for the store:
 * one transaction, so that a start finds all of one instant. Only stations that changed are written. LMDB has no
 * checksums, so each entry carries a CRC-32 of its key and content.
 */
export class Checkpoint {
  readonly keep: MemoryKeep;
  /** Points that an earlier run had not stored; they are handed to the writer anew. */
  readonly unsaved: readonly Stored[];
  /** Blocks of the spill that come before `unsaved`; others are of no checkpoint. */
  readonly spilled: readonly number[];
  readonly #options: CheckpointOptions;
  readonly #entries: Entries;
  #head: Head;
  #position: number;
  #savedAt: number;
  #failure: Error | undefined;

  /** @throws {CheckpointDamaged} */
  constructor(options: CheckpointOptions) {
    this.#options = options;
    this.#entries = options.disk.database<Buffer, Key>('state', { encoding: 'binary' });
    const { head, saved } = restored(this.#entries, options.disk.folder);
    this.#head = head;
    this.#position = head.position;
    this.unsaved = head.unsaved;
    this.spilled = head.spilled;
    this.keep = new MemoryKeep(saved);
    this.#savedAt = options.now();
  }

  /** What is on the disk, for another process to look at. @throws {CheckpointDamaged} */
  static read(disk: Disk): { readonly position: number; readonly keep: Keep } {
    const entries = disk.database<Buffer, Key>('state', { encoding: 'binary' });
    const { head, saved } = restored(entries, disk.folder);
    return { position: head.position, keep: new MemoryKeep(saved) };
  }

  /** Sequence of the last journal record that went through the pipeline. */
  get position(): number {
    return this.#position;
  }

  /** Up to here the journal is not needed for a restart. */
  get savedPosition(): number {
    return this.#head.position;
  }

  reached(sequence: number): void {
    this.#position = sequence;
  }

  due(): boolean {
    return this.#options.now() - this.#savedAt >= (this.#options.interval ?? 5000);
  }

  /**
   * Resolves once it is on the disk. The instant it is of is that of the call. After a failure it is for good: what
   * was to be written then is not known to a later one.
   */
  async save(): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#savedAt = this.#options.now();
    const { unsaved, spilled, forget } = this.#options.extras();
    const position = this.#position;
    const dirty = this.keep.takeDirty();
    try {
      this.#head = await this.#options.disk.transaction(() => {
        const head = { position, unsaved, spilled, ...this.#write(dirty) };
        this.#entries.put(headKey, seal(headKey, serialize(head)));
        forget();
        return head;
      });
    } catch (error) {
      throw (this.#failure = new Error(failureText(error), { cause: error }));
    }
  }

  #write(dirty: readonly Saved[]): Pick<Head, 'count' | 'sum'> {
    let { count, sum } = this.#head;
    for (const { stage, station, state } of dirty) {
      const key = ['state', stage, station];
      const old = this.#entries.get(key);
      if (old) [count, sum] = [count - 1, sum - old.readUInt32BE(0)];
      if (!state) this.#entries.remove(key);
      else {
        const sealed = seal(key, state);
        [count, sum] = [count + 1, sum + sealed.readUInt32BE(0)];
        this.#entries.put(key, sealed);
      }
    }
    return { count, sum };
  }
}

function restored(entries: Entries, folder: string): { head: Head; saved: Saved[] } {
  const sealed = entries.get(headKey);
  const head = sealed ? (deserialize(open(headKey, sealed, folder)) as Head) : empty;
  const saved: Saved[] = [];
  let sum = 0;
  for (const { key, value } of entries.getRange({ start: ['state'], end: ['state', '\u{10ffff}'] })) {
    saved.push({ stage: key[1]!, station: key[2]!, state: open(key, value, folder) });
    sum += value.readUInt32BE(0);
  }
  if (saved.length !== head.count || sum !== head.sum)
    throw new CheckpointDamaged(folder, `its ${saved.length} entries are not the ${head.count} written`);
  return { head, saved };
}

/** CRC-32 (IEEE 802.3) of key and content, then the content. */
function seal(key: Key, content: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(4 + content.length);
  sealed.set(content, 4);
  sealed.writeUInt32BE(crc32(content, crc32(JSON.stringify(key))), 0);
  return sealed;
}

function open(key: Key, sealed: Buffer, folder: string): Uint8Array {
  const content = sealed.subarray(4);
  if (sealed.length < 4 || crc32(content, crc32(JSON.stringify(key))) !== sealed.readUInt32BE(0))
    throw new CheckpointDamaged(folder, `the checksum of ${key.join('/')} differs`);
  // LMDB gives the entries of a range in one buffer, the next over the last.
  return new Uint8Array(content);
}

function failureText(error: unknown): string {
  const { message, commitError } = error as Error & { readonly commitError?: Error };
  return (
    `the checkpoint could not be written: ${commitError?.message ?? message}. ` +
    'Check the disk and its free space, then start again; nothing accepted is lost'
  );
}
