import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { InOrder } from './in-order.ts';
import { type Address, isLoopback, listenNear } from './listen.ts';
import type { Clock } from './message.ts';
import { packetSizeGuard } from './packet-size.ts';
import type { Accept, Source, SourceState } from './source.ts';
import { matcher } from './topic.ts';

export interface AedesSourceOptions {
  readonly host: string;
  /** Where it is busy the next free one is taken; 0 takes any. */
  readonly port: number;
  /** Topic patterns of what is ours; other publications are only passed on to their subscribers. */
  readonly topics: readonly string[];
  readonly clock: Clock;
  /**
   * Passwords by user. A user publishes only to topics whose `{station}` is its name. Without users everyone may
   * connect, which is allowed on a loopback address only.
   */
  readonly users?: Readonly<Record<string, string>> | undefined;
  /** PEM texts; with them the listener speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  /** Bytes of one MQTT packet; a client that sends more is disconnected. */
  readonly maxPacket?: number | undefined;
  readonly report?: ((state: SourceState, what: string) => void) | undefined;
}

type Done = (error?: Error | null) => void;

/**
 * A broker of our own (Aedes 1.2, MQTT 3.1 and 3.1.1) inside the process. A gateway's PUBACK (QoS 1) or PUBREC
 * (QoS 2) is written only once `accept` has resolved, in order of receipt for each client: it means "in our
 * journal, synced". Where `accept` rejects, the client is disconnected unacknowledged and sends again.
 *
 * Sessions, subscriptions and retained messages live in memory and end with the process; publications do not.
 */
export class AedesSource implements Source {
  readonly ended = new Promise<void>(() => {});
  readonly #options: AedesSourceOptions;
  readonly #ours: readonly ReturnType<typeof matcher>[];
  readonly #acks = new WeakMap<Client, InOrder<Done>>();
  readonly #users = new WeakMap<Client, string>();
  readonly #sockets = new Set<Socket>();
  #broker: Aedes | undefined;
  #server: Server | undefined;
  #address: Address | undefined;
  #state: SourceState = 'starting';
  #pending = 0;
  #idle: (() => void) | undefined;

  constructor(options: AedesSourceOptions) {
    this.#options = options;
    this.#ours = options.topics.map(matcher);
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Where it listens, once started. */
  get address(): Address | undefined {
    return this.#address;
  }

  /** Publications taken and not yet durable. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * @throws where the address can't be listened on, or is open to others while nobody needs a password.
   */
  async start(accept: Accept): Promise<void> {
    const { host, port, users } = this.#options;
    if (!users && !isLoopback(host))
      throw new Error(`broker on ${host}: set users with passwords, or listen on 127.0.0.1`);
    this.#broker = await Aedes.createBroker({
      authenticate: (client, user, password, done) => this.#authenticate(client, user, password, done),
      authorizePublish: (client, packet, done) => this.#authorize(client, packet, done, accept),
    });
    this.#broker.on('clientError', (client, error) => this.#report(`client ${client.id}: ${error.message}`));
    this.#broker.on('connectionError', (_, error) => this.#report(`connection: ${error.message}`));
    this.#server = this.#listener();
    try {
      this.#address = await listenNear(this.#server, host, port);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#state = 'connected';
    this.#report(`listening on ${host}:${this.#address.port}`);
  }

  /** Stops listening, gives what is pending up to 1.5 s to become durable, then disconnects the clients. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#server?.close();
    for (const socket of this.#sockets) socket.pause();
    if (this.#pending > 0) await this.#drained(1500);
    const broker = this.#broker;
    if (broker) await new Promise<void>((resolve) => broker.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Publishes to this broker's own subscribers; nothing of it comes back through `accept`. */
  publish(
    topic: string,
    payload: string | Uint8Array,
    { retain = false, qos = 1 }: { readonly retain?: boolean; readonly qos?: 0 | 1 } = {},
  ): Promise<void> {
    const broker = this.#broker;
    if (!broker) return Promise.reject(new Error('the broker has not been started'));
    const packet: PublishPacket = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos,
      retain,
      dup: false,
    };
    return new Promise((resolve, reject) => {
      broker.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  #listener(): Server {
    const { tls } = this.#options;
    const serve = (socket: Socket) => this.#serve(socket);
    return tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, serve) : createPlainServer(serve);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    guardSize(socket, this.#options.maxPacket ?? 1024 * 1024);
    this.#broker!.handle(socket);
  }

  #authenticate(
    client: Client,
    user: string | undefined,
    password: Buffer | undefined,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): void {
    const { users } = this.#options;
    const expected = users && user !== undefined && Object.hasOwn(users, user) ? users[user] : undefined;
    if (user !== undefined) this.#users.set(client, user);
    done(null, !users || (expected !== undefined && sameSecret(password ?? Buffer.alloc(0), expected)));
  }

  #authorize(client: Client | null, packet: PublishPacket, done: Done, accept: Accept): void {
    const { topic, payload } = packet;
    const verdict = this.#judge(topic, client);
    if (verdict instanceof Error) done(verdict);
    else if (verdict === 'passed on') done();
    else if (this.#state === 'connected') {
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
      const message = { topic, payload: bytes, receivedAt: this.#options.clock() };
      void this.#hand(message, accept, this.#place(client, done));
    }
  }

  /** Whether a publication is for us, only for others, or refused and why. */
  #judge(topic: string, client: Client | null): 'ours' | 'passed on' | Error {
    if (topic.startsWith('$')) return new Error(`${topic}: topics with $ are the broker's own`);
    const names = this.#ours.map((match) => match(topic)).find((match) => match !== undefined);
    const user = client && this.#users.get(client);
    if (this.#options.users && names?.['station'] !== user)
      return new Error(`user ${user} may not publish to ${topic}`);
    return names ? 'ours' : 'passed on';
  }

  #place(client: Client | null, done: Done): { readonly durable: () => void; readonly refused: Done } {
    if (!client) return { durable: done, refused: done };
    let order = this.#acks.get(client);
    if (!order) this.#acks.set(client, (order = new InOrder((ready) => ready.forEach((next) => next()))));
    return { durable: order.add(done), refused: done };
  }

  async #hand(
    message: Parameters<Accept>[0],
    accept: Accept,
    { durable, refused }: { readonly durable: () => void; readonly refused: Done },
  ): Promise<void> {
    this.#pending++;
    try {
      await accept(message);
      durable();
    } catch (error) {
      this.#report(`not accepted, so not acknowledged: ${(error as Error).message}`);
      refused(error as Error);
    }
    if (--this.#pending === 0) this.#idle?.();
  }

  /** The acknowledgements go out a turn of the event loop after the last message is durable. */
  async #drained(deadline: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadline);
      this.#idle = () => {
        clearTimeout(timer);
        setTimeout(resolve, 10);
      };
    });
  }

  #report(what: string): void {
    this.#options.report?.(this.#state, what);
  }
}

/** Aedes takes packets from `read`; one whose header says that it is too large ends the connection unread. */
function guardSize(socket: Socket, maximum: number): void {
  const within = packetSizeGuard(maximum);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read(size);
    if (chunk === null || within(chunk)) return chunk;
    socket.destroy(new Error(`sent a packet of more than ${maximum} bytes`));
    return null;
  };
}

/** In a time that does not tell how much of it was right. */
function sameSecret(given: Buffer, expected: string): boolean {
  const digest = (text: Buffer | string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
