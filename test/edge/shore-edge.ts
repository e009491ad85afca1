import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import pino from 'pino';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { formatsOf, mqttSource } from '../../src/commands/adapters.ts';
import { keepTime } from '../../src/commands/edge.ts';
import { modelOf, openData, storeOf, version } from '../../src/commands/shore.ts';
import { checkConfig } from '../../src/config/load.ts';
import type { Config, ConfigInput } from '../../src/config/schema.ts';
import { type Edge, startEdge } from '../../src/edge.ts';
import { lmdbSubscriptionMemory } from '../../src/ingest/lmdb-subscription-memory.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import { temporaryFolder } from '../process.ts';

export const minute = 60_000;
export const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };
/** Start of the newest step of 10 min that is over. */
export const lastStep = Math.floor(Date.now() / (10 * minute) - 1) * 10 * minute;

/** Chlorophyll of stations S0 to S9 in steps of 10 min, over a real broker into a real InfluxDB; it warns above 8. */
export function settingsOf(broker: string, influx: string, more: Partial<ConfigInput> = {}): ConfigInput {
  return {
    broker: { url: broker },
    stations: Array.from({ length: 10 }, (_, n) => ({ id: `S${n}`, cadence: '10m' })),
    stream: { step: '10m', lateness: '1s' },
    watch: { notice: 'none' },
    store: { kind: 'influx', url: influx, database: 'outage', deadline: '400ms' },
    rules: [
      {
        id: 'bloom',
        variable: 'chlorophyll',
        on: 'observed',
        level: 8,
        clear: 5,
        passes: 2,
        text: 'A bloom',
      },
    ],
    log: 'silent',
    tick: '200ms',
    ...more,
  };
}

export interface Shore {
  readonly edge: Edge;
  /** What people were told, in order. */
  readonly told: AlertTransition[];
  stop(): Promise<void>;
}

/** An edge in this process, as `redtide edge` puts it together; people are told in `told`. */
export async function startShore(t: ExecutionContext, given: ConfigInput): Promise<Shore> {
  const data = given.data ?? join(temporaryFolder(t), 'data');
  const config: Config = checkConfig({ model: { folder: join(data, 'models') }, ...given, data }, 'test');
  const { broker } = config;
  if ('embedded' in broker) throw new Error('these tests have a broker of their own');
  const told: AlertTransition[] = [];
  const disk = openData(config);
  const memory = lmdbSubscriptionMemory(disk, broker.url, broker.clientId);
  const send = async (transition: AlertTransition) => {
    told.push(transition);
    return { outcome: 'delivered' } as const;
  };
  const edge = await startEdge({
    config,
    formats: formatsOf(config),
    disk,
    source: () => mqttSource(broker, config, memory, Date.now, () => {}),
    address: () => broker.url,
    store: storeOf(config, disk),
    model: await modelOf(config),
    channels: () => [{ notifier: { name: 'people', send, close: async () => {} } }],
    clock: Date.now,
    ageOf: ({ time }) => Date.now() - time,
    log: pino({ level: 'silent' }),
    version,
  });
  const stops = keepTime(edge, config, Date.now, 1, () => {});
  let ended: Promise<void> | undefined;
  const stop = () =>
    (ended ??= (async () => {
      for (const end of stops) end();
      await edge.stop();
      await disk.close();
    })());
  t.teardown(stop);
  await edge.started;
  return { edge, told, stop };
}

/** A gateway over QoS 1 that remembers what it sent. */
export class Buoys {
  /** `station time value` of all that was acknowledged to it. */
  readonly sent: string[] = [];
  readonly #client: mqtt.MqttClient;

  private constructor(client: mqtt.MqttClient) {
    this.#client = client;
  }

  static async connect(t: ExecutionContext, url: string): Promise<Buoys> {
    const client = await mqtt.connectAsync(url, { clientId: 'buoys', clean: false, reconnectPeriod: 50 });
    client.on('error', () => {});
    t.teardown(() => client.end(true));
    return new Buoys(client);
  }

  async publish(station: string, time: number, value: number): Promise<void> {
    const payload = JSON.stringify({ time: new Date(time).toISOString(), values: { chlorophyll: value } });
    await this.#client.publishAsync(`buoys/${station}/telemetry`, payload, { qos: 1 });
    this.sent.push(`${station} ${time} ${value}`);
  }

  /** The steps before `end`, a reading each; the newest is closed by one more in the step after it. */
  async series(station: string, end: number, values: readonly number[]): Promise<void> {
    for (const [at, value] of [...values, values.at(-1)!].entries())
      await this.publish(station, end + (at - values.length) * 10 * minute + 5000, value);
  }
}

/** As `Buoys.sent`, sorted. */
export async function stored(influx: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { station, time, value } of new InfluxStore({ url: influx, database: 'outage' }).readings(
    everything,
  ))
    found.push(`${station} ${time} ${value}`);
  return found.sort();
}
