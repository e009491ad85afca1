import { generateKeyPairSync } from 'node:crypto';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openDisk } from '../../src/disk.ts';
import { reseal } from '../../src/model/artifact.ts';
import { fileArtifactStore } from '../../src/model/file-artifact-store.ts';
import { gather } from '../../src/model/training/dataset.ts';
import { recipeOf } from '../../src/model/training/recipe-table.ts';
import { RunLedger } from '../../src/model/training/run-ledger.ts';
import { artifactOf, hour, stepsOf, wave } from '../model/samples.ts';
import { temporaryFolder } from '../process.ts';
import { run } from './in-process.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const trusted = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

test('versions are listed, signed, verified and put into service', async (t) => {
  const folder = temporaryFolder(t);
  const [key, config, place] = [
    join(folder, 'key.pem'),
    join(folder, 'redtide.yaml'),
    join(folder, 'models'),
  ];
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(config, `model: { folder: ${place}, trusted: ['${trusted}'] }\n`);
  const [one, two] = [artifactOf({ seed: 1 }), artifactOf({ seed: 2 })];
  const store = fileArtifactStore(place);
  for (const artifact of [one, two]) await store.publish(artifact);
  const models = (...args: string[]) => run('models', ...args, '--config', config);

  const unsigned = await models('verify');
  t.is(unsigned.code, 3);
  t.regex(unsigned.out, /is not signed/);
  t.is((await models('use', one.manifest.id)).code, 3);
  t.is((await models('sign', one.manifest.id, '--key', key)).code, 0);
  t.is((await models('verify', one.manifest.id)).code, 0);
  t.is((await models('use', one.manifest.id)).code, 0);
  t.is(await store.current(), one.manifest.id);
  const { out } = await models('list');
  t.regex(out, new RegExp(`^\\* ${one.manifest.id}  study-lstm, chlorophyll`, 'm'));
  t.regex(out, new RegExp(`^  ${two.manifest.id}  refused: .*is not signed`, 'm'));
  t.is((await models('sign', one.manifest.id)).code, 2);
  t.is((await models('burn')).code, 2);
});

test('the list says why a version stays in the folder, and which may go', async (t) => {
  const folder = temporaryFolder(t);
  const [config, place] = [join(folder, 'redtide.yaml'), join(folder, 'models')];
  writeFileSync(config, `model: { folder: ${place}, keep: 1 }\n`);
  const versions = [1, 2, 3].map((seed) => artifactOf({ seed }));
  const store = fileArtifactStore(place);
  for (const artifact of versions) await store.publish(artifact);
  const [one, two, three] = versions.map(({ manifest }) => manifest.id) as [string, string, string];
  const times = [one, two, three].entries();
  for (const [at, id] of times) utimesSync(join(place, id), 1_800_000_000 + at, 1_800_000_000 + at);
  t.is((await run('models', 'use', one, '--config', config)).code, 0);
  const { out } = await run('models', 'list', '--config', config);
  t.regex(out, new RegExp(`^\\* ${one} .*; stays: should serve$`, 'm'));
  t.regex(out, new RegExp(`^  ${two} .*; may go: nothing refers to it$`, 'm'));
  t.regex(out, new RegExp(`^  ${three} .*; stays: one of the newest 1$`, 'm'));
});

test('a person promotes and rolls back with a reason, which stands in the ledger of the retrainer', async (t) => {
  const folder = temporaryFolder(t);
  const [config, place] = [join(folder, 'redtide.yaml'), join(folder, 'models')];
  const data = join(folder, 'trainer');
  writeFileSync(config, `model: { folder: ${place} }\nretrain: { data: ${data} }\n`);
  const versions = [1, 2, 3].map((seed) => artifactOf({ seed }));
  const store = fileArtifactStore(place);
  for (const artifact of versions) await store.publish(artifact);
  const [one, two, three] = versions.map(({ manifest }) => manifest.id) as [string, string, string];
  const models = (...args: string[]) => run('models', ...args, '--config', config);
  const by = (reason: string) => ['--reason', reason, '--author', 'Lin'];

  t.is((await models('promote', one)).code, 2, 'without a reason');
  t.is((await models('rollback', ...by('wrong'))).code, 3, 'nothing served before');
  t.is((await models('promote', three, ...by('again'))).code, 3, 'serves already');
  t.is((await models('promote', '0123456789ab', ...by('none'))).code, 3, 'is not there');
  t.is(await store.current(), three);
  t.is((await models('promote', two, ...by('warns earlier'))).code, 0);
  t.is((await models('promote', one, ...by('trial'))).code, 0);
  t.is((await models('rollback', ...by('too many alarms'))).code, 0);
  t.is(await store.current(), two);
  t.is((await models('rollback', ...by('further back'))).code, 0);
  t.is(await store.current(), three);

  const { out } = await models('show', one);
  t.regex(out, new RegExp(`^model ${one}, trained on 2026-01-01`));
  t.regex(
    out,
    new RegExp(`promote  ${two} > ${one} by Lin on .*: trial\\n.*rollback  ${one} > ${two} by Lin`),
  );
  const runs = (await run('retrain', config, '--runs')).out;
  t.deepEqual(
    runs.match(/(promote|rollback) /g)?.map((kind) => kind.trim()),
    ['rollback', 'rollback', 'promote', 'promote'],
  );
  const disk = openDisk(data);
  t.is(new RunLedger(disk).last, undefined, 'no run of the schedule');
  await disk.close();
});

