import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { connectionOptions, type MqttConnection } from '../mqtt-connection.ts';
import type { AlertTransition } from './alert.ts';
import type { Compose } from './message.ts';
import type { Delivery, Notifier } from './notifier.ts';

/** Resolves once the broker has the message (QoS 1: its PUBACK); rejects otherwise. */
export type Publish = (
  topic: string,
  payload: string,
  options: { readonly qos: 1; readonly retain: boolean },
) => Promise<void>;

export interface MqttNotifierOptions {
  readonly name?: string;
  /** Events go to TOPIC/events/AREA/RULE, the present state, retained, to TOPIC/state/AREA/RULE. */
  readonly topic: string;
  readonly publish: Publish;
  readonly compose: Compose;
  readonly close?: () => Promise<void>;
}

/** Publishes the message as JSON, QoS 1, to whoever listens now (events) and whoever comes later (state). */
export function createMqttNotifier(options: MqttNotifierOptions): Notifier {
  const { name = 'mqtt', topic, publish, compose, close = async () => {} } = options;
  return {
    name,
    async send(transition, because) {
      const payload = JSON.stringify(await compose(transition, because));
      const place = `${level(transition.area)}/${level(transition.rule)}`;
      try {
        await publish(`${topic}/state/${place}`, payload, { qos: 1, retain: true });
        await publish(`${topic}/events/${place}`, payload, { qos: 1, retain: false });
        return { outcome: 'delivered' };
      } catch (error) {
        return failed(error as Error & { code?: unknown }, transition);
      }
    },
    close,
  };
}

/** A name as one level of a topic (MQTT 5, 4.7): without separators, wildcards and what must not be in a string. */
function level(name: string): string {
  return name.replace(/[/+#%\p{Cc}]/gu, encodeURIComponent);
}

/** MQTT 5, 3.4.2.1: reasons that hold for this message however often it is sent. */
const lasting: ReadonlyMap<unknown, string> = new Map([
  [144, 'topic name invalid'],
  [149, 'packet too large'],
  [153, 'payload format invalid'],
]);

function failed({ code, message }: Error & { code?: unknown }, { id }: AlertTransition): Delivery {
  const reason = lasting.get(code);
  return reason ? { outcome: 'refused', reason: `${reason}: ${id}` } : { outcome: 'retry', reason: message };
}

/** The client identifier must not be that of the source: a broker lets only one connection have it. */
export interface MqttPublisherOptions extends MqttConnection {
  /**
   * Topic of a retained `online`, which the broker turns into `offline` when it loses us (last will): who relies on
   * the warnings learns that none can come.
   */
  readonly presence?: string | undefined;
  /** Instead: only what is said, retained, when we are lost or leave. */
  readonly farewell?: Farewell | undefined;
}

export interface Farewell {
  readonly topic: string;
  readonly payload: string;
}

export interface MqttPublisher {
  readonly publish: Publish;
  readonly close: () => Promise<void>;
}

/**
 * A connection for publishing only. It connects when it can, and again whenever it was lost; until then `publish`
 * rejects at once, since the outbox keeps the message and MQTT.js would only keep a second copy in memory.
 */
export function connectMqttPublisher(options: MqttPublisherOptions): MqttPublisher {
  const { url, presence } = options;
  const client = mqtt.connect(url, clientOptions(options));
  let problem = 'no connection yet';
  client.on('error', ({ message }) => (problem = message));
  client.on('close', () => (problem ||= 'connection lost'));
  client.on('connect', () => {
    problem = '';
    if (presence) client.publish(presence, 'online', { qos: 1, retain: true }, () => {});
  });
  return {
    publish: async (topic, payload, { qos, retain }) => {
      if (!client.connected) throw new Error(`${new URL(url).host}: ${problem || 'not connected'}`);
      await unlessClosed(client, client.publishAsync(topic, payload, { qos, retain }));
    },
    close: () => leave(client, farewellOf(options)),
  };
}

/** MQTT.js would wait for the next connection and send the message again there; the outbox does that. */
function unlessClosed(client: MqttClient, acknowledged: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const lost = () => reject(new Error('connection lost before the broker acknowledged'));
    client.once('close', lost);
    acknowledged.then(resolve, reject).finally(() => client.off('close', lost));
  });
}

const farewellOf = ({ presence, farewell }: MqttPublisherOptions): Farewell | undefined =>
  farewell ?? (presence ? { topic: presence, payload: 'offline' } : undefined);

function clientOptions(options: MqttPublisherOptions): IClientOptions {
  const farewell = farewellOf(options);
  return {
    ...connectionOptions(options),
    clean: true,
    ...(farewell && { will: { ...farewell, payload: Buffer.from(farewell.payload), qos: 1, retain: true } }),
  };
}

/** An orderly end sends no will, so the farewell is said by us; a broker that does not answer can't hold us up. */
async function leave(client: MqttClient, said: Farewell | undefined): Promise<void> {
  const farewell = async () => {
    if (said) await client.publishAsync(said.topic, said.payload, { qos: 1, retain: true });
    await client.endAsync();
  };
  const patience = new AbortController();
  const enough = sleep(500, undefined, { signal: patience.signal });
  if (client.connected) await Promise.race([farewell(), enough]).catch(() => {});
  patience.abort();
  await enough.catch(() => {});
  await client.endAsync(true).catch(() => {});
}
