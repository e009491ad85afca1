import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { historyOf } from '../../src/commands/shore.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { uniform } from '../../src/model/engine/initial.ts';
import { topic } from '../model/delivery/delivery.ts';
import { type Program, redtide, temporaryFolder, until } from '../process.ts';
import { type ServerProcess, startInflux, startMosquitto } from '../servers.ts';
import { configure, hour, iso, logOf, today } from './shore.ts';

/**
 * A model's whole way, with the programs that operators run: history replayed into InfluxDB, the cron of a trainer, a
 * contest, the version signed and left at Mosquitto, the running edge that takes it, its next forecasts in InfluxDB.
 */

/** Hourly means of 40 weeks: what comes next is told by the last two values, and not by the last alone. */
const hours = 280 * 24;
/** The newest of them come live; the others are replayed. */
const live = 40;

function measurements(): number[] {
  const random = uniform(5);
  let [level, slope] = [10, 0];
  return Array.from({ length: hours }, () => {
    slope = 0.9 * slope + 0.2 * (random() - 0.5) - 0.002 * (level - 10);
    level += slope;
    return Number(level.toFixed(4));
  });
}

const timeOf = (at: number) => today - (hours - at) * hour;

interface Key {
  readonly file: string;
  readonly pem: string;
  readonly trusted: string;
}

function keyIn(folder: string): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const file = join(folder, 'signing.pem');
  writeFileSync(file, pem, { mode: 0o600 });
  return { file, pem, trusted: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') };
}

interface Bay {
  readonly folder: string;
  readonly broker: ServerProcess;
  readonly key: Key;
  readonly edge: string;
  readonly trainer: string;
  /** The trainer's configuration with other settings, by name. */
  retrainer(name: string, retrain: ConfigInput['retrain']): string;
}

