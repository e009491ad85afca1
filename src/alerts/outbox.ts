import { EventEmitter, once } from 'node:events';
import { setTimeout as timer } from 'node:timers/promises';
import type { Disk } from '../disk.ts';
import type { AlertTransition } from './alert.ts';
import { type BackoffOptions, backoff } from './backoff.ts';
import { answersFor, type Channel, route } from './channel.ts';
import { type Awaited, type DeadLetter, type Letter, OutboxTables } from './lmdb-outbox.ts';
import { messageId } from './message.ts';
import type { Delivery } from './notifier.ts';
import { span } from './wording.ts';

export interface OutboxOptions {
  readonly disk: Disk;
  readonly channels: readonly Channel[];
  /** Wall clock, ms since the epoch: expiry, receipts and forgetting go by it. */
  readonly now: () => number;
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

type Head = NonNullable<ReturnType<OutboxTables['head']>>;

const minute = 60_000;
const hour = 60 * minute;
/** ms; a message that is older when it is sent says so. */
const old = 15 * minute;
const later = 'a later message of the alert waits';

/** Of a channel that says nothing else. */
const defaultExpiry = 2 * 86_400_000;

/**
 * Stands between the alerts and the channels. `put` makes a transition durable once for each channel that is to be
 * told, however often it is derived again after a crash; then each channel has its own loop that delivers at least once,
 * what is present first (delivery-order.ts), and waits only for itself. What a channel refuses, or does not take until it expires, becomes a dead
 * letter, which holds up nothing and can be sent again. Where a receipt fails to come, the next contacts are told.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #tables: OutboxTables;
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #stopping = new AbortController();
  #loops: Promise<void>[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#tables = new OutboxTables(options.disk);
  }

  /**
   * Resolves once the transition is durable for every channel. A checkpoint that covers the record it came from must
   * be written after that, not before. `age`: ms since it came about, where its record has waited.
   */
  async put(transition: AlertTransition, age = 0): Promise<void> {
    const tables = this.#tables;
    const letter: Letter = { transition, at: this.#options.now() - Math.max(age, 0) };
    await this.#change(() => {
      if (answersFor(transition)) tables.stopAwaiting(({ letter }) => letter.transition.id === transition.id);
      for (const channel of this.#options.channels) {
        const { name } = channel.notifier;
        if (route(channel, transition, tables.told(name, transition.id)).deliver)
          tables.enqueue(name, letter);
      }
    });
  }

  /** Starts delivering what is queued, from this run or an earlier one. */
  start(): void {
    const { channels } = this.#options;
    this.#loops = [...channels.map((channel) => this.#deliverAll(channel)), this.#escalateAll()];
  }

  /** Stops between attempts; an attempt in progress is no longer waited for, and is made again by the next run. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
    await Promise.all(this.#options.channels.map(({ notifier }) => notifier.close()));
  }

  /** Messages that wait, by channel. */
  pending(): Record<string, number> {
    const names = this.#options.channels.map(({ notifier }) => notifier.name);
    return Object.fromEntries(names.map((name) => [name, this.#tables.queued(name)]));
  }

  /** In messages, by channel in the order of the configuration. */
  channels(): { name: string; waiting: number; dead: number; unanswered: number }[] {
    const awaited = this.#tables.awaited();
    return this.#options.channels.map(({ notifier: { name } }) => ({
      name,
      waiting: this.#tables.queued(name),
      dead: this.#tables.buried(name),
      unanswered: awaited.filter(({ channel }) => channel === name).length,
    }));
  }

  /** What was given up, of a channel or of all. */
  dead(channel?: string): DeadLetter[] {
    return this.#tables.dead(channel);
  }

  /** Queues dead letters again, those that `which` picks; resolves with how many. */
  async resend(which: (letter: DeadLetter) => boolean = () => true): Promise<number> {
    const chosen = this.#tables.dead().filter(which);
    await this.#change(() => {
      for (const letter of chosen) this.#tables.resend(letter, this.#options.now());
    });
    return chosen.length;
  }

  /** Deliveries of firing alerts whose receipt is still waited for, the soonest due first. */
  awaited(): Awaited[] {
    return this.#tables.awaited();
  }

  /**
   * Notes that a person, or a program, has seen the message of that identifier; on one channel, or on all. Resolves
   * with false where no such message was sent there.
   */
  async receive(id: string, by: string, channel?: string): Promise<boolean> {
    const names = channel === undefined ? Object.keys(this.pending()) : [channel];
    const there = names.filter((name) => this.#tables.fate(name, id) !== undefined);
    await this.#change(() => {
      this.#tables.stopAwaiting(
        (one) => there.includes(one.channel) && messageId(one.letter.transition) === id,
      );
      for (const name of there)
        if (this.#tables.fate(name, id)?.state === 'delivered')
          this.#tables.received(name, id, by, this.#options.now());
    });
    return there.length > 0;
  }

  /** Resolves when nothing waits on any channel, or when stopped. */
  async drained(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && Object.values(this.pending()).some((count) => count > 0))
      await once(this.#events, 'changed', { signal }).catch(() => {});
  }

  async #change(action: () => void): Promise<void> {
    await this.#options.disk.transaction(action);
    this.#events.emit('changed');
  }

  async #deliverAll(channel: Channel): Promise<void> {
    const { signal } = this.#stopping;
    const { name } = channel.notifier;
    await this.#forget(name).catch(() => {});
    for (let failures = 0; !signal.aborted; ) {
      const head = this.#tables.head(name);
      if (!head) await once(this.#events, 'changed', { signal }).catch(() => {});
      else failures = (await this.#deliver(channel, head, failures + 1)) ? 0 : failures + 1;
    }
  }

  /** One attempt, and the wait after it where it failed: what comes first may be another message then. */
  async #deliver(channel: Channel, { key, letter, superseded }: Head, attempt: number): Promise<boolean> {
    const { signal } = this.#stopping;
    const { sleep = wait, random = Math.random, now, onAttempt } = this.#options;
    const { expires = defaultExpiry } = channel;
    const left = () => letter.at + expires - now();
    const answer = superseded && left() <= 0 ? retry(later) : await this.#attempt(channel, letter);
    if (signal.aborted && answer.outcome === 'retry') return false;
    const late = left() <= 0 && answer.outcome === 'retry';
    const final = late ? refused(`not delivered within ${span(expires)}: ${answer.reason}`) : answer;
    const delivery = final.outcome === 'retry' ? final : await this.#settle(channel, key, letter, final);
    onAttempt?.(channel.notifier.name, delivery, letter.transition);
    if (delivery.outcome !== 'retry') return true;
    const pause = Math.max(delivery.after ?? 0, backoff(attempt, random(), this.#options.backoff));
    await sleep(late ? pause : Math.min(pause, Math.max(left(), 1)), signal).catch(() => {});
    return false;
  }

  async #attempt({ notifier }: Channel, letter: Letter): Promise<Delivery> {
    const { deadline = 30_000 } = this.#options;
    const over = new AbortController();
    const late = wait(deadline, AbortSignal.any([over.signal, this.#stopping.signal])).then(
      () => retry(`no answer within ${deadline} ms`),
      () => retry('stopping'),
    );
    const sent = Promise.resolve()
      .then(() => notifier.send(letter.transition, this.#because(letter)))
      .catch((error: Error) => retry(error.message));
    return Promise.race([sent, late]).finally(() => over.abort());
  }

  /** What is told late says so. */
  #because({ because, at }: Letter): string | undefined {
    const age = this.#options.now() - at;
    if (age < old) return because;
    const unit = age < 2 * hour ? minute : hour;
    const late = `this is ${span(age - (age % unit))} old: it could not be delivered before`;
    return because === undefined ? late : `${because}; ${late}`;
  }

  /** What can't be noted (a full disk) is sent again, under the same identifier, until it can. */
  async #settle(
    { notifier: { name }, receipt }: Channel,
    key: (string | number)[],
    letter: Letter,
    delivery: Exclude<Delivery, { outcome: 'retry' }>,
  ): Promise<Delivery> {
    const now = this.#options.now();
    try {
      await this.#change(() => {
        if (delivery.outcome === 'refused') this.#tables.bury(name, key, letter, delivery.reason, now);
        else this.#tables.delivered(name, key, letter, now);
        const awaits = receipt && letter.transition.to === 'firing';
        if (awaits && delivery.outcome === 'delivered')
          this.#tables.await({ due: now + receipt.within, channel: name, letter });
      });
      return delivery;
    } catch (error) {
      return retry(`${delivery.outcome}, but that could not be noted: ${(error as Error).message}`);
    }
  }

  /** Waits for the soonest receipt that is due, and tells the next contacts where it has not come. */
  async #escalateAll(): Promise<void> {
    const { signal } = this.#stopping;
    const { now } = this.#options;
    while (!signal.aborted) {
      const [soonest] = this.#tables.awaited(1);
      if (soonest && soonest.due <= now()) await this.#escalate(soonest).catch(() => this.#until(60_000));
      else await this.#until(soonest && soonest.due - now());
    }
  }

  /** Until something changes, or so many ms have passed (a day at most: timers hold no more than 24 days). */
  async #until(ms: number | undefined): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stopping.signal]);
    const changed = once(this.#events, 'changed', { signal });
    const passed = ms === undefined ? changed : wait(Math.min(ms, 86_400_000), signal);
    await Promise.race([changed, passed]).catch(() => {});
    over.abort();
    await Promise.allSettled([changed, passed]);
  }

  async #escalate({ due, channel: name, letter }: Awaited): Promise<void> {
    const { channels, now } = this.#options;
    const receipt = channels.find(({ notifier }) => notifier.name === name)?.receipt;
    const because = `no receipt came from ${name}${receipt ? ` within ${span(receipt.within)}` : ''}`;
    await this.#change(() => {
      const id = messageId(letter.transition);
      this.#tables.stopAwaiting(
        (one) => one.due === due && one.channel === name && messageId(one.letter.transition) === id,
      );
      for (const next of receipt?.tell ?? [])
        this.#tables.enqueue(next, { transition: letter.transition, at: now(), because });
    });
  }

  async #forget(channel: string): Promise<void> {
    const { now, remember = 90 * 86_400_000 } = this.#options;
    await this.#options.disk.transaction(() => this.#tables.forget(channel, now() - remember));
  }
}

function retry(reason: string): Delivery {
  return { outcome: 'retry', reason };
}

function refused(reason: string): Delivery {
  return { outcome: 'refused', reason };
}

function wait(ms: number, signal: AbortSignal): Promise<unknown> {
  return timer(ms, undefined, { signal });
}
