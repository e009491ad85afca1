import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openDisk } from '../../src/disk.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { water } from '../model/baselines/records.ts';
import { temporaryFolder } from '../process.ts';
import { step } from '../store/points.ts';
import { run } from './in-process.ts';
import { configure, day, hour, today } from './shore.ts';

const weeks = 16;
const steps = water(weeks * 7 * 24).map((value, at) =>
  step({ station: 'B01', sensor: 'default', start: today - weeks * 7 * day + at * hour, mean: 20 - value }),
);

/** A trainer with a history of chlorophyll at one station: its configuration, and its model folder. */
async function trainer(t: ExecutionContext): Promise<{ file: string; models: string }> {
  const folder = temporaryFolder(t);
  const disk = openDisk(join(folder, 'data', 'edge'));
  const store = new LmdbStore(disk);
  await store.open();
  await store.write(steps);
  await store.close();
  await disk.close();
  const models = join(folder, 'models');
  const file = configure(folder, 'trainer', {
    data: join(folder, 'data'),
    model: { folder: models, horizons: [1, 6] },
    stream: { lookback: 48 },
    retrain: { data: join(folder, 'trainer'), networks: [] },
  });
  return { file, models };
}

async function ok(t: ExecutionContext, ...argv: string[]): Promise<string> {
  const { code, out, err } = await run(...argv);
  t.is(code, 0, err);
  return out;
}

test('a line-up in service is judged by what its members say', async (t) => {
  const { file, models } = await trainer(t);
  const ids: string[] = [];
  for (const network of ['persistence', 'climatology'])
    ids.push(JSON.parse(await ok(t, 'train', '--config', file, '--network', network, '--json')).id);
  const report = join(models, '..', 'report.json');
  writeFileSync(report, await ok(t, 'backtest', '--config', file, '--network', 'none', '--json'));
  const [lineUp] = (await ok(t, 'models', 'line-up', report, ...ids, '--config', file)).split('\n');
  const { out, err } = await run('retrain', file, '--contest');
  t.is(err, '');
  const { champion, challengers } = JSON.parse(out);
  t.is(champion, lineUp);
  for (const { network, recent } of challengers) t.truthy(recent.overChampion, network);
});

test('a model in service that cannot be read is judged by nobody, and the decision says why', async (t) => {
  const { file, models } = await trainer(t);
  const { id } = JSON.parse(await ok(t, 'train', '--config', file, '--network', 'climatology', '--json'));
  writeFileSync(join(models, id, 'manifest.json'), '{');
  const decision = JSON.parse(await ok(t, 'retrain', file, '--contest'));
  t.like(decision, { champion: id });
  t.regex(decision.championRefused, /manifest.json is not JSON/);
  t.truthy(decision.promoted);
});

test('a model in service that cannot be read just now is not replaced unjudged', async (t) => {
  const { file, models } = await trainer(t);
  const { id } = JSON.parse(await ok(t, 'train', '--config', file, '--network', 'climatology', '--json'));
  const manifest = join(models, id, 'manifest.json');
  rmSync(manifest);
  mkdirSync(manifest);
  const { code, err } = await run('retrain', file, '--contest');
  t.is(code, 1);
  t.regex(err, /EISDIR/);
  t.is(readFileSync(join(models, 'current'), 'utf8').trim(), id);
});
