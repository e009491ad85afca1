import type { Database } from 'lmdb';
import type { Disk } from '../disk.ts';
import { decodeBlock, encodeBlock, encodedLength, JournalDamaged } from './journal-codec.ts';
import type { Entry, JournalRecord } from './journal-record.ts';

export interface JournalOptions {
  /** Bounds on what waits to become durable; past them `append` refuses. Sources should hold back before that. */
  readonly maximumPending?: { readonly entries: number; readonly bytes: number } | undefined;
  /**
   * Bytes that the journal may take on the disk. At the bound messages wait, unacknowledged, until `trim` makes
   * room; ticks, commands and the like still pass, since they are what makes the rest advance.
   */
  readonly maximumBytes?: number | undefined;
  /** While it answers true messages wait likewise, until `proceed`. */
  readonly hold?: (() => boolean) | undefined;
}

export type JournalState = 'open' | 'closed' | 'failed';

/** Thrown by `append` once the journal is closed or has failed, and by `follow` once it has failed. */
export class JournalStopped extends Error {
  override readonly name = 'JournalStopped';
}

/** Thrown by `append` when more waits for the disk than the bounds allow. The sender keeps the message. */
export class JournalOverloaded extends Error {
  override readonly name = 'JournalOverloaded';
}

interface Waiting {
  readonly entry: Entry;
  readonly bytes: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: Error) => void;
}

const defaultPending = { entries: 100_000, bytes: 64 * 1024 * 1024 };
/** A block is read as a whole, so it is kept small; a single entry may be larger. */
const blockBytes = 1024 * 1024;
const blockEntries = 8192;

export function openJournal(disk: Disk, options: JournalOptions = {}): Journal {
  return new Journal(disk.database<Buffer, number>('journal', { encoding: 'binary' }), options);
}

/**
 * The single ordered input of the pipeline, durable. An entry is in it once `append` resolves: written and synced.
 * What is appended while a sync is under way goes into the next one together (group commit).
 *
 * Keys are the sequence of a block's first record. There is one writer; a second one is noticed and stops.
 */
export class Journal {
  readonly #blocks: Database<Buffer, number>;
  readonly #maximumPending: { readonly entries: number; readonly bytes: number };
  readonly #maximumBytes: number;
  readonly #hold: () => boolean;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #head: number;
  #committing: Promise<void> | undefined;
  #state: JournalState = 'open';
  #stopped = new JournalStopped('the journal is closed');
  #followers = new Set<() => void>();

  constructor(blocks: Database<Buffer, number>, options: JournalOptions) {
    this.#blocks = blocks;
    this.#maximumPending = options.maximumPending ?? defaultPending;
    this.#maximumBytes = options.maximumBytes ?? Number.POSITIVE_INFINITY;
    this.#hold = options.hold ?? (() => false);
    this.#head = lastSequence(blocks);
  }

  /** The sequence of the newest durable record; 0 before the first. */
  get head(): number {
    return this.#head;
  }

