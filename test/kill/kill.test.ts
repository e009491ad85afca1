/**
 * The whole edge, as `redtide edge` runs it, is killed again and again while a gateway publishes: at a random moment
 * and at each of the named points (points.ts), once behind Mosquitto and once as its own broker. REDTIDE_SEED gives
 * the moments, REDTIDE_KILLS how many there are for each broker.
 *
 * That it can fail: REDTIDE_MUTANT (mutants.ts) makes the edge wrong on purpose.
 * - early, PUBACKs before the sync, over MQTT.js or as the broker: "acknowledged and lost", with the readings' names;
 * - unsaved, a checkpoint that is not written: "the last checkpoint is of the last record";
 * - forgetful, state that is not restored: the ledger, or a line of the export, differs from the undisturbed run's.
 */
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { loadConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import type { Store } from '../../src/store/store.ts';
import { configure } from '../commands/shore.ts';
import { temporaryFolder, until } from '../process.ts';
import { freePort, type ServerProcess, startInflux, startMosquitto } from '../servers.ts';
import { acknowledgements, killAgainAndAgain, once } from './campaign.ts';
import { Gateway, stations } from './gateway.ts';
import {
  allWereTold,
  asUndisturbed,
  everything,
  holdsExactly,
  lastCheckpoint,
  ledgerBalances,
  untold,
} from './verdict.ts';
import { Victim } from './victim.ts';

const kills = Number(process.env['REDTIDE_KILLS'] ?? once);
const seed = Number(process.env['REDTIDE_SEED'] ?? Date.now() % 100_000);
/** ms; long enough for a start where others want the processors too. */
const patience = 90_000;

/** What is measured lies months back: that alone must neither end an alert nor keep it from being told. */
const ever = '36500d';

const rule = (on: 'observed' | 'forecast', held: string) => ({
  id: on,
  variable: 'chlorophyll',
  on,
  direction: 'above' as const,
  level: 8,
  clear: 5,
  for: held,
  fresh: ever,
  silence: ever,
  text: 'There is a bloom',
});

const settings = (folder: string, broker: ConfigInput['broker'], influx: string): ConfigInput => ({
  data: join(folder, 'data'),
  broker,
  // Two blocks in memory: an outage of the store soon fills the spill.
  store: { kind: 'influx', url: influx, database: 'kill', batch: 200, memory: 400 },
  stations: stations.map((id) => ({ id, cadence: '10m' })),
  stream: { lateness: '20m', revisable: '3d', clock: { ahead: '10m', behind: '36500d' } },
  model: {
    folder: new URL('../fixtures/models', import.meta.url).pathname,
    variables: ['chlorophyll', 'dissolvedOxygen'],
  },
  rules: [rule('observed', '2h'), rule('forecast', '0s')],
  notify: [{ kind: 'mqtt' }],
  tick: '100ms',
});

test('killed again and again: all that was acknowledged is stored once, and as if nothing had been', async (t) => {
  t.timeout(120_000 + kills * 60_000);
  const [broker, influx] = [await startMosquitto(t, durable), await startInflux(t)];
  if (broker && influx) await campaign(t, broker, influx);
});

test('own broker: the same', async (t) => {
  t.timeout(120_000 + kills * 60_000);
  const influx = await startInflux(t);
  if (influx) await campaign(t, undefined, influx);
});

/** As in deploy/mosquitto. */
const durable = 'max_queued_bytes 0\nmax_inflight_bytes 0\nautosave_interval 5';

async function campaign(
  t: ExecutionContext,
  broker: ServerProcess | undefined,
  influx: ServerProcess,
): Promise<void> {
  t.log(`REDTIDE_SEED=${seed}, ${kills} kills`);
  const folder = temporaryFolder(t);
  const port = broker?.port ?? (await freePort());
  const url = `mqtt://127.0.0.1:${port}`;
  const place = broker ? { url } : { embedded: { port } };
  const file = configure(folder, 'edge', settings(folder, place, influx.url));
  const store = new InfluxStore({ url: influx.url, database: 'kill' });
  const told = broker && (await listen(t, url));
  if (broker) await subscribe(t, file);

  // No measurement is of the future, however many there will be.
  const start = Math.floor(Date.now() / 86_400_000 - kills * 20) * 86_400_000;
  const gateway = new Gateway(t, url, seed, start);
  await killAgainAndAgain(t, { config: file, kills, seed, gateway, broker, influx });
  await settle(t, { file, gateway, store, told });

  t.true(gateway.acknowledged >= kills * acknowledgements, `${gateway.acknowledged} acknowledged`);
  await holdsExactly(t, store, gateway.values);
  await ledgerBalances(t, loadConfig(file), gateway.values.size);
  await asUndisturbed(t, loadConfig(file), store, join(folder, 'undisturbed'));
  if (told) await allWereTold(t, store, told);
}

const unhurt = { at: 'never', after: 0, skip: 0, delay: 0 } as const;

/** A first life makes the session, from which on Mosquitto keeps messages for us. */
async function subscribe(t: ExecutionContext, file: string): Promise<void> {
  const first = new Victim(t, file, unhurt);
  await until('the session', () => first.said.includes('"running"'), patience);
  first.signal('SIGKILL');
  await first.ended;
}

interface Settling {
  readonly file: string;
  readonly gateway: Gateway;
  readonly store: Store;
  readonly told: ReadonlySet<string> | undefined;
}

/** Lives that end well, until nothing waits any more. */
async function settle(t: ExecutionContext, { file, gateway, store, told }: Settling): Promise<void> {
  for (let lives = 0; lives < 5; lives++) {
    const last = new Victim(t, file, unhurt);
    await until('the last life', () => last.said.includes('"running"'), patience);
    void gateway.stop();
    await whileItGrows(
      async () => gateway.acknowledged,
      () => gateway.unheard.length === 0,
    );
    t.deepEqual(gateway.unheard, [], `sent and never acknowledged\n${last.said}`);
    await whileItGrows(
      () => countOf(store.readings(everything)),
      (count) => count >= gateway.values.size,
    );
    if (told)
      await whileItGrows(
        async () => told.size,
        async () => (await untold(store, told)).length === 0,
      );
    last.signal('SIGTERM');
    t.is(await last.ended, 0, last.said);
    const { waiting, position, head } = await lastCheckpoint(loadConfig(file));
    if (waiting === 0 && position >= head) return;
  }
}

/** Gives up where nothing has come for so long: what is missing then is for the test to name. */
async function whileItGrows(
  count: () => Promise<number>,
  done: (count: number) => boolean | Promise<boolean>,
): Promise<void> {
  for (let before = -1, now = await count(); now > before && !(await done(now)); now = await count()) {
    const last = (before = now);
    await until('more', async () => (now = await count()) > last || done(now), patience).catch(() => {});
  }
}

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

async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}
