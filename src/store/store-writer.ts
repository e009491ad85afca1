import { setTimeout as timer } from 'node:timers/promises';
import { PointQueue, type Spill } from './point-queue.ts';
import { type Refusal, type Store, type Stored, StoreUnavailable } from './store.ts';

export interface StoreWriterOptions {
  /** Points in one write. */
  readonly batch?: number | undefined;
  /** ms to wait for a batch to fill. */
  readonly delay?: number | undefined;
  /** Points held in memory; past it they go to `spill`. Without a spill, memory is all there is. */
  readonly bound?: number | undefined;
  readonly spill?: Spill | undefined;
  /** Bytes that the spill may take, and what happens there; unbounded where absent. */
  readonly room?: Room | undefined;
  /** ms before the second attempt, and that no wait exceeds. */
  readonly backoff?: { readonly first?: number | undefined; readonly most?: number | undefined } | undefined;
  /** Settles after `ms`, or when the signal aborts. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<unknown>) | undefined;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
  /** The points of a write that the store took, without those it refused. */
  readonly onStored?: ((points: readonly Stored[]) => void) | undefined;
  /** Points that were given up for want of room. */
  readonly onShed?: ((points: readonly Stored[]) => void) | undefined;
  /** Once for each refused point, or again where the process ends in between. */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined;
}

/**
 * `stop`: nothing more is to be taken in (`full` says so), so that nothing is lost. `shed`: the oldest points go, block by
 * block, but for the changes of alerts; warnings go on.
 */
export interface Room {
  readonly maximum: number;
  readonly full: 'stop' | 'shed';
}

export interface StoreWriterHealth {
  readonly state: 'ok' | 'retrying';
  /** Why the last attempt failed, or why points can't go to the disk. */
  readonly reason: string | undefined;
  /** Attempts that failed in a row. */
  readonly failures: number;
  /** Points not yet acknowledged, in memory and on the disk. */
  readonly pending: number;
  /** Those of them that are on the disk. */
  readonly spilled: number;
}

/**
 * The side branch that stores. `add` never waits; writes go out one after the other, so of two values of one key
 * the later is written later, however often the earlier had to be tried. A store that is away loses nothing.
 */
export class StoreWriter {
  readonly #store: Pick<Store, 'open' | 'write'>;
  readonly #options: StoreWriterOptions;
  readonly #queue: PointQueue;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  #pumping: Promise<void> | undefined;
  #pause: AbortController | undefined;
  #waiting: { readonly settled: number; readonly resolve: () => void }[] = [];
  #added: number;
  #settled = 0;
  #failures = 0;
  #reason: string | undefined;
  #opened = false;
  #state: 'running' | 'stopping' | 'stopped' = 'running';