test('a version says what became of it in contests', async (t) => {
  const folder = temporaryFolder(t);
  const [config, place] = [join(folder, 'redtide.yaml'), join(folder, 'models')];
  const data = join(folder, 'trainer');
  writeFileSync(config, `model: { folder: ${place} }\nretrain: { data: ${data} }\n`);
  const promotion = {
    champion: '0123456789ab',
    reasons: ['better than the champion: 4.0 %'],
    skill: { champion: 0.04 },
    others: [{ network: 'ridge', promote: false, reasons: ['worse'] }],
  };
  const { manifest, weights } = artifactOf();
  const served = reseal(manifest, { promotion }, weights);
  await fileArtifactStore(place).publish(served);
  const { id } = served.manifest;
  const disk = openDisk(data);
  const ledger = new RunLedger(disk);
  const runAt = (startedAt: number, outcome: string, decision: unknown) =>
    ledger.put({ ...about, startedAt, endedAt: startedAt + 1, outcome, decision });
  const about = { due: 0, cause: 'scheduled', attempt: 1, state: 'done', host: 'h' } as const;
  await runAt(1000, 'replaces 0123456789ab', { champion: '0123456789ab', promoted: { id } });
  await runAt(2000, 'stays: first', { champion: id });
  await runAt(3000, 'stays: second', { champion: id });
  await runAt(4000, 'stays: of another', { champion: '0123456789ab' });
  await disk.close();
  const { out } = await run('models', 'show', '--config', config);
  t.regex(out, /^ {2}a contest put it in the place of 0123456789ab: better than the champion: 4.0 %$/m);
  t.regex(out, /^ {4}ridge was refused: worse$/m);
  t.deepEqual(out.trim().split('\n').slice(-2), [
    `  1970-01-01T00:00:01.001Z  retrained  0123456789ab > ${id}: replaces 0123456789ab`,
    '  1970-01-01T00:00:03.000Z  judged  stays: second',
  ]);
});

test('a difference of two versions names what they do not have in common', async (t) => {
  const folder = temporaryFolder(t);
  const [one, two] = [artifactOf(), artifactOf({ lookback: 12 })];
  const store = fileArtifactStore(folder);
  for (const artifact of [one, two]) await store.publish(artifact);
  const diff = (...ids: string[]) => run('models', 'diff', ...ids, '--models', folder);
  t.is((await diff(one.manifest.id)).out, 'lookback: 6 > 12\n');
  t.is((await diff(two.manifest.id, two.manifest.id)).out, '');
  t.is((await diff('0123456789ab')).code, 3);
});

test('a line-up is made of a report and the versions that it is about', async (t) => {
  const folder = temporaryFolder(t);
  const shape = { step: hour, lookback: 6, horizons: [1, 2, 3], coverage: 0, seed: 1 };
  const variables = [{ name: 'chlorophyll', unit: 'ug/L' }];
  const series = await gather(stepsOf(wave(400)), hour);
  const persistence = await recipeOf('persistence')!.fit(series, { ...shape, variables });
  const network = artifactOf({ variables: ['chlorophyll'] });
  const store = fileArtifactStore(folder);
  for (const artifact of [persistence, network]) await store.publish(artifact);
  const forecasters = (low: number) => ({
    persistence: { rmse: 2, skill: {} },
    climatology: { rmse: 0.5, skill: {} },
    'study-lstm': { rmse: 1, skill: { persistence: { value: 0.5, low } } },
  });
  const report = {
    format: 'redtide.backtest/1',
    networks: ['study-lstm'],
    baselines: ['persistence', 'climatology'],
    scores: [
      {
        station: 'buoy-1',
        variable: 'chlorophyll',
        horizons: [0.2, -0.2, 0.1].map((low, at) => ({ horizon: at + 1, forecasters: forecasters(low) })),
      },
    ],
  };
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(report));
  const ids = [persistence, network].map(({ manifest }) => manifest.id);
  const made = await run('models', 'line-up', file, ...ids, '--models', folder);
  t.is(made.code, 0, made.err);
  t.regex(made.out, /buoy-1 chlorophyll: 1 study-lstm, 2 persistence, 3 study-lstm/);
  const { manifest } = await store.read((await store.current())!);
  t.is(manifest.network, 'line-up');
  t.deepEqual((manifest.body as { otherwise: unknown }).otherwise, [0, 1]);
  const shown = await run('models', 'show', '--models', folder);
  t.regex(shown.out, /^ {2}buoy-1 chlorophyll: 1 study-lstm, 2 persistence, 3 study-lstm$/m);
  t.regex(shown.out, /^ {2}other stations: persistence, beside it study-lstm$/m);
  const other = ['--models', folder, '--otherwise', 'persistence'];
  t.is((await run('models', 'line-up', file, ...ids, ...other)).code, 0);
  const { out } = await run('models', 'diff', manifest.id, '--models', folder);
  t.is(out, '- other stations: persistence, beside it study-lstm\n+ other stations: persistence\n');
  t.is((await run('models', 'verify', '--models', folder)).code, 0);
  rmSync(join(folder, ids[0]!), { recursive: true });
  const gone = await run('models', 'verify', manifest.id, '--models', folder);
  t.is(gone.code, 3, gone.out);
  t.regex(gone.out, new RegExp(`^${manifest.id} .*${ids[0]}: is not there or not whole`));
  t.is((await run('models', 'use', manifest.id, '--models', folder)).code, 3);
});
