import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { connectionOptions, type MqttConnection } from '../mqtt-connection.ts';
import { InOrder } from './in-order.ts';
import type { Clock } from './message.ts';
import { pubacks } from './mqtt-puback.ts';
import { planSubscriptions, type SubscriptionMemory } from './mqtt-subscriptions.ts';
import type { Accept, Source, SourceState } from './source.ts';

/** The session at the broker belongs to the client identifier: it must stay the same, and be nobody else's. */
export interface MqttSourceOptions extends MqttConnection {
  /** Topic filters. */
  readonly topics: readonly string[];
  readonly clock: Clock;
  /** ms that the broker keeps the session while we are away (MQTT 5; in 3.1.1 the broker decides). */
  readonly sessionExpiry?: number | undefined;
  /** ms */
  readonly keepAlive?: number | undefined;
  /** Messages taken and not yet durable; at this number (2,000) the socket is not read until some are. */
  readonly maxPending?: number | undefined;
  readonly memory?: SubscriptionMemory | undefined;
  readonly will?: IClientOptions['will'];
  /** Each change of state and each problem, for the log. */
  readonly report?: ((state: SourceState, what: string) => void) | undefined;
}

type Connection = MqttClient['stream'];

interface Delivery {
  readonly packet: IPublishPacket;
  readonly callback: (error?: Error) => void;
  readonly connection: Connection;
  readonly accept: Accept;
}

/** Given to MQTT.js so that it writes no PUBACK of its own: that comes later, from us. */
const deferred = new Error('acknowledged once durable');
const stopDeadline = 1500;
const defaultPending = 2000;

/**
 * Messages from an MQTT broker over a persistent session, at QoS 1.
 *
 * MQTT.js 5.16 acknowledges when `handleMessage` calls back without an error. Here it always calls back with one,
 * which skips the PUBACK and goes on reading, and the PUBACK is written once `accept` has resolved: in order of
 * receipt, and only to the connection that brought the message, since packet identifiers are used again. The
 * version of MQTT.js is pinned for this; the contract suite holds it.
 *
 * A message that `accept` rejects is not acknowledged; the connection is dropped, so that the broker sends it
 * again. QoS 2 publications reach us at QoS 1, because we subscribe at 1; those of an older subscription are
 * completed only once durable, yet a crash between PUBREC and then loses them (MQTT.js keeps them in memory).
 * QoS 0 is taken and can be lost. Retained messages are messages like others.
 */
