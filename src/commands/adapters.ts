import { readFileSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { readSecret, type SecretSource } from '../config/secret.ts';
import { AedesSource } from '../ingest/aedes-source.ts';
import type { Format } from '../ingest/format.ts';
import type { Clock } from '../ingest/message.ts';
import { MqttSource } from '../ingest/mqtt-source.ts';
import type { SubscriptionMemory } from '../ingest/mqtt-subscriptions.ts';
import type { SourceState } from '../ingest/source.ts';
import { subscription } from '../ingest/topic.ts';

type Report = (state: SourceState, what: string) => void;
type Broker = Exclude<Config['broker'], { embedded: unknown }>;

/** The formats of the configured topics, in the order in which they are tried. */
export function formatsOf(config: Config): Format[] {
  return config.topics.map(({ topic, payload, mapping }) => {
    if (payload === 'native' || payload === 'presence') return { topic, payload };
    if (payload === 'mapped') return { topic, payload, mapping: mapping! };
    return { topic, payload, mapping: { ...mapping!, columns: mapping!.columns! } };
  });
}

/** The broker inside redtide. Throws when a password can't be read. */
export function embeddedBroker(config: Config, clock: Clock, report: Report): AedesSource {
  if (!('embedded' in config.broker)) throw new Error('the configuration names an external broker');
  const { host, port, users } = config.broker.embedded;
  return new AedesSource({
    host,
    port,
    topics: config.topics.map(({ topic }) => topic),
    clock,
    users: users && mapValues(users, (source) => readSecret(source)),
    report,
  });
}

/** The configured broker as a source. Throws when a password or certificate can't be read. */
export function mqttSource(
  broker: Broker,
  config: Config,
  memory: SubscriptionMemory,
  clock: Clock,
  report: Report,
) {
  return new MqttSource({
    ...connectionOf(broker),
    clientId: broker.clientId,
    topics: config.topics.map(({ topic }) => subscription(topic)),
    clock,
    sessionExpiry: broker.sessionExpiry,
    keepAlive: broker.keepAlive,
    maxPending: broker.maxPending,
    memory,
    report,
  });
}

/** What every connection to the broker needs: address, protocol, who we are, and how TLS is done. */
export function connectionOf(broker: Broker) {
  const { url, protocol, username, password, tls } = broker;
  return { url, protocol, username, password: secretOf(password), tls: tls && tlsOf(tls) };
}

function tlsOf({ ca, certificate, key, serverName }: NonNullable<Broker['tls']>) {
  return {
    ...(ca !== undefined && { ca: pem(ca, 'ca') }),
    ...(certificate !== undefined && { certificate: pem(certificate, 'certificate') }),
    ...(key !== undefined && { key: pem(key, 'key') }),
    ...(serverName !== undefined && { serverName }),
  };
}

export const secretOf = (source: SecretSource | undefined) => source && readSecret(source);

function pem(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`broker/tls/${name}: ${path} cannot be read (${(error as Error).message})`);
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
