import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { Checkpoint } from '../../src/checkpoint.ts';
import { openData, readData } from '../../src/commands/shore.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config, ConfigInput } from '../../src/config/schema.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { Ledger, pending } from '../../src/ledger.ts';
import { exportSorted } from '../../src/store/export.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import type { Store } from '../../src/store/store.ts';
import { all, configure } from '../commands/shore.ts';
import { temporaryFolder, until } from '../process.ts';
import { freePort, type ServerProcess, startInflux, startMosquitto } from '../servers.ts';
import { acknowledgements, killAgainAndAgain } from './campaign.ts';
import { Gateway, keyOf, stations } from './gateway.ts';
import { undisturbed } from './undisturbed.ts';
import { Victim } from './victim.ts';

/** `npm run soak` sets it to 1,000. */
const kills = Number(process.env['REDTIDE_KILLS'] ?? 20);
const seed = Number(process.env['REDTIDE_SEED'] ?? Date.now() % 100_000);
const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };

type RuleInput = NonNullable<ConfigInput['rules']>[number];
const rule = (on: RuleInput['on'], held: string): RuleInput => ({
  id: on,
  variable: 'chlorophyll',
  on,
  direction: 'above',
  level: 8,
  clear: 5,
  for: held,
  text: 'There is a bloom',
});

const settings = (folder: string, broker: ConfigInput['broker'], influx: string): ConfigInput => ({
  data: join(folder, 'data'),
  broker,
  store: { kind: 'influx', url: influx, database: 'kill', batch: 500 },
  stations: stations.map((id) => ({ id, cadence: '10m' })),
  stream: { lateness: '20m', revisable: '3d', clock: { ahead: '10m', behind: '36500d' } },
  model: {
    folder: new URL('../../models/demo', import.meta.url).pathname,
    variables: ['chlorophyll', 'dissolvedOxygen'],
  },
  rules: [rule('observed', '2h'), rule('forecast', '0s')],
  notify: [{ kind: 'mqtt' }],
  tick: '100ms',
});

test('killed again and again: all that was acknowledged is stored once, and as if nothing had been', async (t) => {
  t.timeout(60_000 + kills * 20_000);
  const [broker, influx] = [await startMosquitto(t, durable), await startInflux(t)];
  if (broker && influx) await campaign(t, broker, influx, kills);
});

test('own broker: the same', async (t) => {
  const few = Math.ceil(kills / 4);
  t.timeout(60_000 + few * 20_000);
  const influx = await startInflux(t);
  if (influx) await campaign(t, undefined, influx, few);
});

/** As in deploy/mosquitto. */
const durable = 'max_queued_bytes 0\nmax_inflight_bytes 0\nautosave_interval 5';

async function campaign(
  t: ExecutionContext,
  broker: ServerProcess | undefined,
  influx: ServerProcess,
  times: number,
): Promise<void> {
  t.log(`REDTIDE_SEED=${seed}, ${times} kills`);
  const folder = temporaryFolder(t);
  const port = broker?.port ?? (await freePort());
  const url = `mqtt://127.0.0.1:${port}`;
  const file = configure(
    folder,
    'edge',
    settings(folder, broker ? { url } : { embedded: { port } }, influx.url),
  );
  const store = new InfluxStore({ url: influx.url, database: 'kill' });
  const told = broker && (await listen(t, url));
  await subscribe(t, broker, file);

  // No measurement is of the future, however many there will be.
  const start = Math.floor(Date.now() / 86_400_000 - times * 10) * 86_400_000;
  const gateway = new Gateway(t, url, seed, start);
  await killAgainAndAgain(t, { config: file, kills: times, seed, gateway, broker, influx });
  await settle(t, file, gateway, store);

  t.true(gateway.acknowledged >= times * acknowledgements, `${gateway.acknowledged} acknowledged`);
  await holdsExactly(t, store, gateway.values);
  await ledgerBalances(t, loadConfig(file), gateway.values.size);
  await asUndisturbed(t, loadConfig(file), store, join(folder, 'undisturbed'));
  if (told) await allWereTold(t, store, told);
}

/** A first life makes the session, from which on Mosquitto keeps messages for us. */
async function subscribe(
  t: ExecutionContext,
  broker: ServerProcess | undefined,
  file: string,
): Promise<void> {
  if (!broker) return;
  const first = new Victim(t, file, { at: 'never', after: 0, skip: 0, delay: 0 });
  await until('the session', () => first.said.includes('"running"'));
  first.signal('SIGKILL');
  await first.ended;
}

