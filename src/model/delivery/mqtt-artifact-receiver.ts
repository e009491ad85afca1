import mqtt, { type MqttClient } from 'mqtt';
import { connectionOptions, type MqttConnection } from '../../mqtt-connection.ts';
import { ArtifactRefused } from '../artifact.ts';
import type { VersionFiles } from '../version-files.ts';
import { chunkTopic, type Description, type Parcel, sha256, understand } from './description.ts';
import type { Handled, Inbox } from './inbox.ts';
import { assemble, pieceFault } from './pieces.ts';

/** PORT. Where versions go that have come. */
export interface Shelf {
  /** Whether it holds that version, whole and trusted. */
  has(id: string): Promise<boolean>;
  /** @throws {ArtifactRefused} where it is not what it says, or nobody who is trusted signed it. */
  put(id: string, files: VersionFiles): Promise<void>;
  /** @throws {ArtifactRefused} where it could not serve here. */
  tryOut(id: string): Promise<void>;
  /** Has it be the one that should serve. */
  serve(id: string): Promise<void>;
}

export interface DeliveryStatus {
  /** `waiting`: for a description, or with nothing more to do. */
  readonly state: 'away' | 'waiting' | 'fetching';
  /** The version that is being fetched, and how far that is, in pieces. */
  readonly id?: string | undefined;
  readonly received?: number | undefined;
  readonly of?: number | undefined;
  /** What the last description came to, and why. */
  readonly last?: Handled | undefined;
  readonly problem?: string | undefined;
}

export interface ReceiverOptions extends MqttConnection {
  readonly topic: string;
  /** Bytes that one version may have. */
  readonly maximum: number;
  /** ms */
  readonly keepAlive?: number | undefined;
  readonly inbox: Inbox;
  readonly shelf: Shelf;
  readonly clock: () => number;
  /** A version has come and is to serve, or was refused, which then leaves the present one. */
  readonly report: (handled: Handled) => void;
}

interface Work {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** Undefined where it failed, and is to be tried again. */
  payload: Buffer | undefined;
}

/** ms until what failed here, as at a full disk, is tried again. */
const pause = 60_000;

/** Pieces that are asked for at once: on a slow link more would hold up the broker's answer to our ping. */
const atOnce = 2;

/**
 * Takes the version that a retained message describes, piece by piece, from retained messages. What has come stays on
 * the disk. Each description is taken up once, whatever it comes to: what was refused is not fetched again.
 */
export class MqttArtifactReceiver {
  readonly #options: ReceiverOptions;
  readonly #client: MqttClient;
  #last: Handled | undefined;
  #problem: string | undefined = 'no connection yet';
  /** The newest description, while it is worked on. */
  #work: Work = { payload: undefined, abort: new AbortController(), done: Promise.resolve() };
  #again: NodeJS.Timeout | undefined;
  #fetching: { readonly id: string; readonly of: number; received: number } | undefined;
  /** Topics that are subscribed to, and who waits for a message there. */
  readonly #wanted = new Map<string, (payload: Buffer) => void>();

