import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { openDisk } from '../../src/disk.ts';
import { uniform } from '../../src/model/engine/initial.ts';
import { RunLedger } from '../../src/model/training/run-ledger.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import type { Step } from '../../src/stream/step.ts';
import { type Program, redtide, temporaryFolder, until } from '../process.ts';
import { startInflux } from '../servers.ts';
import { step } from '../store/points.ts';
import { configure, day, hour, logOf, publish, today } from './shore.ts';

const currentOf = (models: string) => readFileSync(join(models, 'current'), 'utf8').trim();

/** 40 weeks of hourly means at one station: what comes next is told by the last two values, and not by the last alone. */
async function filled(data: string): Promise<void> {
  const disk = openDisk(join(data, 'edge'));
  const store = new LmdbStore(disk);
  const random = uniform(5);
  const steps: Step[] = [];
  const from = today - 280 * day;
  let [level, slope] = [10, 0];
  for (let at = 0; at < 280 * 24; at++) {
    slope = 0.9 * slope + 0.2 * (random() - 0.5) - 0.002 * (level - 10);
    level += slope;
    steps.push(
      step({
        station: 'B01',
        sensor: 'default',
        start: from + at * hour,
        mean: level,
        minimum: level,
        maximum: level,
      }),
    );
  }
  await store.open();
  await store.write(steps);
  await store.close();
  await disk.close();
}

function settingsOf(folder: string, retrain: ConfigInput['retrain'] = {}): ConfigInput {
  return {
    data: join(folder, 'data'),
    broker: { embedded: { port: 0 } },
    model: { folder: join(folder, 'models'), poll: '200ms', variables: ['chlorophyll'], horizons: [1, 3, 6] },
    stream: { lookback: 24 },
    retrain: { data: join(folder, 'trainer'), networks: [], ...retrain },
  };
}

const last = (text: string) => text.trim().split('\n').at(-1)!;

test('the best that is proven goes into service at a running edge, a better one replaces it, and what is no better is refused', async (t) => {
  const folder = temporaryFolder(t);
  const models = join(folder, 'models');
  const config = configure(folder, 'edge', settingsOf(folder));
  await filled(join(folder, 'data'));
  const plain = ['--config', config, '--network', 'persistence'];
  const trained = await redtide(t, 'train', ...plain).ended;
  t.is(trained.code, 0, trained.err);
  const first = currentOf(models);
  const edge = redtide(t, 'edge', config);
  await edge.line(new RegExp(`"model":"${first}".*"model in service"`));

  const scheduled = configure(folder, 'scheduled', settingsOf(folder, { schedule: '*/2 * * * * *' }));
  const retrain = redtide(t, 'retrain', scheduled);
  await retrain.line(/"trained and published"/, 120_000).catch(async (error) => {
    throw new Error(`${error.message}\n${(await redtide(t, 'retrain', scheduled, '--runs').ended).out}`);
  });
  const second = currentOf(models);
  t.not(second, first);
  await edge.line(new RegExp(`"model":"${second}".*"model in service"`));
  await retrain.line(/no candidate is better; the present model stays/);
  t.is(currentOf(models), second);
  t.is((await retrain.stop('SIGTERM')).code, 0);

  const runs = (await redtide(t, 'retrain', scheduled, '--runs').ended).out;
  t.regex(
    runs,
    new RegExp(
      `scheduled, attempt 1 {2}done .* model ${second}, (lag-regression|ridge), replaces ${first}: better than the champion`,
    ),
  );
  t.regex(runs, new RegExp(`refused .* ${second} stays: .*not proven better than the champion`));
  t.regex(
    runs,
    /persistence \w+ {2}refused: worse or not proven better than the champion on the recent hold-out: .* %/,
  );

  const shown = await redtide(t, 'models', 'show', second, '--config', config).ended;
  const place = `a contest put it in the place of ${first}: better than the champion`;
  t.regex(shown.out, new RegExp(`^  ${place}`, 'm'), shown.err);
  t.regex(shown.out, /^ {4}persistence was refused: worse or not proven better/m);
  const page = (logOf(edge).find(({ msg }) => msg === 'status page') as { url: string }).url;
  const [html, metrics] = await Promise.all(
    ['', 'metrics'].map(async (path) => (await fetch(`${page}${path}`)).text()),
  );
  t.regex(html!, new RegExp(`chlorophyll by (lag-regression|ridge); ${place}`));
  t.regex(metrics!, new RegExp(`redtide_model_info\\{id="${second}",.*network="(lag-regression|ridge)"`));
  t.regex(metrics!, /^redtide_model_skill\{over="champion"\} 0\.\d+$/m);

  const why = ['--reason', 'too many alarms', '--author', 'Lin'];
  const back = await redtide(t, 'models', 'rollback', ...why, '--config', config).ended;
  t.is(back.out, `${first} is current, in the place of ${second}\n`, back.err);
  const served = () => logOf(edge).flatMap(({ msg, model }) => (msg === 'model in service' ? [model] : []));
  await until('the roll-back at the edge', () => served().length === 3);
  t.deepEqual(served(), [first, second, first]);
  const [newest] = (await redtide(t, 'retrain', config, '--runs').ended).out.split('\n');
  t.regex(newest!, new RegExp(`rollback  ${second} > ${first} by Lin on .*: too many alarms`));
  t.is((await edge.stop('SIGTERM')).code, 0);
});

