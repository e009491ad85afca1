import { EventEmitter, once } from 'node:events';
import { setTimeout as timer } from 'node:timers/promises';
import type { Database } from 'lmdb';
import type { Disk } from '../disk.ts';
import type { AlertTransition } from './alert.ts';
import { type BackoffOptions, backoff } from './backoff.ts';
import { messageId } from './message.ts';
import type { Delivery, Notifier } from './notifier.ts';

export interface OutboxOptions {
  readonly disk: Disk;
  readonly notifiers: readonly Notifier[];
  /** Wall clock, ms since the epoch: it dates deliveries, so that old ones can be forgotten. */
  readonly now: () => number;
  /** Which transitions people are told of; all but quiet ones and those of alerts that were only pending, unless said. */
  readonly announces?: (transition: AlertTransition) => boolean;
  /** ms after which an attempt counts as failed. */
  readonly deadline?: number;
  /** ms for which a delivered message is remembered; longer than a journal may be replayed after a crash. */
  readonly remember?: number;
  readonly backoff?: BackoffOptions;
  /** Told of the end of every attempt. */
  readonly onAttempt?: (channel: string, delivery: Delivery, transition: AlertTransition) => void;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly random?: () => number;
}

/** In the database, by channel and message: `queued` until it is delivered or refused for good. */
interface Known {
  readonly state: 'queued' | 'delivered' | 'refused';
  readonly at: number;
}

/** [table, channel, number in the queue or message id], with these tables. */
type Key = (string | number)[];
type Table = 'queue' | 'known' | 'refused';