  constructor(options: ReceiverOptions) {
    this.#options = options;
    const { url, topic, keepAlive = 60_000 } = options;
    const client = mqtt.connect(url, {
      ...connectionOptions(options),
      clean: true,
      resubscribe: false,
      reconnectOnConnackError: true,
      keepalive: Math.max(1, Math.round(keepAlive / 1000)),
    });
    this.#client = client;
    client.on('error', ({ message }) => (this.#problem = message));
    client.on('close', () => (this.#problem ??= 'connection lost'));
    // A broker sends what is retained with each subscription, so a new connection needs no session.
    client.on('connect', () => {
      this.#problem = undefined;
      for (const wanted of [topic, ...this.#wanted.keys()]) this.#subscribe(wanted);
    });
    client.on('message', (from, payload) => {
      // An empty one says only that there is none.
      if (payload.length === 0) return;
      if (from === topic) this.#take(payload);
      else this.#wanted.get(from)?.(payload);
    });
  }

  get status(): DeliveryStatus {
    const state = !this.#client.connected ? 'away' : this.#fetching ? 'fetching' : 'waiting';
    return { state, ...this.#fetching, last: this.#last, problem: this.#problem };
  }

  async stop(): Promise<void> {
    clearTimeout(this.#again);
    this.#work.abort.abort();
    await this.#client.endAsync(true).catch(() => {});
    await this.#work.done;
  }

  /** A newer description ends the work on the one before. */
  #take(payload: Buffer): void {
    const { abort, done } = this.#work;
    if (this.#work.payload?.equals(payload)) return;
    abort.abort();
    const next = new AbortController();
    const work = done
      .then(() => this.#handle(payload, next.signal))
      .catch((error) => this.#failed(error, next));
    this.#work = { payload, abort: next, done: work };
  }

  /** Not the sender's fault: the broker is asked for the same description again. */
  #failed(error: Error, { signal }: AbortController): void {
    if (signal.aborted) return;
    this.#problem = error.message;
    this.#work.payload = undefined;
    this.#again = setTimeout(() => {
      if (this.#client.connected) this.#subscribe(this.#options.topic);
    }, pause);
  }

  async #handle(payload: Buffer, signal: AbortSignal): Promise<void> {
    const { inbox, maximum } = this.#options;
    const description = sha256(payload);
    this.#last = await inbox.handled();
    if (signal.aborted || this.#last?.description === description) return;
    const understood = understand(payload, maximum);
    if ('fault' in understood) {
      await this.#settle({ description, id: undefined, outcome: 'refused', reason: understood.fault });
      return;
    }
    const { id } = understood.description;
    try {
      await this.#fetch(understood.description, signal);
      await this.#settle({ description, id, outcome: 'taken' });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ArtifactRefused)) throw error;
      await this.#settle({ description, id, outcome: 'refused', reason: error.message });
    } finally {
      this.#fetching = undefined;
    }
  }

  async #settle(handled: Omit<Handled, 'time'>): Promise<void> {
    this.#last = { ...handled, time: this.#options.clock() };
    await this.#options.inbox.settle(this.#last);
    this.#options.report(this.#last);
  }

  async #fetch({ id, versions }: Description, signal: AbortSignal): Promise<void> {
    const { shelf } = this.#options;
    for (const parcel of versions)
      if (!(await shelf.has(parcel.id)))
        await shelf.put(parcel.id, assemble(parcel, await this.#pieces(parcel, signal)));
    await shelf.tryOut(id);
    signal.throwIfAborted();
    await shelf.serve(id);
  }

  async #pieces(parcel: Parcel, signal: AbortSignal): Promise<Buffer[]> {
    const { inbox } = this.#options;
    const here = await inbox.pieces(parcel);
    const fetching = { id: parcel.id, of: parcel.chunks, received: here.size };
    this.#fetching = fetching;
    const missing = Array.from({ length: parcel.chunks }, (_, n) => n).filter((n) => !here.has(n));
    const failed = new AbortController();
    const over = AbortSignal.any([signal, failed.signal]);
    const next = async () => {
      for (let n = missing.shift(); n !== undefined; n = missing.shift()) {
        const piece = await this.#piece(parcel, n, over);
        await inbox.keep(parcel, n, piece);
        here.set(n, piece);
        fetching.received++;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, next)).finally(() => failed.abort());
    return Array.from({ length: parcel.chunks }, (_, n) => here.get(n)!);
  }

  /** Resolves with what is retained at its topic, or will be: a sender may be under way again. */
  #piece(parcel: Parcel, n: number, signal: AbortSignal): Promise<Buffer> {
    const topic = chunkTopic(this.#options.topic, parcel.id, n);
    return new Promise<Buffer>((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      this.#wanted.set(topic, (payload) => {
        const fault = pieceFault(parcel, n, payload);
        if (fault) reject(new ArtifactRefused(`${parcel.id}: ${fault}`));
        else resolve(payload);
      });
      if (this.#client.connected) this.#subscribe(topic);
    }).finally(() => {
      this.#wanted.delete(topic);
      if (this.#client.connected) this.#client.unsubscribe(topic, () => {});
    });
  }

  #subscribe(topic: string): void {
    this.#client.subscribe(topic, { qos: 1 }, (error, _, answer) => {
      const refused = answer?.granted.some((code) => Number(code) >= 128);
      if (refused) this.#problem = `the broker does not let us subscribe to ${topic}`;
      else if (error && this.#client.connected) this.#problem = error.message;
    });
  }
}