export class MqttSource implements Source {
  readonly ended = new Promise<void>(() => {});
  readonly #options: MqttSourceOptions;
  readonly #maxPending: number;
  readonly #acks = new InOrder<{ messageId: number; connection: Connection }>((items) =>
    this.#acknowledge(items),
  );
  #client: MqttClient | undefined;
  #state: SourceState = 'starting';
  #known: readonly string[] | undefined;
  #pending = 0;
  #held: Delivery | undefined;
  #idle: (() => void) | undefined;
  #stopping = false;
  readonly #reported = new Set<string>();

  constructor(options: MqttSourceOptions) {
    this.#options = options;
    this.#maxPending = options.maxPending ?? defaultPending;
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Messages taken and not yet durable. */
  get pending(): number {
    return this.#pending;
  }

  /** Keeps trying while the broker is away; `stop` makes it reject. */
  start(accept: Accept): Promise<void> {
    const client = mqtt.connect(this.#options.url, clientOptions(this.#options));
    this.#client = client;
    // Queued messages follow right behind the CONNACK, so this is set in the turn that connects. It must never
    // throw. (The option `manualConnect` is no way out: with it MQTT.js 5.16 connects again after `end`.)
    client.handleMessage = (packet, callback) =>
      this.#receive({ packet, callback, accept, connection: client.stream });
    client.on('error', (error) => this.#report(`${this.#options.url}: ${error.message}`));
    client.on('close', () => this.#enter('disconnected', `no connection to ${this.#options.url}`));
    return new Promise((resolve, reject) => {
      client.on('connect', ({ sessionPresent }) => {
        // What is left of earlier connections can't be acknowledged on this one.
        this.#acks.clear();
        this.#subscribe(client, sessionPresent).then(resolve, (error) => this.#report(String(error)));
      });
      client.on('end', () => reject(new Error('stopped before the broker was reached')));
    });
  }

  /** Acknowledges what becomes durable within 1.5 s, then disconnects. The session stays at the broker. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#pending > 0) await within(stopDeadline, new Promise<void>((resolve) => (this.#idle = resolve)));
    this.#acks.flush();
    this.#acks.clear();
    const client = this.#client;
    if (client) {
      await within(stopDeadline / 5, client.endAsync(!client.connected));
      client.stream?.destroy();
    }
    this.#enter('stopped', 'stopped');
  }

  async #subscribe(client: MqttClient, sessionPresent: boolean): Promise<void> {
    const { topics, memory } = this.#options;
    const plan = planSubscriptions(sessionPresent, this.#known ?? memory?.read(), topics);
    if (plan.unsubscribe.length > 0) await client.unsubscribeAsync([...plan.unsubscribe]);
    const refused = plan.subscribe.length > 0 ? await refusedOf(client, plan.subscribe) : [];
    // Not before: what is published while we are not subscribed goes to nobody.
    this.#enter('connected', `connected to ${this.#options.url}: ${plan.reason}`);
    if (refused.length > 0)
      this.#report(
        `the broker refuses ${refused.join(', ')}: check its access rules; tried again at each connect`,
      );
    this.#known = topics.filter((topic) => !refused.includes(topic));
    await memory?.write(this.#known);
  }

  #receive(delivery: Delivery): void {
    const { packet, callback, connection } = delivery;
    // Of a connection that is gone: the broker sends it again on the next.
    if (this.#stopping || connection !== this.#client?.stream) callback(deferred);
    // MQTT.js reads no further until it is called back, so there is one at most for each connection.
    else if (this.#pending >= this.#maxPending) this.#held = delivery;
    else {
      this.#take(delivery);
      if (packet.qos !== 2) callback(deferred);
    }
  }

  #take({ packet, callback, connection, accept }: Delivery): void {
    const { topic, payload, qos, messageId } = packet;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const durable = qos === 1 ? this.#acks.add({ messageId: messageId!, connection }) : undefined;
    this.#pending++;
    accept({ topic, payload: bytes, receivedAt: this.#options.clock() }).then(
      () => {
        durable?.();
        // MQTT.js completes QoS 2 by itself, so its callback waits for the journal.
        if (qos === 2 && connection === this.#client?.stream) callback();
        this.#settled();
      },
      (error: Error) => {
        this.#refused(error, connection);
        this.#settled();
      },
    );
  }

  #settled(): void {
    this.#pending--;
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#receive(held);
    if (this.#pending === 0) this.#idle?.();
  }

  #refused(error: Error, connection: Connection): void {
    this.#report(`not accepted, so not acknowledged: ${error.message}`);
    connection.destroy();
  }

  #acknowledge(items: readonly { messageId: number; connection: Connection }[]): void {
    const current = this.#client?.stream;
    if (!current || current.destroyed) return;
    const ids = items.filter(({ connection }) => connection === current).map(({ messageId }) => messageId);
    if (ids.length > 0) current.write(pubacks(ids));
  }

  #enter(state: SourceState, what: string): void {
    if (this.#state === 'stopped' || (this.#state === state && state === 'disconnected')) return;
    this.#state = state;
    this.#report(what);
  }

  /** An outage is told once, not with each attempt. */
  #report(what: string): void {
    if (this.#state === 'connected') this.#reported.clear();
    if (!this.#reported.has(what)) this.#options.report?.(this.#state, what);
    this.#reported.add(what);
  }
}

/** The filters that the broker does not grant; it answers for each (MQTT 3.1.1 clause 3.9.3, MQTT 5 clause 3.9.3). */
function refusedOf(client: MqttClient, filters: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    client.subscribe([...filters], { qos: 1 }, (error, _, answer) => {
      const codes = answer?.granted;
      if (codes) resolve(filters.filter((_, at) => Number(codes[at]) >= 128));
      else reject(error ?? new Error('the broker did not answer the subscription'));
    });
  });
}

function clientOptions(options: MqttSourceOptions): IClientOptions {
  const { protocol, maxPending = defaultPending, sessionExpiry = 7 * 86_400_000, will } = options;
  return {
    ...connectionOptions(options),
    ...(will && { will }),
    // MQTT 5 ends a session at the disconnect unless an expiry is given, whatever `clean` says.
    clean: false,
    ...(protocol === 5 && {
      properties: {
        sessionExpiryInterval: Math.min(Math.round(sessionExpiry / 1000), 0xffff_ffff),
        receiveMaximum: Math.min(maxPending, 65_535),
      },
    }),
    keepalive: Math.max(1, Math.round((options.keepAlive ?? 60_000) / 1000)),
    // A wrong password may be put right at the broker: an unattended station keeps trying.
    reconnectOnConnackError: true,
    // The plan of subscriptions decides; see planSubscriptions.
    resubscribe: false,
  };
}

function within(ms: number, work: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
