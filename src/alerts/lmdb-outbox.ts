import type { Database } from 'lmdb';
import type { Disk } from '../disk.ts';
import type { AlertState, AlertTransition } from './alert.ts';
import { turnOf } from './delivery-order.ts';
import { messageId } from './message.ts';

/** Wall clock times, ms since the epoch. */
export interface Letter {
  readonly transition: AlertTransition;
  /** When what it tells of came about. */
  readonly at: number;
  /** Why this contact is told, where it is not the first one. */
  readonly because?: string | undefined;
}

export interface DeadLetter extends Letter {
  readonly channel: string;
  readonly id: string;
  /** Why it was given up, and when. */
  readonly reason: string;
  readonly since: number;
}

/** What became of a message on a channel; kept so that one derived again after a crash is not sent again. */
export interface Fate {
  readonly state: 'queued' | 'delivered' | 'received' | 'dead';
  readonly at: number;
  /** Of a receipt: who gave it. */
  readonly by?: string | undefined;
}

export interface Awaited {
  readonly due: number;
  readonly channel: string;
  readonly letter: Letter;
}

/**
 * [table, channel, message id]; of what is queued [table, channel, number, alert, its state], so that the order needs no
 * letter; of awaited receipts [table, due, channel, message id].
 */
type Key = (string | number)[];
type Table = 'queue' | 'fate' | 'dead' | 'awaited';

/** The durable part of the outbox. Everything that changes it must run in a transaction of the disk. */
export class OutboxTables {
  readonly #entries: Database<unknown, Key>;

  constructor(disk: Disk) {
    this.#entries = disk.database<unknown, Key>('outbox');
  }

  /** Answers false where the channel knows the message already. */
  enqueue(channel: string, letter: Letter): boolean {
    const fate: Key = ['fate', channel, messageId(letter.transition)];
    if (this.#entries.doesExist(fate)) return false;
    this.#entries.put(fate, { state: 'queued', at: letter.at } satisfies Fate);
    const { id, to } = letter.transition;
    this.#entries.put(['queue', channel, this.#nextNumber(channel), id, to], letter);
    return true;
  }

  /** The one that the channel is given next, and whether a later one of its alert waits. */
  head(
    channel: string,
  ): { readonly key: Key; readonly letter: Letter; readonly superseded: boolean } | undefined {
    const keys = this.#entries.getKeys(within('queue', channel));
    const turn = turnOf(
      keys.map((key) => ({ key, number: Number(key[2]), alert: `${key[3]}`, to: key[4] as AlertState })),
    );
    if (!turn) return undefined;
    const { key } = turn.next;
    return { key, letter: this.#entries.get(key) as Letter, superseded: turn.superseded };
  }

  queued(channel: string): number {
    return this.#entries.getKeysCount(within('queue', channel));
  }

  /** What waits on any channel, also on one that is no longer configured. */
  waiting(): (Letter & { readonly channel: string; readonly id: string })[] {
    return [...this.#entries.getRange(everything('queue'))].map(({ key, value }) => {
      const letter = value as Letter;
      return { ...letter, channel: String(key[1]), id: messageId(letter.transition) };
    });
  }

  /** Whether the channel was sent, or is to be sent, any message of the alert. */
  told(channel: string, alert: string): boolean {
    const [first] = this.#entries.getKeys({ start: ['fate', channel, `${alert}/`], limit: 1 });
    return first?.[0] === 'fate' && first[1] === channel && String(first[2]).startsWith(`${alert}/`);
  }

  delivered(channel: string, key: Key, { transition }: Letter, at: number): void {
    this.#entries.remove(key);
    this.#entries.put(['fate', channel, messageId(transition)], { state: 'delivered', at } satisfies Fate);
  }

  bury(channel: string, key: Key, letter: Letter, reason: string, since: number): void {
    const id = messageId(letter.transition);
    this.#entries.remove(key);
    this.#entries.put(['fate', channel, id], { state: 'dead', at: since } satisfies Fate);
    this.#entries.put(['dead', channel, id], { ...letter, channel, id, reason, since } satisfies DeadLetter);
  }

  /** Those of a channel, or all, in the order of channels and identifiers. */
  dead(channel?: string): DeadLetter[] {
    const range = channel === undefined ? everything('dead') : within('dead', channel);
    return [...this.#entries.getRange(range)].map(({ value }) => value as DeadLetter);
  }

  buried(channel: string): number {
    return this.#entries.getKeysCount(within('dead', channel));
  }

  resend({ channel, id, reason, since, ...letter }: DeadLetter, at: number): void {
    this.#entries.remove(['dead', channel, id]);
    this.#entries.remove(['fate', channel, id]);
    this.enqueue(channel, { ...letter, at });
  }

  await({ due, channel, letter }: Awaited): void {
    this.#entries.put(['awaited', due, channel, messageId(letter.transition)], letter);
  }

  /** Soonest due first. */
  awaited(limit?: number): Awaited[] {
    const found = this.#entries.getRange({ ...everything('awaited'), ...(limit !== undefined && { limit }) });
    return [...found].map(({ key, value }) => ({
      due: Number(key[1]),
      channel: String(key[2]),
      letter: value as Letter,
    }));
  }

  /** Answers how many were no longer waited for. */
  stopAwaiting(which: (awaited: Awaited) => boolean): number {
    const over = this.awaited().filter(which);
    for (const { due, channel, letter } of over)
      this.#entries.remove(['awaited', due, channel, messageId(letter.transition)]);
    return over.length;
  }

  received(channel: string, id: string, by: string, at: number): void {
    this.#entries.put(['fate', channel, id], { state: 'received', at, by } satisfies Fate);
  }

  fate(channel: string, id: string): Fate | undefined {
    return this.#entries.get(['fate', channel, id]) as Fate | undefined;
  }

  /** Drops what was settled before `before`; what waits or is dead stays. */
  forget(channel: string, before: number): void {
    const fates = [...this.#entries.getRange(within('fate', channel))] as { key: Key; value: Fate }[];
    const settled = fates.filter(({ value: { state } }) => state === 'delivered' || state === 'received');
    for (const { key, value } of settled) if (value.at < before) this.#entries.remove(key);
  }

  /** One more than the newest that is queued: order within the queue is all that the number is for. */
  #nextNumber(channel: string): number {
    const { start, end } = within('queue', channel);
    const [newest] = this.#entries.getKeys({ start: end, end: start, reverse: true, limit: 1 });
    return newest ? Number(newest[2]) + 1 : 1;
  }
}

/** All keys of a table and channel: in LMDB's order of keys, arrays come after numbers and strings. */
function within(table: Table, channel: string): { start: Key; end: Key } {
  return { start: [table, channel], end: [table, channel, '\u{10ffff}'] };
}

function everything(table: Table): { start: Key; end: Key } {
  return { start: [table], end: [table, '\u{10ffff}'] };
}