  /** Goes on with what an earlier run left in the spill. It opens the store itself, and again until it can. */
  constructor(store: Pick<Store, 'open' | 'write'>, options: StoreWriterOptions = {}) {
    const { batch = 5000, bound = 20_000, spill, sleep = timerUntil } = options;
    this.#store = store;
    this.#options = options;
    this.#sleep = (ms, signal) => sleep(ms, signal).catch(() => undefined);
    this.#queue = new PointQueue(batch, bound, spill, () => this.#shed());
    this.#added = this.#queue.size;
    if (this.#added > 0) this.#start();
  }

  get health(): StoreWriterHealth {
    const { size: pending, spilled, failure } = this.#queue;
    const state = this.#failures === 0 ? 'ok' : 'retrying';
    return { state, reason: this.#reason ?? failure, failures: this.#failures, pending, spilled };
  }

  /** The spill has taken all its room, and nothing is to be shed: what feeds the queue must hold back. */
  get full(): boolean {
    const { room } = this.#options;
    return room?.full === 'stop' && this.#queue.spilledBytes >= room.maximum;
  }

  /** Takes points in the order in which they came about. Does not block; after `stop` they are only kept. */
  add(points: readonly Stored[]): void {
    if (points.length === 0) return;
    this.#queue.add(points);
    this.#added += points.length;
    this.#shed();
    this.#start();
    if (this.#queue.full && this.#failures === 0) this.#pause?.abort();
  }

  /** Points that neither the store nor the spill has, in order: a checkpoint keeps them and adds them anew. */
  unsaved(): readonly Stored[] {
    return this.#queue.unsaved();
  }

  /** Blocks of the spill that a checkpoint of this instant needs; they come before `unsaved`. */
  spilledBlocks(): readonly number[] {
    return this.#queue.spilledBlocks();
  }

  /** Resolves when everything added so far is stored or refused, or at `stop`. Does not wait for batches to fill. */
  drain(): Promise<void> {
    if (this.#settled >= this.#added || this.#state === 'stopped') return Promise.resolve();
    const drained = new Promise<void>((resolve) => this.#waiting.push({ settled: this.#added, resolve }));
    if (this.#failures === 0) this.#pause?.abort();
    return drained;
  }

  /**
   * Writes what waits, for at most `deadline` ms, and gives up at the first failure. What is left then is in
   * `unsaved` and in the spill.
   */
  async stop(deadline: number): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'stopping';
    const done = new AbortController();
    const drained = this.drain();
    this.#pause?.abort();
    await Promise.race([drained, this.#sleep(deadline, done.signal)]);
    done.abort();
    this.#end();
  }

  #shed(): void {
    const { room, onShed } = this.#options;
    while (room?.full === 'shed' && this.#queue.spilledBytes > room.maximum) {
      const dropped = this.#queue.drop();
      if (!dropped) return;
      const shed = dropped.filter(({ kind }) => kind !== 'alert');
      this.#queue.add(dropped.filter(({ kind }) => kind === 'alert'));
      this.#settled += shed.length;
      onShed?.(shed);
    }
  }

  #start(): void {
    if (this.#state === 'running') this.#pumping ??= this.#pump();
  }

  async #pump(): Promise<void> {
    while (this.#queue.size > 0 && this.#state !== 'stopped') {
      const hurried = this.#queue.full || this.#waiting.length > 0 || this.#state === 'stopping';
      if (!hurried) await this.#wait(this.#options.delay ?? 1000);
      await this.#writeFront();
    }
    this.#pumping = undefined;
  }

  async #writeFront(): Promise<void> {
    try {
      const points = this.#queue.front();
      if (!this.#opened) await this.#store.open();
      this.#opened = true;
      const { refused } = await this.#store.write(points);
      await this.#queue.shift(() => this.#succeeded(points, refused));
    } catch (error) {
      await this.#failed(error as Error);
    }
  }

  #succeeded(points: readonly Stored[], refusals: readonly Refusal[]): void {
    this.#failures = 0;
    this.#reason = undefined;
    this.#settled += points.length;
    for (const refusal of refusals) this.#options.onRefused?.(refusal);
    const refused = new Set(refusals.map(({ point }) => point));
    this.#options.onStored?.(refused.size === 0 ? points : points.filter((point) => !refused.has(point)));
    for (const { settled, resolve } of this.#waiting) if (settled <= this.#settled) resolve();
    this.#waiting = this.#waiting.filter(({ settled }) => settled > this.#settled);
  }

  async #failed(error: Error): Promise<void> {
    this.#failures++;
    this.#reason = error.message;
    if (this.#state !== 'running') return this.#end();
    const { backoff, random = Math.random } = this.#options;
    const after = error instanceof StoreUnavailable ? error.after : undefined;
    await this.#wait(retryAfter(this.#failures, random(), after, backoff));
  }

  #end(): void {
    this.#state = 'stopped';
    this.#pause?.abort();
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  async #wait(ms: number): Promise<void> {
    this.#pause = new AbortController();
    await this.#sleep(ms, this.#pause.signal);
    this.#pause = undefined;
  }
}

/**
 * ms until the next attempt after `failures` in a row (1 and up): doubling up to `most`, with the upper half drawn
 * at random, so that edges which lost one store together do not come back together. A server that asks for more
 * gets it, up to ten times `most`, so that no answer can silence the edge.
 */
export function retryAfter(
  failures: number,
  random: number,
  asked = 0,
  { first = 1000, most = 60_000 }: NonNullable<StoreWriterOptions['backoff']> = {},
): number {
  const longest = Math.min(most, first * 2 ** Math.min(failures - 1, 30));
  return Math.round(Math.max(longest * (0.5 + random / 2), Math.min(asked, 10 * most)));
}

const timerUntil = (ms: number, signal: AbortSignal) => timer(ms, undefined, { signal });