test('what somebody put into service while a run was judging stays', async (t) => {
  const folder = temporaryFolder(t);
  const models = join(folder, 'models');
  const config = configure(folder, 'edge', settingsOf(folder));
  await filled(join(folder, 'data'));
  const train = async (network: string) => {
    const { code, err } = await redtide(t, 'train', '--config', config, '--network', network).ended;
    t.is(code, 0, err);
    return currentOf(models);
  };
  const byHand = await train('climatology');
  const champion = await train('persistence');
  const run = redtide(t, 'retrain', config, '--once');
  await until('the candidates', () => existsSync(join(folder, 'trainer', 'candidates')));
  writeFileSync(join(models, 'current'), `${byHand}\n`);
  const { code, err } = await run.ended;
  t.is(code, 1, err);
  t.regex(err, new RegExp(`${byHand} was put into service while this run judged beside ${champion}`));
  t.is(currentOf(models), byHand);
  const [kept] = (await redtide(t, 'retrain', config, '--runs', '--json').ended).out.split('\n');
  const { state, outcome, decision } = JSON.parse(kept!);
  t.is(state, 'failed');
  t.regex(outcome, /was put into service while this run judged/);
  t.like(decision, { champion });
  t.is(decision.promoted, undefined);
  t.true(
    decision.challengers.some(({ promote }: { promote: boolean }) => promote),
    'its numbers are kept',
  );
});

test('too little history: nothing is proven, so persistence serves where nothing did, and a champion stays', async (t) => {
  const folder = temporaryFolder(t);
  const config = configure(folder, 'edge', settingsOf(folder));
  const edge = redtide(t, 'edge', config);
  await edge.line(/"running"/);
  await publish(t, addressOf(edge), today - 4 * day, today);
  const once = await redtide(t, 'retrain', config, '--once').ended;
  t.is(once.code, 0, once.err);
  const model = currentOf(join(folder, 'models'));
  t.regex(last(once.out), new RegExp(`^model ${model}, persistence, replaces none: nothing is proven yet`));
  await edge.line(new RegExp(`"model":"${model}".*"model in service"`));
  const again = await redtide(t, 'retrain', config, '--once').ended;
  t.is(again.code, 3);
  t.regex(
    last(again.out),
    new RegExp(`^${model} stays: .*too few data: the recent hold-out has \\d+ values in \\d weeks`),
  );
  t.is((await edge.stop('SIGTERM')).code, 0);
});

/** The broker inside an edge. */
function addressOf(edge: Program): string {
  const { address } = logOf(edge).find(({ msg }) => msg === 'running') as { address: string };
  return address.split(',')[0]!;
}

for (const [what, prepare, reason] of [
  [
    'a data folder that is not there',
    async () => {},
    /edge: can't be opened as the data folder: No such file/,
  ],
  ['a data folder without a store', emptyDisk, /edge: there is no "store-\w+" in it yet$/m],
] as const)
  test(`without history the present model stays: ${what}`, async (t) => {
    const folder = temporaryFolder(t);
    await prepare(join(folder, 'edge'));
    await refusesToTrain(t, folder, { data: folder }, reason);
  });

async function emptyDisk(folder: string): Promise<void> {
  const disk = openDisk(folder);
  await disk.database('other').put('key', 1);
  await disk.close();
}

test('without history the present model stays: an InfluxDB without the database', async (t) => {
  const influx = await startInflux(t);
  if (!influx) return;
  const folder = temporaryFolder(t);
  const settings: ConfigInput = { data: join(folder, 'none'), store: { kind: 'influx', url: influx.url } };
  await refusesToTrain(t, folder, settings, /database not found: redtide/);
  t.false(existsSync(join(folder, 'none')), 'a trainer needs no data folder of its own');
});

async function refusesToTrain(t: ExecutionContext, folder: string, settings: ConfigInput, reason: RegExp) {
  const models = join(folder, 'models');
  cpSync(new URL('../fixtures/models', import.meta.url), models, { recursive: true });
  const before = currentOf(models);
  const retrain = { data: join(folder, 'trainer') };
  const config = configure(folder, 'edge', { ...settings, retrain, model: { folder: models } });
  const { code, err } = await redtide(t, 'retrain', config, '--once').ended;
  t.is(code, 1);
  t.regex(err, reason);
  t.regex(err, /^redtide retrain: [^\n]*\n$/);
  t.is(currentOf(models), before);
}

test('what fails stands in the ledger with its reason, and is tried again only after a wait', async (t) => {
  const folder = temporaryFolder(t);
  const config = configure(folder, 'trainer', {
    data: join(folder, 'nothing'),
    model: { folder: join(folder, 'models') },
    retrain: { data: join(folder, 'trainer'), schedule: '* * * * * *' },
  });
  const retrain = redtide(t, 'retrain', config);
  await retrain.line(/training failed; the present model stays/);
  await retrain.stop('SIGTERM');
  const { out } = await redtide(t, 'retrain', config, '--runs').ended;
  t.regex(out, /scheduled, attempt 1 {2}failed .*can't be opened as the data folder/);
});

test('a trainer that was killed while it trained leaves a run that counts as failed; a start makes up for it', async (t) => {
  const folder = temporaryFolder(t);
  // What falls due within the last minute is no missed run, so it is never near.
  const schedule = `0 ${(new Date().getUTCHours() + 12) % 24} * * *`;
  const config = configure(folder, 'trainer', { retrain: { data: join(folder, 'trainer'), schedule } });
  const disk = openDisk(join(folder, 'trainer'));
  const ledger = new RunLedger(disk);
  const due = Date.UTC(2026, 4, 1, 3);
  await ledger.since(due - 1000);
  await ledger.put({ due, cause: 'scheduled', attempt: 1, state: 'running', host: 'h', startedAt: due });
  await disk.close();
  const retrain = redtide(t, 'retrain', config);
  const said = await retrain.line(/"msg":"training"/);
  t.like(JSON.parse(said), { cause: 'missed', attempt: 1 });
  await retrain.stop('SIGTERM');
});
