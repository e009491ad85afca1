import {
  connectMqttPublisher,
  type Farewell,
  type MqttPublisher,
  type Publish,
} from '../alerts/mqtt-notifier.ts';
import type { Config } from '../config/schema.ts';
import type { Disk } from '../disk.ts';
import type { AedesSource } from '../ingest/aedes-source.ts';
import { lmdbSubscriptionMemory } from '../ingest/lmdb-subscription-memory.ts';
import type { Clock } from '../ingest/message.ts';
import type { Source, SourceState } from '../ingest/source.ts';
import { connectionOf, embeddedBroker, mqttSource } from './adapters.ts';
import type { Voices } from './channels.ts';

/** The source of a configuration, what to call it, and how notices reach MQTT. */
export function brokerOf(
  config: Config,
  disk: Disk,
  clock: Clock,
  report: (state: SourceState, what: string) => void,
  lines: Voices['lines'],
): {
  readonly source: () => Source;
  readonly address: () => string;
  readonly voices: Voices;
  /** To the gateways. */
  readonly publish: Publish;
  readonly close: () => Promise<void>;
} {
  const { broker } = config;
  if ('embedded' in broker) {
    const source = embeddedBroker(config, clock, report);
    const publish: AedesSource['publish'] = (topic, payload, options) =>
      source.publish(topic, payload, options);
    return {
      source: () => source,
      address: () => urlOf(source),
      voices: { lines, mqtt: () => ({ publish }), beating: () => ({ publish }) },
      publish,
      close: async () => {},
    };
  }
  const source = mqttSource(
    broker,
    config,
    lmdbSubscriptionMemory(disk, broker.url, broker.clientId),
    clock,
    report,
  );
  const mqtt = (topic: string) =>
    connectMqttPublisher({
      ...connectionOf(broker),
      clientId: `${broker.clientId}-alerts`,
      presence: `${topic}/edge`,
    });
  const beating = (farewell: Farewell) =>
    connectMqttPublisher({ ...connectionOf(broker), clientId: `${broker.clientId}-heartbeat`, farewell });
  const connect = () =>
    connectMqttPublisher({ ...connectionOf(broker), clientId: `${broker.clientId}-requests` });
  const requests = connectedLate(connect, config.backfill ? connect() : undefined);
  return { source: () => source, address: () => broker.url, voices: { lines, mqtt, beating }, ...requests };
}

/** Without a connection it makes one when there is something to publish: a configuration may ask for it later. */
function connectedLate(connect: () => MqttPublisher, publisher?: MqttPublisher): MqttPublisher {
  return {
    publish: (...publication) => (publisher ??= connect()).publish(...publication),
    close: async () => publisher?.close(),
  };
}

export function urlOf({ address }: AedesSource): string {
  return address ? `mqtt://${address.host}:${address.port}, embedded` : 'embedded broker, not listening yet';
}
