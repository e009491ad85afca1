import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Summary } from '../../src/commands/replay-summary.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { exportSorted } from '../../src/store/export.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import type { Store } from '../../src/store/store.ts';
import { redtide, temporaryFolder, until } from '../process.ts';
import { startInflux } from '../servers.ts';
import { shortened } from './measurements.ts';
import { all, configure } from './shore.ts';

const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };
const trainUntil = '2005-05-15';
const study = ['--network', 'study-lstm'];
const training = [
  '--train-until',
  trainUntil,
  '--variables',
  'chlorophyll,dissolvedOxygen',
  ...study,
  '--epochs',
  '3',
];
/** A level that half a year off Boulogne crosses, in observations and in forecasts. */
const rules = (['observed', 'forecast'] as const).map((on) => ({
  id: on,
  variable: 'chlorophyll',
  on,
  direction: 'above' as const,
  level: 2,
  clear: 1.5,
  text: 'Green water',
}));

interface Replayed extends Summary {
  readonly said: string;
}

async function replay(t: ExecutionContext, ...args: string[]): Promise<Replayed> {
  const { code, out, err } = await redtide(t, 'replay', ...args, '--json').ended;
  t.is(code, 0, err);
  t.regex(out, /^\{.*\}\n$/, 'one line of JSON');
  return { ...JSON.parse(out), said: err };
}

/** Every value has one fate. */
function addsUp(t: ExecutionContext, summary: Summary): void {
  const { received, stored, quarantined, duplicate, late, pending } = summary;
  t.is(received, stored + quarantined + duplicate + late);
  t.is(pending, 0);
}

const exported = async (store: Store) => (await all(exportSorted(store, everything))).join('\n');

test('a year of MAREL Carnot, trained on its first part, into InfluxDB, twice', async (t) => {
  const influx = await startInflux(t);
  const folder = temporaryFolder(t);
  const file = influx && shortened(t, 'marel_carnot_2005_2007.csv.gz', 26_280, folder);
  if (!influx || !file) return;
  const config = configure(folder, 'rules', { rules, notify: [], log: 'error' } satisfies ConfigInput);
  const args = [file, '--config', config, '--influx', influx.url, '--database', 'marel', ...training];

  const summary = await replay(t, ...args);
  addsUp(t, summary);
  t.is(summary.messages, 26_280);
  t.true(summary.received > 125_000 && summary.stored > 0.99 * summary.received);
  const store = new InfluxStore({ url: influx.url, database: 'marel' });
  await holds(t, store, summary);

  const before = await exported(store);
  const { seconds: _, ...again } = await replay(t, ...args);
  const { seconds, ...first } = summary;
  t.true(seconds > 0);
  t.deepEqual(again, first);
  t.true(before.length > 10_000_000);
  t.true((await exported(store)) === before, 'the same replay again changed the database');
});

/** The store has what the summary says. */
async function holds(t: ExecutionContext, store: Store, summary: Summary): Promise<void> {
  const [readings, steps] = [await all(store.readings(everything)), await all(store.steps(everything))];
  t.is(readings.filter(({ lateOnly }) => !lateOnly).length, summary.stored);
  // The summary counts each time that a step was written; the store keeps the last, which knows how many came before.
  t.is(
    steps.reduce((sum, { revision }) => sum + 1 + revision, 0),
    summary.steps,
  );
  const forecasts = await all(store.forecasts(everything));
  t.is(forecasts.length, summary.forecasts);
  t.true(forecasts.length > 2000);
  t.deepEqual([...new Set(forecasts.map(({ variable }) => variable))].sort(), [
    'chlorophyll',
    'dissolvedOxygen',
  ]);
  t.deepEqual([...new Set(forecasts.map(({ model }) => model))], [summary.model!]);
  t.true(Math.min(...forecasts.map(({ issuedAt }) => issuedAt)) >= Date.parse(trainUntil));
  const alerts = await all(store.alerts(everything));
  t.is(alerts.length, summary.alerts);
  for (const rule of ['observed', 'forecast'])
    t.true(
      alerts.some((alert) => alert.rule === rule && alert.to === 'firing'),
      rule,
    );
}

test('InfluxDB dies during a replay: it says so, waits, and everything is stored once it is back', async (t) => {
  const begun = await beginAndKill(t);
  if (!begun) return;
  await begun.influx.start();
  await begun.program.line(/^the store answers again$/);
  const { code, out, err } = await begun.program.ended;
  t.is(code, 0, err);
  const summary: Summary = JSON.parse(out);
  addsUp(t, summary);
  t.is((await all(begun.store.readings(everything))).length, summary.stored);
});

test('Ctrl-C ends a replay that waits for its store', async (t) => {
  const begun = await beginAndKill(t);
  if (!begun) return;
  const { code, out, err, took } = await begun.program.stop('SIGINT');
  t.is(code, 1);
  t.true(took < 5000, `${took} ms`);
  t.is(out, '');
  t.regex(err, /^redtide replay: interrupted; .*$/m);
});

/** A replay whose InfluxDB is killed after the first points, and which has said so. */
async function beginAndKill(t: ExecutionContext) {
  const influx = await startInflux(t);
  const file = influx && shortened(t, 'marel_carnot_2005_2007.csv.gz', 10_000, temporaryFolder(t));
  if (!influx || !file) return undefined;
  const program = redtide(t, 'replay', file, '--influx', influx.url, '--json');
  const store = new InfluxStore({ url: influx.url, database: 'redtide' });
  const early = { from: 0, to: Date.parse('2005-01-02') };
  await until('points', async () => (await all(store.readings(early)).catch(() => [])).length > 0);
  await influx.kill();
  await program.line(/^the store is away, \d+ points wait for it: InfluxDB at .*: /);
  return { influx, program, store };
}

test('two stations of one file and a river, without any configuration', async (t) => {
  const folder = temporaryFolder(t);
  const [wq, river] = [
    shortened(t, join('apalachicola_nerrs', 'wq.csv.gz'), 3000, folder),
    shortened(t, 'charles_river_2015_2021.csv.gz', 3000, folder),
  ];
  if (!wq || !river) return;
  const bay = await replay(t, wq, '--train-until', '2012-01-20', ...study, '--epochs', '1');
  addsUp(t, bay);
  t.is(bay.messages, 6000);
  t.true(bay.stored > 15_000 && bay.forecasts > 1000 && bay.windows > 1400, JSON.stringify(bay));
  t.regex(bay.said, /^wq\.csv\.gz: not used: .*flag_dissolved_oxygen_mg_L/m);
  const fresh = await replay(t, river);
  addsUp(t, fresh);
  t.is(fresh.messages, 3000);
  t.true(fresh.stored > 8000 && fresh.windows > 700, JSON.stringify(fresh));
  t.is(fresh.forecasts, 0);
  t.is(fresh.model, null);
  t.regex(fresh.said, /chlorophyll_RFU: relative fluorescence of the instrument/);
});
