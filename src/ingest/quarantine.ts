import type { Database } from 'lmdb';
import type { Disk } from '../disk.ts';
import type { Journal } from './journal.ts';
import type { Message } from './message.ts';
import type { Rejection } from './reading.ts';

/** A message of which something was rejected, as it came, with the reasons. */
export interface QuarantinedMessage extends Message {
  /** Its place in the journal. */
  readonly sequence: number;
  readonly rejections: readonly Rejection[];
}

/** What `list` tells of each, without the payload. */
export interface QuarantineLine {
  readonly sequence: number;
  readonly topic: string;
  readonly receivedAt: number;
  readonly bytes: number;
  readonly rejections: readonly Rejection[];
}

export interface QuarantineOptions {
  /** Messages kept; beyond it the oldest are dropped and counted. */
  readonly maximum?: number | undefined;
}

type Kept = Omit<QuarantineLine, 'sequence' | 'bytes'> & { readonly payload: Uint8Array };

export function openQuarantine(disk: Disk, options: QuarantineOptions = {}): Quarantine {
  const entries = disk.database<Kept, number>('quarantine');
  return new Quarantine(entries, disk.database<number, string>('quarantine-counts'), options);
}

/**
 * Keeps what could not be understood, by its sequence in the journal: putting a message again, as a restart does,
 * changes nothing. It survives the journal's trimming.
 */
export class Quarantine {
  readonly #entries: Database<Kept, number>;
  readonly #counts: Database<number, string>;
  readonly #maximum: number;

  constructor(entries: Database<Kept, number>, counts: Database<number, string>, options: QuarantineOptions) {
    this.#entries = entries;
    this.#counts = counts;
    this.#maximum = options.maximum ?? 100_000;
  }

  /** Messages kept. */
  get size(): number {
    return (this.#entries.getStats() as { readonly entryCount: number }).entryCount;
  }

  /** Messages dropped because more than the maximum were kept. */
  get dropped(): number {
    return this.#counts.get('dropped') ?? 0;
  }

  /** Resolves once it is on the disk. */
  async put(sequence: number, message: Message, rejections: readonly Rejection[]): Promise<void> {
    const { topic, payload, receivedAt } = message;
    await this.#entries.transaction(() => {
      this.#entries.put(sequence, { topic, payload: Buffer.from(payload), receivedAt, rejections });
      this.#dropOldest(this.size - this.#maximum);
    });
  }

  /** In order of the journal, from `from` on. */
  *list(from = 0, limit = Number.POSITIVE_INFINITY): Generator<QuarantineLine, void, undefined> {
    let count = 0;
    for (const { key, value } of this.#entries.getRange({ start: from })) {
      if (count++ >= limit) return;
      const { topic, receivedAt, payload, rejections } = value;
      yield { sequence: key, topic, receivedAt, bytes: payload.length, rejections };
    }
  }

  show(sequence: number): QuarantinedMessage | undefined {
    const kept = this.#entries.get(sequence);
    return kept && { sequence, ...kept };
  }

  /** Whether it was there. */
  async remove(sequence: number): Promise<boolean> {
    if (!this.#entries.doesExist(sequence)) return false;
    await this.#entries.remove(sequence);
    return true;
  }

  #dropOldest(excess: number): void {
    if (excess <= 0) return;
    for (const key of this.#entries.getKeys({ limit: excess })) this.#entries.remove(key);
    this.#counts.put('dropped', this.dropped + excess);
  }
}

/**
 * Puts messages (all, where no sequences are given) at the end of the journal again; resolves with their number.
 * Appended and synced before it leaves the quarantine: a crash in between gives duplicates, which are dropped.
 *
 * @throws where a sequence is not in quarantine; then nothing was moved.
 */
export async function replayQuarantined(
  quarantine: Quarantine,
  journal: Pick<Journal, 'append'>,
  sequences: readonly number[],
): Promise<number> {
  const wanted = sequences.length > 0 ? sequences : [...quarantine.list()].map(({ sequence }) => sequence);
  const messages = wanted.map((sequence) => found(quarantine, sequence));
  for (const { sequence, topic, payload, receivedAt } of messages) {
    await journal.append({ kind: 'message', topic, payload, receivedAt });
    await quarantine.remove(sequence);
  }
  return messages.length;
}

/** @throws where it is not there. */
export function found(quarantine: Quarantine, sequence: number): QuarantinedMessage {
  const message = quarantine.show(sequence);
  if (message) return message;
  throw new Error(`no message ${sequence} is in quarantine; quarantine list shows those that are`);
}