/**
 * Stands between the alerts and the channels. `put` makes a transition durable once for each channel, however often
 * it is derived again after a crash; then each channel has its own loop that delivers in order, at least once, and
 * waits only for itself. What a channel refuses for good is kept with the reason and holds up nothing.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #entries: Database<unknown, Key>;
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #stopping = new AbortController();
  #loops: Promise<void>[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#entries = options.disk.database<unknown, Key>('outbox');
  }

  /**
   * Resolves once the transition is durable for every channel. A checkpoint that covers the record it came from must
   * be written after that, not before.
   */
  async put(transition: AlertTransition): Promise<void> {
    const { announces = isAnnounced } = this.#options;
    if (!announces(transition)) return;
    await this.#options.disk.transaction(() => {
      for (const { name } of this.#options.notifiers) this.#enqueue(name, transition);
    });
    this.#events.emit('queued');
  }

  /** Starts delivering what is queued, from this run or an earlier one. */
  start(): void {
    this.#loops = this.#options.notifiers.map((notifier) => this.#deliverAll(notifier));
  }

  /** Stops between attempts; an attempt in progress is no longer waited for, and is made again by the next run. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
    await Promise.all(this.#options.notifiers.map((notifier) => notifier.close()));
  }

  /** Messages that wait, by channel. */
  pending(): Record<string, number> {
    const names = this.#options.notifiers.map(({ name }) => name);
    return Object.fromEntries(names.map((name) => [name, this.#entries.getKeysCount(within('queue', name))]));
  }

  /** What a channel refused for good, in the order of the identifiers. */
  refused(channel: string): { transition: AlertTransition; reason: string }[] {
    const entries = this.#entries.getRange(within('refused', channel));
    return [...entries].map(({ value }) => value as { transition: AlertTransition; reason: string });
  }

  /** Resolves when nothing waits on any channel, or when stopped. */
  async drained(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && Object.values(this.pending()).some((count) => count > 0))
      await once(this.#events, 'settled', { signal }).catch(() => {});
  }

  #enqueue(channel: string, transition: AlertTransition): void {
    const known: Key = ['known', channel, messageId(transition)];
    if (this.#entries.doesExist(known)) return;
    this.#entries.put(known, { state: 'queued', at: this.#options.now() } satisfies Known);
    this.#entries.put(['queue', channel, this.#nextNumber(channel)], transition);
  }

  /** One more than the newest that is queued: order within the queue is all that the number is for. */
  #nextNumber(channel: string): number {
    const { start, end } = within('queue', channel);
    const [newest] = this.#entries.getKeys({ start: end, end: start, reverse: true, limit: 1 });
    return newest ? Number(newest[2]) + 1 : 1;
  }

  async #deliverAll(notifier: Notifier): Promise<void> {
    const { signal } = this.#stopping;
    await this.#forget(notifier.name).catch(() => {});
    while (!signal.aborted) {
      const [head] = this.#entries.getRange({ ...within('queue', notifier.name), limit: 1 });
      if (head) await this.#deliver(notifier, head.key, head.value as AlertTransition);
      else await once(this.#events, 'queued', { signal }).catch(() => {});
    }
  }

  /** Until the channel takes it or refuses it; a later message never overtakes, or "over" could come before "begun". */
  async #deliver(notifier: Notifier, key: Key, transition: AlertTransition): Promise<void> {
    const { signal } = this.#stopping;
    const { sleep = wait, random = Math.random, onAttempt } = this.#options;
    for (let failures = 1; !signal.aborted; failures++) {
      const answer = await this.#attempt(notifier, transition);
      const delivery =
        answer.outcome === 'retry' ? answer : await this.#settle(notifier.name, key, transition, answer);
      if (signal.aborted && delivery.outcome === 'retry') return;
      onAttempt?.(notifier.name, delivery, transition);
      if (delivery.outcome !== 'retry') return;
      const pause = Math.max(delivery.after ?? 0, backoff(failures, random(), this.#options.backoff));
      await sleep(pause, signal).catch(() => {});
    }
  }

  async #attempt(notifier: Notifier, transition: AlertTransition): Promise<Delivery> {
    const { deadline = 30_000 } = this.#options;
    const over = new AbortController();
    const late = wait(deadline, AbortSignal.any([over.signal, this.#stopping.signal])).then(
      () => retry(`no answer within ${deadline} ms`),
      () => retry('stopping'),
    );
    const sent = Promise.resolve()
      .then(() => notifier.send(transition))
      .catch((error: Error) => retry(error.message));
    return Promise.race([sent, late]).finally(() => over.abort());
  }

  /** What can't be noted (a full disk) is sent again, under the same identifier, until it can. */
  async #settle(
    channel: string,
    key: Key,
    transition: AlertTransition,
    delivery: Exclude<Delivery, { outcome: 'retry' }>,
  ): Promise<Delivery> {
    const id = messageId(transition);
    const known: Known = { state: delivery.outcome, at: this.#options.now() };
    try {
      await this.#options.disk.transaction(() => {
        this.#entries.remove(key);
        this.#entries.put(['known', channel, id], known);
        if (delivery.outcome === 'refused')
          this.#entries.put(['refused', channel, id], { transition, reason: delivery.reason });
      });
    } catch (error) {
      return retry(`${delivery.outcome}, but that could not be noted: ${(error as Error).message}`);
    }
    this.#events.emit('settled');
    return delivery;
  }

  async #forget(channel: string): Promise<void> {
    const { now, remember = 90 * 86_400_000 } = this.#options;
    const before = now() - remember;
    const known = [...this.#entries.getRange(within('known', channel))] as { key: Key; value: Known }[];
    const old = known.filter(({ value: { state, at } }) => state === 'delivered' && at < before);
    await this.#options.disk.transaction(() => {
      for (const { key } of old) this.#entries.remove(key);
    });
  }
}

/** Pending alerts are stored, not announced: most of them come to nothing. */
function isAnnounced({ from, to, quiet }: AlertTransition): boolean {
  return quiet === undefined && to !== 'pending' && !(from === 'pending' && to === 'inactive');
}

/** All keys of a table and channel: in LMDB's order of keys, arrays come after numbers and strings. */
function within(table: Table, channel: string): { start: Key; end: Key } {
  return { start: [table, channel], end: [table, channel, '\u{10ffff}'] };
}

function retry(reason: string): Delivery {
  return { outcome: 'retry', reason };
}

function wait(ms: number, signal: AbortSignal): Promise<unknown> {
  return timer(ms, undefined, { signal });
}
