import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { connectionOptions, type MqttConnection } from '../../mqtt-connection.ts';
import type { VersionFiles } from '../version-files.ts';
import { chunkTopic, describe, type Parcel, parcelOf } from './description.ts';
import { chunkBytes, cut, packetFault } from './pieces.ts';

/** What a broker was given to keep; it can't be asked. */
export interface Sent {
  /** The version that its description names. */
  readonly current?: string | undefined;
  /** By version: how many pieces may be there. */
  readonly pieces: Readonly<Record<string, number>>;
}

export interface SentMemory {
  read(): Sent;
  /** Resolves once it is on the disk. */
  write(sent: Sent): Promise<void>;
}

export interface Sending {
  readonly topic: string;
  /** Most bytes of a piece. */
  readonly chunk: number;
  /** The version that should serve is the last; before it the members of it, where it is a line-up. */
  readonly versions: readonly { readonly id: string; readonly files: VersionFiles }[];
  /** Other versions whose pieces stay at the broker, so that going back to them is quick. */
  readonly keep: readonly string[];
  readonly memory: SentMemory;
  /** ms since the epoch. */
  readonly now: number;
  /** ms without an answer of the broker after which it is given up. */
  readonly patience?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Delivered {
  /** Bytes of a piece, and their number over all versions. */
  readonly chunk: number;
  readonly pieces: number;
}

/**
 * Leaves versions at the broker, retained, QoS 1: their pieces first, then what describes them, then nothing where the
 * pieces of older versions were. So whoever reads the description finds all of it, whenever this ends. Over a link that
 * breaks it goes on with the piece that was not acknowledged.
 *
 * @throws where the broker refuses a message, or says nothing for `patience`.
 */
export async function sendVersions(connection: MqttConnection, sending: Sending): Promise<Delivered> {
  for (let wanted = sending.chunk; ; wanted = Math.max(leastChunk, Math.floor(wanted / 2))) {
    try {
      return await sendOnce(connection, { ...sending, chunk: wanted });
    } catch (error) {
      if (!(error instanceof TooLarge) || wanted <= leastChunk) throw error;
    }
  }
}

/** For brokers that do not say beforehand what is too large for them: half as much is tried, down to so many bytes. */
const leastChunk = 256;

class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** On a connection of its own: the client would send again, on each later one, what was refused for its size. */
async function sendOnce(connection: MqttConnection, sending: Sending): Promise<Delivered> {
  const client = mqtt.connect(connection.url, { ...connectionOptions(connection), clean: true });
  const link = new Link(client, new URL(connection.url).host, sending);
  try {
    const packet = await link.packetSize();
    const topicBytes = Buffer.byteLength(chunkTopic(sending.topic, sending.versions[0]!.id, 99_999));
    return await sendIn(link, sending, packet, chunkBytes(sending.chunk, packet, topicBytes));
  } finally {
    // Everything is acknowledged, or given up: there is nothing to wait for.
    await client.endAsync(true).catch(() => {});
  }
}

async function sendIn(
  link: Link,
  { topic, versions, keep, memory, now }: Sending,
  packet: number | undefined,
  chunk: number,
): Promise<Delivered> {
  const parcels = versions.map(({ id, files }) => parcelOf(id, files, chunk));
  const id = versions.at(-1)!.id;
  const description = JSON.stringify(describe(id, parcels, now));
  const fault = packetFault(Buffer.byteLength(description), packet, Buffer.byteLength(topic));
  if (fault) throw new Error(fault);
  const before = memory.read();
  await memory.write({ ...before, pieces: withAtLeast(before.pieces, parcels) });
  for (const [at, { id, files }] of versions.entries())
    await link.publishAll(
      cut(files, chunk).map((payload, n) => ({ topic: chunkTopic(topic, id, n), payload })),
      `${id}, version ${at + 1} of ${versions.length}`,
    );
  await link.publishAll([{ topic, payload: Buffer.from(description) }], `the description of ${id}`);
  await memory.write({ ...memory.read(), current: id });
  await clear(link, topic, parcels, keep, memory);
  return { chunk, pieces: parcels.reduce((sum, { chunks }) => sum + chunks, 0) };
}

function withAtLeast(pieces: Sent['pieces'], parcels: readonly Parcel[]): Sent['pieces'] {
  const now = parcels.map(({ id, chunks }) => [id, Math.max(chunks, pieces[id] ?? 0)] as const);
  return { ...pieces, ...Object.fromEntries(now) };
}

/** An empty retained message takes away the one that was there (MQTT 5, 3.3.1.3). */
async function clear(
  link: Link,
  topic: string,
  parcels: readonly Parcel[],
  keep: readonly string[],
  memory: SentMemory,
): Promise<void> {
  for (const [id, count] of Object.entries(memory.read().pieces)) {
    const needed = parcels.find((one) => one.id === id)?.chunks ?? (keep.includes(id) ? count : 0);
    const gone = Array.from({ length: count - needed }, (_, i) => chunkTopic(topic, id, needed + i));
    await link.publishAll(
      gone.map((topic) => ({ topic, payload: Buffer.alloc(0) })),
      `what is left of ${id}`,
    );
    const { [id]: _, ...others } = memory.read().pieces;
    await memory.write({ ...memory.read(), pieces: needed > 0 ? { ...others, [id]: needed } : others });
  }
}

interface Message {
  readonly topic: string;
  readonly payload: Buffer;
}

/** Publications under way at once: on a slow link more would only wait in its buffers. */
const inFlight = 4;

/** MQTT 5, 2.4: packet too large. */
const packetTooLarge = 149;

/** A connection that is waited for, but not for ever. */
class Link {
  readonly #client: MqttClient;
  readonly #host: string;
  readonly #patience: number;
  readonly #signal: AbortSignal | undefined;
  readonly #size: Promise<number | undefined>;
  readonly #tooLarge: Promise<never>;
  #problem = 'no connection';

