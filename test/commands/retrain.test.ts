import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { openDisk } from '../../src/disk.ts';
import { RunLedger } from '../../src/model/training/run-ledger.ts';
import { type Program, redtide, temporaryFolder } from '../process.ts';
import { startInflux } from '../servers.ts';
import { configure, day, fleet, logOf, publish, today } from './shore.ts';

const currentOf = (models: string) => readFileSync(join(models, 'current'), 'utf8').trim();

test('history of a running edge in the embedded store becomes its model, now and on a schedule', async (t) => {
  const folder = temporaryFolder(t);
  const models = join(folder, 'models');
  const settings = (retrain: ConfigInput['retrain']): ConfigInput => ({
    data: join(folder, 'data'),
    broker: { embedded: { port: 0 } },
    model: { folder: models, poll: '200ms', variables: ['chlorophyll'] },
    retrain: { data: join(folder, 'trainer'), network: 'study-lstm', epochs: 1, ...retrain },
  });
  const config = configure(folder, 'edge', settings({}));
  const edge = redtide(t, 'edge', config);
  await edge.line(/"running"/);
  await publish(t, addressOf(edge), today - 4 * day, today);

  const once = await redtide(t, 'retrain', config, '--once').ended;
  t.is(once.code, 0, once.err);
  const first = currentOf(models);
  t.regex(once.out, new RegExp(`^model ${first}, trained on .*, ${fleet.join(', ')}\n`));
  t.regex(once.out, /^ {2}chlorophyll \(ug\/L\)$/m);
  t.notRegex(once.out, /salinity/, 'a model of more than the edge forecasts');
  await edge.line(new RegExp(`"model":"${first}".*"model in service"`));

  const scheduled = configure(folder, 'scheduled', settings({ schedule: '*/2 * * * * *', seed: 1001 }));
  const retrain = redtide(t, 'retrain', scheduled);
  await retrain.line(/"waiting"/);
  await retrain.line(/"trained and published"/);
  const second = currentOf(models);
  t.not(second, first);
  await edge.line(new RegExp(`"model":"${second}".*"model in service"`));
  t.is((await retrain.stop('SIGTERM')).code, 0);
  const runs = (await redtide(t, 'retrain', scheduled, '--runs').ended).out.trim().split('\n');
  t.regex(runs.at(-1)!, new RegExp(`asked, attempt 1 {2}done .* model ${first}`));
  t.true(runs.some((run) => run.includes('scheduled, attempt 1  done') && run.includes(second)));
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
  cpSync(new URL('../../models/demo', import.meta.url), models, { recursive: true });
  const before = currentOf(models);
  const retrain = { data: join(folder, 'trainer') };
  const config = configure(folder, 'edge', { ...settings, retrain, model: { folder: models } });
  const { code, err } = await redtide(t, 'retrain', config, '--once').ended;
  t.is(code, 1);
  t.regex(err, reason);
  t.regex(err, /^redtide train: [^\n]*\n$/);
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
  const config = configure(folder, 'trainer', { retrain: { data: join(folder, 'trainer') } });
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
