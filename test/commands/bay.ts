import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { historyOf } from '../../src/commands/shore.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { uniform } from '../../src/model/engine/initial.ts';
import { topic } from '../model/delivery/delivery.ts';
import { type Program, redtide, temporaryFolder } from '../process.ts';
import { type ServerProcess, startInflux, startMosquitto } from '../servers.ts';
import { configure, hour, iso, logOf, today } from './shore.ts';

/** A buoy's bay: servers, history, an edge and a trainer as operators run them. */

/** Hourly means of 40 weeks: what comes next is told by the last two values, and not by the last alone. */
export const hours = 280 * 24;
/** The newest of them come live; the others are replayed. */
export const live = 40;

export function measurements(): number[] {
  const random = uniform(5);
  let [level, slope] = [10, 0];
  return Array.from({ length: hours }, () => {
    slope = 0.9 * slope + 0.2 * (random() - 0.5) - 0.002 * (level - 10);
    level += slope;
    return Number(level.toFixed(4));
  });
}

export const timeOf = (at: number) => today - (hours - at) * hour;

export interface Key {
  readonly file: string;
  readonly pem: string;
  readonly trusted: string;
}

export function keyIn(folder: string): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const file = join(folder, 'signing.pem');
  writeFileSync(file, pem, { mode: 0o600 });
  return { file, pem, trusted: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') };
}

export interface Bay {
  readonly folder: string;
  readonly broker: ServerProcess;
  readonly key: Key;
  readonly edge: string;
  readonly trainer: string;
  /** The trainer's configuration with other settings, by name. */
  retrainer(name: string, retrain: ConfigInput['retrain']): string;
}

/** Mosquitto, InfluxDB with the replayed history, an edge's and a trainer's configuration. */
export async function bay(t: ExecutionContext): Promise<Bay | undefined> {
  const [broker, influx] = [await startMosquitto(t), await startInflux(t)];
  if (!broker || !influx) return undefined;
  const folder = temporaryFolder(t);
  const key = keyIn(folder);
  const of = (name: string, more: ConfigInput) =>
    configure(folder, name, {
      data: join(folder, name),
      broker: { url: broker.url, clientId: name },
      stations: [{ id: 'B01', cadence: '1h' }],
      stream: { step: '1h', lateness: '1s', lookback: 24, clock: { ahead: '10m', behind: '60d' } },
      store: { kind: 'influx', url: influx.url, database: 'bay' },
      ...more,
    });
  const serving = { variables: ['chlorophyll'], horizons: [1, 3, 6] };
  const retrainer = (name: string, retrain: ConfigInput['retrain']) =>
    of(name, {
      model: { ...serving, folder: join(folder, 'versions') },
      retrain: { data: join(folder, 'trainer'), key: key.file, networks: [], mqtt: { topic }, ...retrain },
    });
  const edge = of('edge', {
    model: { ...serving, folder: join(folder, 'models'), mqtt: { topic }, trusted: [key.trusted] },
  });
  return { folder, broker, key, edge, trainer: retrainer('hourly', {}), retrainer };
}

export async function replayed(t: ExecutionContext, { folder, trainer }: Bay, values: readonly number[]) {
  const file = join(folder, 'history.csv');
  const rows = values.slice(0, hours - live).map((value, at) => `${iso(timeOf(at))},B01,${value}`);
  writeFileSync(file, `time,station,chlorophyll\n${rows.join('\n')}\n`);
  const { code, err } = await redtide(
    t,
    'replay',
    file,
    '--config',
    trainer,
    '--data',
    join(folder, 'replay'),
  ).ended;
  t.is(code, 0, err);
}

/** The buoy: it says the values of some hours, and what the store then has of forecasts, by their time of issue. */
export async function buoyAt(t: ExecutionContext, { broker, edge }: Bay, values: readonly number[]) {
  const client = await mqtt.connectAsync(broker.url);
  t.teardown(() => client.endAsync(true));
  return {
    async says(from: number, to: number): Promise<void> {
      for (let at = from; at < to; at++)
        await client.publishAsync(
          'buoys/B01/telemetry',
          JSON.stringify({ time: iso(timeOf(at) + hour / 2), values: { chlorophyll: values[at] } }),
          { qos: 1 },
        );
    },
    async forecasts(): Promise<Map<number, string>> {
      const { store, close } = historyOf(loadConfig(edge));
      const found = new Map<number, string>();
      const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
      for await (const { issuedAt, model } of store.forecasts(all)) found.set(issuedAt, model);
      await close();
      return found;
    },
  };
}

export const currentOf = (folder: string) => readFileSync(join(folder, 'current'), 'utf8').trim();
export const inService = (id: string) => new RegExp(`"model":"${id}".*"model in service"`);

export const served = (edge: Program) =>
  logOf(edge).flatMap(({ msg, model }) => (msg === 'model in service' ? [model as string] : []));