  /** The sequence of the oldest record kept; 1 before the first. */
  get first(): number {
    return [...this.#blocks.getKeys({ limit: 1 })][0] ?? 1;
  }

  get state(): JournalState {
    return this.#state;
  }

  /** What waits to become durable. */
  get pending(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#waiting.length, bytes: this.#waitingBytes };
  }

  /** Bytes that the journal takes on the disk, in whole pages. */
  get bytes(): number {
    const pages = this.#blocks.getStats() as Record<string, number>;
    const count = pages['treeLeafPageCount']! + pages['treeBranchPageCount']! + pages['overflowPages']!;
    return count * pages['pageSize']!;
  }

  /**
   * Resolves with the entry's sequence once it is synced to the disk.
   *
   * @throws {JournalOverloaded} past the bounds on what is pending.
   * @throws {JournalStopped} once a write or sync has failed, or after `close`.
   */
  append(entry: Entry): Promise<number> {
    if (this.#state !== 'open') return Promise.reject(this.#stopped);
    const bytes = encodedLength(entry);
    const { entries, bytes: most } = this.#maximumPending;
    if (this.#waiting.length >= entries || (this.#waitingBytes + bytes > most && this.#waiting.length > 0))
      return Promise.reject(
        new JournalOverloaded(`${this.#waiting.length} entries already wait for the disk`),
      );
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      this.#committing ??= this.#commitAll();
    });
  }

  /** Records with sequences from `from` to `to`, both included, in order. Skips what was trimmed. */
  *read(from: number, to = this.#head): Generator<JournalRecord, void, undefined> {
    for (let next = Math.max(from, this.first); next <= to; ) {
      const records = this.#blockAt(next);
      for (const record of records) if (record.sequence <= to) yield record;
      next += records.length;
    }
  }

  /**
   * Batches of records from `from` on, as they become durable. There is one batch per group commit at most. It ends
   * when `signal` aborts, or after the last record once the journal is closed.
   *
   * @throws {JournalStopped} after the last record, when the journal has failed.
   */
  async *follow(
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly JournalRecord[], void, undefined> {
    let next = Math.max(from, this.first);
    while (!signal.aborted) {
      if (next <= this.#head) {
        const records = this.#blockAt(next);
        next += records.length;
        yield records;
      } else if (this.#state === 'open') await this.#newRecords(signal);
      else if (this.#state === 'failed') throw this.#stopped;
      else return;
    }
  }

  /** Forgets the blocks that hold only records before `before`. The newest block always stays. */
  async trim(before: number): Promise<void> {
    const keep = startOfBlock(this.#blocks, Math.min(before, this.#head));
    if (keep === undefined) return;
    const removals: Promise<boolean>[] = [];
    for (const key of this.#blocks.getKeys({ end: keep })) removals.push(this.#blocks.remove(key));
    await Promise.all(removals);
    this.proceed();
  }

  /** Takes up what was held back, where there is room now. */
  proceed(): void {
    if (this.#waiting.length > 0 && this.#state === 'open') this.#committing ??= this.#commitAll();
  }

  /** Makes durable what waits, unless there is no room for it, and takes nothing more. */
  async close(): Promise<void> {
    await this.#committing;
    if (this.#state === 'open') this.#stop('closed', this.#stopped);
  }

  /** From `sequence` to the end of its block. */
  #blockAt(sequence: number): JournalRecord[] {
    const start = startOfBlock(this.#blocks, sequence);
    const block = start === undefined ? undefined : this.#blocks.get(start);
    if (start === undefined || !block) throw new JournalDamaged(sequence, 'it is missing');
    const records = decodeBlock(start, block);
    if (start + records.length <= sequence) throw new JournalDamaged(sequence, 'it is missing');
    return start === sequence ? records : records.slice(sequence - start);
  }

  async #commitAll(): Promise<void> {
    // What arrives in the same turn of the event loop shares the first sync as well.
    await new Promise(setImmediate);
    try {
      for (let group = this.#takeGroup(); group.length > 0; group = this.#takeGroup())
        await this.#commit(group);
    } catch (error) {
      this.#stop('failed', new JournalStopped(failureText(error), { cause: error }));
    } finally {
      this.#committing = undefined;
    }
  }

  #takeGroup(): Waiting[] {
    const full = this.#maximumBytes < Number.POSITIVE_INFINITY && this.bytes >= this.#maximumBytes;
    const candidates =
      full || this.#hold() ? this.#waiting.filter(({ entry }) => entry.kind !== 'message') : this.#waiting;
    return candidates.slice(0, groupSize(candidates));
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const first = this.#head + 1;
    const block = encodeBlock(
      first,
      group.map(({ entry }) => entry),
    );
    // Resolves once the commit is synced: see openDisk.
    const written = await this.#blocks.ifNoExists(first, () => {
      this.#blocks.put(first, block);
    });
    if (!written) throw new Error(`record ${first} is there already: another process writes this journal`);
    this.#head += group.length;
    this.#settle(group, first);
  }

  #settle(group: readonly Waiting[], first: number): void {
    this.#forget(group);
    group.forEach(({ resolve }, at) => {
      resolve(first + at);
    });
    this.#wake();
  }

  #forget(group: readonly Waiting[]): void {
    const inOrder = this.#waiting[group.length - 1] === group.at(-1);
    const gone = new Set(inOrder ? [] : group);
    this.#waiting = inOrder
      ? this.#waiting.slice(group.length)
      : this.#waiting.filter((one) => !gone.has(one));
    for (const { bytes } of group) this.#waitingBytes -= bytes;
  }

  /** For good: after a failed sync the kernel may have dropped the pages, and a second sync would lie. */
  #stop(state: 'closed' | 'failed', reason: JournalStopped): void {
    this.#state = state;
    this.#stopped = reason;
    const lost = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { reject } of lost) reject(reason);
    this.#wake();
  }

  #newRecords(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#followers.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.#followers.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#followers) wake();
  }
}

function groupSize(candidates: readonly Waiting[]): number {
  let bytes = 0;
  let count = 0;
  while (count < candidates.length && count < blockEntries) {
    bytes += candidates[count]!.bytes;
    if (count > 0 && bytes > blockBytes) break;
    count++;
  }
  return count;
}

function startOfBlock(blocks: Database<Buffer, number>, sequence: number): number | undefined {
  return [...blocks.getKeys({ start: sequence, reverse: true, limit: 1 })][0];
}

function lastSequence(blocks: Database<Buffer, number>): number {
  const start = startOfBlock(blocks, Number.MAX_SAFE_INTEGER);
  return start === undefined ? 0 : start + decodeBlock(start, blocks.get(start)!).length - 1;
}

function failureText(error: unknown): string {
  const { message, commitError } = error as Error & { readonly commitError?: Error };
  return (
    `the journal could not be written: ${commitError?.message ?? message}. Nothing more is accepted or acknowledged. ` +
    'Check the disk and its free space, then start again'
  );
}