/** Mosquitto, InfluxDB with the replayed history, an edge's and a trainer's configuration. */
async function bay(t: ExecutionContext): Promise<Bay | undefined> {
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

async function replayed(t: ExecutionContext, { folder, trainer }: Bay, values: readonly number[]) {
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
async function buoyAt(t: ExecutionContext, { broker, edge }: Bay, values: readonly number[]) {
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

const currentOf = (folder: string) => readFileSync(join(folder, 'current'), 'utf8').trim();
const inService = (id: string) => new RegExp(`"model":"${id}".*"model in service"`);

const served = (edge: Program) =>
  logOf(edge).flatMap(({ msg, model }) => (msg === 'model in service' ? [model as string] : []));

test('from replayed history and the cron to the next forecasts of a running edge, and back', async (t) => {
  t.timeout(300_000);
  const shore = await bay(t);
  if (!shore) return;
  const values = measurements();
  await replayed(t, shore, values);
  const versions = join(shore.folder, 'versions');
  const edge = redtide(t, 'edge', shore.edge);
  await edge.line(/"state":"connected"/);
  const buoy = await buoyAt(t, shore, values);

  const plain = await redtide(t, 'train', '--config', shore.trainer, '--network', 'persistence').ended;
  t.is(plain.code, 0, plain.err);
  const first = currentOf(versions);
  const sent = await redtide(t, 'models', 'deliver', '--config', shore.trainer).ended;
  t.is(sent.code, 0, sent.err);
  await edge.line(inService(first));
  const start = hours - live;
  await buoy.says(start, start + 28);
  const issued = (at: number) => async () => (await buoy.forecasts()).has(timeOf(at));
  await until('a forecast', issued(start + 27), 60_000);
  t.deepEqual([...new Set((await buoy.forecasts()).values())], [first]);

  const retrain = redtide(t, 'retrain', shore.retrainer('scheduled', { schedule: '*/2 * * * * *' }));
  await retrain.line(/"trained and published"/, 120_000);
  const second = currentOf(versions);
  await edge.line(inService(second));
  await buoy.says(start + 28, start + 32);
  await until('a forecast of the new version', issued(start + 31), 60_000);
  await retrain.line(/no candidate is better; the present model stays/, 120_000);
  t.is((await retrain.stop('SIGTERM')).code, 0);
  const runs = (await redtide(t, 'retrain', shore.trainer, '--runs').ended).out;
  t.regex(runs, new RegExp(`scheduled, attempt 1 {2}done .* model ${second}, .*better than the champion`));

  const why = ['--reason', 'too many alarms', '--author', 'Lin'];
  const back = await redtide(t, 'models', 'rollback', ...why, '--config', shore.trainer).ended;
  t.is(back.out.split('\n')[0], `${first} is current, in the place of ${second}`, back.err);
  await until('the roll-back at the edge', () => served(edge).length === 3, 60_000);
  t.deepEqual(served(edge), [first, second, first]);
  await buoy.says(start + 32, start + 36);
  await until('a forecast of the old version', issued(start + 35), 60_000);

  const forecasts = await buoy.forecasts();
  const by = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => forecasts.get(timeOf(from + n)));
  t.deepEqual(by(start + 28, start + 32), [second, second, second, second]);
  t.deepEqual(by(start + 32, start + 36), [first, first, first, first]);
  t.is((await edge.stop('SIGTERM')).code, 0);
});

test('a trainer that is killed while it trains promotes nothing, and the next run goes on with what was finished', async (t) => {
  t.timeout(300_000);
  const shore = await bay(t);
  if (!shore) return;
  await replayed(t, shore, measurements());
  const [versions, candidates] = ['versions', 'trainer/candidates'].map((name) => join(shore.folder, name));
  const plain = await redtide(t, 'train', '--config', shore.trainer, '--network', 'persistence').ended;
  t.is(plain.code, 0, plain.err);
  const first = currentOf(versions!);
  const config = shore.retrainer('long', { networks: ['study-lstm'], epochs: 12 });

  const killed = redtide(t, 'retrain', config, '--once');
  const finished = () =>
    existsSync(candidates!)
      ? (readdirSync(candidates!, { recursive: true }) as string[]).filter((name) =>
          name.endsWith('manifest.json'),
        )
      : [];
  await until('a candidate', () => finished().length > 0, 120_000);
  await killed.stop('SIGKILL');
  const kept = finished().map((name) => [name, statSync(join(candidates!, name)).mtimeMs] as const);
  await until('the end of what trained', () => !trains(config), 120_000);
  t.is(currentOf(versions!), first);

  const busy = await redtide(t, 'retrain', config, '--once').ended;
  t.regex(busy.err, /process \d+, is training for this folder/, 'it cannot know that the other is dead');
  const longAgo = new Date(Date.now() - 3 * 60_000);
  utimesSync(join(versions!, 'training.lease'), longAgo, longAgo);
  const again = await redtide(t, 'retrain', config, '--once').ended;
  t.is(again.code, 0, again.err);
  t.not(currentOf(versions!), first);
  const runs = (await redtide(t, 'retrain', config, '--runs').ended).out;
  t.deepEqual(
    [...runs.matchAll(/attempt 1 {2}(\w+) {2}\S+ {2}(model|it was killed|\S+, process)/g)].map(
      ([, ...found]) => found,
    ),
    [
      ['done', 'model'],
      ['failed', runs.match(/\S+, process/)![0]],
      ['failed', 'it was killed'],
    ],
  );
  for (const [name, time] of kept)
    t.is(statSync(join(candidates!, name)).mtimeMs, time, `${name} is fitted once`);
});

/** Whether the process that trains by this configuration is there. */
const trains = (config: string) =>
  readdirSync('/proc').some((pid) => {
    const file = join('/proc', pid, 'cmdline');
    const words = /^\d+$/.test(pid) && existsSync(file) ? readFileSync(file, 'utf8').split('\0') : [];
    return words.includes('--contest') && words.includes(config);
  });