/** Lives that end well, until nothing waits any more. */
async function settle(t: ExecutionContext, file: string, gateway: Gateway, store: Store): Promise<void> {
  for (let waiting = true; waiting; ) {
    const last = new Victim(t, file, { at: 'never', after: 0, skip: 0, delay: 0 });
    await gateway.stop();
    await until(
      'all readings',
      async () => (await countOf(store.readings(everything))) >= gateway.values.size,
    );
    last.signal('SIGTERM');
    t.is(await last.ended, 0, last.said);
    const { unsaved, spilled } = await lastCheckpoint(loadConfig(file));
    waiting = unsaved.length + spilled.length > 0;
  }
}

async function lastCheckpoint(config: Config) {
  const disk = openData(config);
  const nothing = { unsaved: [], spilled: [], forget: () => {} };
  const checkpoint = new Checkpoint({ disk, now: () => 0, extras: () => nothing });
  const { unsaved, spilled, position, keep } = checkpoint;
  const { head } = openJournal(disk);
  const total = new Ledger(keep).total();
  await disk.close();
  return { unsaved, spilled, position, head, total };
}

/** Each value once, with its number, and no other. */
async function holdsExactly(t: ExecutionContext, store: Store, values: ReadonlyMap<string, number>) {
  const missing = new Map(values);
  for await (const { station, variable, time, value } of store.readings(everything)) {
    const key = keyOf(station, variable, time);
    if (missing.get(key) !== value) return t.fail(`${key} is ${value}, and was ${missing.get(key)}`);
    missing.delete(key);
  }
  t.deepEqual([...missing.keys()], [], 'acknowledged and lost');
}

async function ledgerBalances(t: ExecutionContext, config: Config, values: number): Promise<void> {
  const { total, position, head } = await lastCheckpoint(config);
  t.is(position, head);
  t.is(pending(total), 0);
  t.is(total.stored, values, JSON.stringify(total));
  t.is(total.quarantined + total.lateOnly + total.shed, 0, JSON.stringify(total));
}

async function asUndisturbed(t: ExecutionContext, config: Config, store: Store, data: string): Promise<void> {
  const killed = readData(config);
  await undisturbed({ ...config, data }, openJournal(killed).read(1), async (whole) => {
    await equal(t, exportSorted(store, everything), exportSorted(whole, everything));
    t.true((await countOf(whole.steps(everything))) > 100, 'steps');
    t.true((await countOf(whole.forecasts(everything))) > 50, 'forecasts');
    for (const on of ['observed', 'forecast'])
      t.true(
        (await firing(whole)).some(({ rule }) => rule === on),
        `an alert on what is ${on}`,
      );
  });
  await killed.close();
}

/** Line by line, since a soak's are too many to hold. */
async function equal(t: ExecutionContext, actual: AsyncGenerator<string>, expected: AsyncGenerator<string>) {
  for (let line = 1; ; line++) {
    const [one, other] = [await actual.next(), await expected.next()];
    if (one.value !== other.value) return t.is(one.value, other.value, `line ${line} of the export`);
    if (one.done) return t.true(line > 1000, `${line} lines`);
  }
}

const firing = async (store: Store) =>
  (await all(store.alerts(everything))).filter(({ to }) => to === 'firing');

/** Identifiers of the messages that somebody who listens all the time gets. */
async function listen(t: ExecutionContext, url: string): Promise<Set<string>> {
  const told = new Set<string>();
  const client = mqtt.connect(url, { clientId: 'listener', clean: false, reconnectPeriod: 50 });
  client.on('error', () => {});
  t.teardown(() => client.end(true));
  client.on('message', (_, payload) => void told.add(JSON.parse(payload.toString()).id));
  await client.subscribeAsync('redtide/alerts/events/#', { qos: 1 });
  return told;
}

async function allWereTold(t: ExecutionContext, store: Store, told: ReadonlySet<string>): Promise<void> {
  const announced: string[] = [];
  for await (const { id, to } of store.alerts(everything))
    if (to === 'firing' || to === 'resolved') announced.push(`${id}/${to}`);
  t.deepEqual([...told].sort(), announced.sort());
}

async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}