  constructor(client: MqttClient, host: string, { patience = 60_000, signal }: Sending) {
    this.#client = client;
    this.#host = host;
    this.#patience = patience;
    this.#signal = signal;
    client.on('close', () => (this.#problem ||= 'connection lost'));
    this.#size = new Promise((resolve) =>
      client.once('connect', ({ properties }) => resolve(properties?.maximumPacketSize)),
    );
    client.on('connect', () => (this.#problem = ''));
    this.#tooLarge = new Promise((_, reject) => {
      const refuse = () => reject(new TooLarge(`${host} refuses a message for its size`));
      client.on('error', ({ message }) => {
        this.#problem = message;
        // Mosquitto says 149 in a PUBACK, where it must not be, and so mqtt-packet can't read it.
        if (message === 'Invalid puback reason code') refuse();
      });
      client.on('disconnect', ({ reasonCode }) => {
        if (reasonCode === packetTooLarge) refuse();
      });
    });
    this.#tooLarge.catch(() => {});
  }

  /** Bytes; undefined where the broker names no maximum, which MQTT 3.1.1 has no word for. */
  packetSize(): Promise<number | undefined> {
    return this.#patiently(this.#size, 'to connect');
  }

  /** MQTT.js keeps what is not acknowledged, and sends it again on the next connection. */
  async publishAll(messages: readonly Message[], what: string): Promise<void> {
    for (let from = 0; from < messages.length; from += inFlight) {
      const some = messages.slice(from, from + inFlight);
      const sent = some.map(({ topic, payload }) =>
        this.#client.publishAsync(topic, payload, { qos: 1, retain: true }),
      );
      await this.#patiently(Promise.all(sent), what).catch((error: Error & { code?: unknown }) => {
        throw error.code === packetTooLarge ? new TooLarge(error.message) : error;
      });
    }
  }

  async #patiently<T>(work: Promise<T>, what: string): Promise<T> {
    work.catch(() => {});
    const over = new AbortController();
    const late = sleep(this.#patience, undefined, { signal: over.signal }).then(() => {
      throw new Error(`${this.#host}: ${this.#problem || 'no answer'} (${what})`);
    });
    late.catch(() => {});
    const interrupted = new Promise<never>((_, reject) => {
      const stop = () => reject(new Error(`interrupted (${what})`));
      if (this.#signal?.aborted) stop();
      this.#signal?.addEventListener('abort', stop, { once: true, signal: over.signal });
    });
    interrupted.catch(() => {});
    return Promise.race([work, late, interrupted, this.#tooLarge]).finally(() => over.abort());
  }
}
