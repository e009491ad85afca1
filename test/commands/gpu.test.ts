import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Decision } from '../../src/commands/contest.ts';
import { openDisk } from '../../src/disk.ts';
import type { Artifact, Manifest } from '../../src/model/artifact.ts';
import { uniform } from '../../src/model/engine/initial.ts';
import { engineBackend } from '../../src/model/engine-backend.ts';
import { fileArtifactStore } from '../../src/model/file-artifact-store.ts';
import type { LstmBody } from '../../src/model/lstm-artifact.ts';
import { openPredictor } from '../../src/model/open-predictor.ts';
import type { RedtideBody } from '../../src/model/redtide/body.ts';
import { adapterOf } from '../../src/model/webgpu/adapter.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { windowOf } from '../model/samples.ts';
import { deviceFor } from '../model/webgpu/gpu.ts';
import { type End, redtide, temporaryFolder } from '../process.ts';
import { step } from '../store/points.ts';
import { configure, hour, today } from './shore.ts';

/** Whether there is a Vulkan driver, and where `inSoftware` whether that is a program. */
async function hasDriver(t: ExecutionContext, inSoftware = false): Promise<boolean> {
  const opened = await deviceFor(t);
  opened?.device.destroy();
  return opened !== undefined && (!inSoftware || adapterOf(opened.info).software);
}

/** Runs `start` with no Vulkan driver at all. */
function withoutDriver<A>(start: () => A): A {
  const before = process.env['VK_ICD_FILENAMES'];
  process.env['VK_ICD_FILENAMES'] = '/nowhere.json';
  try {
    return start();
  } finally {
    if (before === undefined) delete process.env['VK_ICD_FILENAMES'];
    else process.env['VK_ICD_FILENAMES'] = before;
  }
}

function table(folder: string): string {
  const random = uniform(3);
  let level = 10;
  const rows = Array.from({ length: 600 }, (_, n) => {
    level += random() - 0.5 - 0.05 * (level - 10);
    return `${new Date(today - (600 - n) * hour).toISOString()},B01,${level.toFixed(3)}`;
  });
  const file = join(folder, 'bay.csv');
  writeFileSync(file, `time,station,chlorophyll\n${rows.join('\n')}\n`);
  return file;
}

/** Losses of two trainings of the same network, one by the engine, differ by less, of their size. */
const tolerance = 1e-4;

const none = /a GPU is required, and (Vulkan shows no adapter|the package webgpu is not installed)/;
const software = /a GPU is required, and .*swiftshader.*in software is none: check the Vulkan driver/i;

function refused(t: ExecutionContext, { code, err }: End, reason: RegExp): void {
  t.is(code, 1, err);
  t.regex(err, reason);
}

test.serial('train --require-gpu fails with the reason where there is no GPU', async (t) => {
  const folder = temporaryFolder(t);
  const models = join(folder, 'models');
  const file = table(folder);
  const args = ['train', file, '--models', models, '--network', 'study-lstm', '--require-gpu'];
  refused(t, await withoutDriver(() => redtide(t, ...args)).ended, none);
  refused(
    t,
    await withoutDriver(() => redtide(t, ...args, '--backend', 'engine')).ended,
    /a GPU is required, and backend engine .* uses none/,
  );
  const { code, err } = await redtide(t, 'train', file, '--require-gpu', '--backend', 'tensorflow').ended;
  t.is(code, 2);
  t.regex(err, /a GPU is required, and with backend tensorflow the engine trains redtide/);
  if (await hasDriver(t, true)) refused(t, await redtide(t, ...args).ended, software);
  t.false(existsSync(models) && readdirSync(models).length > 0);
});

test.serial('retrain --require-gpu fails with the reason, and the ledger keeps it', async (t) => {
  const folder = temporaryFolder(t);
  const config = configure(folder, 'trainer', {
    data: join(folder, 'data'),
    model: { folder: join(folder, 'models') },
    retrain: { data: join(folder, 'trainer') },
  });
  refused(t, await withoutDriver(() => redtide(t, 'retrain', config, '--require-gpu')).ended, none);
  const once = ['retrain', config, '--once', '--require-gpu'];
  refused(t, await withoutDriver(() => redtide(t, ...once)).ended, none);
  const driver = await hasDriver(t, true);
  if (driver) refused(t, await redtide(t, ...once).ended, software);
  const runs = (await redtide(t, 'retrain', config, '--runs').ended).out.trimEnd().split('\n');
  t.is(runs.length, driver ? 2 : 1);
  t.regex(runs.at(-1)!, new RegExp(`failed .*${none.source}`));
  if (driver) t.regex(runs[0]!, new RegExp(`failed .*${software.source}`, 'i'));
});

test.serial('the LSTMs of the default network are trained by webgpu as by the engine', async (t) => {
  t.timeout(180_000);
  if (!(await hasDriver(t))) return;
  const folder = temporaryFolder(t);
  const args = ['--epochs', '2', '--lookback', '6', '--horizons', '1,3', '--models', join(folder, 'models')];
  const file = table(folder);
  const train = async (backend: string): Promise<Manifest<RedtideBody>> => {
    const { code, out, err } = await redtide(t, 'train', file, ...args, '--backend', backend, '--json').ended;
    t.is(code, 0, err);
    return JSON.parse(out);
  };
  const [gpu, engine] = [await train('webgpu'), await train('engine')];
  t.is(gpu.network, 'redtide');
  t.like(gpu.hardware, { backend: 'webgpu' });
  t.false('hardware' in engine);
  const [own, expected] = [gpu, engine].map(({ body }) => body.variables[0]!.training.networks);
  own!.forEach(({ epoch, loss }, n) => {
    const wanted = expected![n]!;
    t.is(epoch, wanted.epoch);
    t.true(Math.abs(loss - wanted.loss) < tolerance * wanted.loss, `${loss}, ${wanted.loss}`);
  });
});

test.serial(
  'what is trained by webgpu is what the engine trains and serves, and says where it was trained',
  async (t) => {
    t.timeout(180_000);
    if (!(await hasDriver(t))) return;
    const folder = temporaryFolder(t);
    const file = table(folder);
    const train = async (backend: string): Promise<Artifact<LstmBody>> => {
      const models = join(folder, backend);
      const args = [file, '--models', models, '--network', 'study-lstm', '--epochs', '4', '--lookback', '12'];
      const { code, out, err } = await redtide(t, 'train', ...args, '--backend', backend, '--json').ended;
      t.is(code, 0, err);
      t.regex(err, new RegExp(`LSTMs by ${backend} `));
      return fileArtifactStore(models).read(JSON.parse(out).id) as Promise<Artifact<LstmBody>>;
    };
    const [gpu, engine] = [await train('webgpu'), await train('engine')];
    t.like(gpu.manifest.hardware, { backend: 'webgpu' });
    t.regex(gpu.manifest.hardware!.adapter, /\S/);
    t.regex(gpu.manifest.hardware!.driver, /\S/);
    t.false('hardware' in engine.manifest);
    const [own, expected] = [gpu, engine].map(({ manifest }) => manifest.body.variables[0]!.training);
    t.true(own!.backend.startsWith('webgpu ('));
    t.is(own!.losses.length, 4);
    own!.losses.forEach((loss, n) => {
      const wanted = expected!.losses[n]!;
      t.true(Math.abs(loss - wanted) < tolerance * wanted, `epoch ${n + 1}: ${loss}, ${wanted}`);
    });
    const forecastBy = (artifact: Artifact) => {
      const predictor = openPredictor(artifact, { coverage: 0.5, backend: engineBackend() });
      const [answer] = predictor.predict([windowOf(12, { lookback: 12, variables: ['chlorophyll'] })]);
      predictor.dispose();
      if (answer?.kind !== 'forecast') throw new Error(JSON.stringify(answer));
      return answer.values.map(([value]) => value!);
    };
    const said = forecastBy(engine);
    forecastBy(gpu).forEach((value, n) => t.true(Math.abs(value - said[n]!) < 1e-3, `${value}, ${said[n]}`));

    const config = configure(folder, 'edge', {
      data: join(folder, 'data'),
      broker: { embedded: { port: 0 } },
      model: { folder: join(folder, 'webgpu') },
      stream: { lookback: 12 },
    });
    const edge = withoutDriver(() => redtide(t, 'edge', config));
    await edge.line(new RegExp(`"model":"${gpu.manifest.id}".*"model in service"`), 120_000);
    t.is((await edge.stop('SIGTERM')).code, 0);
  },
);

test.serial('the ledger keeps what trained, and why', async (t) => {
  t.timeout(180_000);
  if (!(await hasDriver(t))) return;
  const folder = temporaryFolder(t);
  const disk = openDisk(join(folder, 'data', 'edge'));
  const store = new LmdbStore(disk);
  await store.open();
  const random = uniform(5);
  const place = { station: 'B01', sensor: 'default', minimum: 8, maximum: 12 };
  const start = (at: number) => today - (60 * 24 - at) * hour;
  await store.write(
    Array.from({ length: 60 * 24 }, (_, at) => step({ ...place, start: start(at), mean: 8 + 4 * random() })),
  );
  await store.close();
  await disk.close();
  const config = configure(folder, 'trainer', {
    data: join(folder, 'data'),
    model: { folder: join(folder, 'models'), variables: ['chlorophyll'], horizons: [1, 3] },
    stream: { lookback: 6 },
    retrain: {
      data: join(folder, 'trainer'),
      ...{ networks: ['study-lstm'], epochs: 1, backend: 'webgpu' },
    },
  });
  const { out, err } = await redtide(t, 'retrain', config, '--once').ended;
  t.regex(out, /replaces none|stays/, err);
  const runs = await redtide(t, 'retrain', config, '--runs', '--json').ended;
  const { trainer, challengers } = (JSON.parse(runs.out) as { decision: Decision }).decision;
  t.like(trainer, { hardware: { backend: 'webgpu' } });
  t.is(trainer!.reason, 'as asked for');
  t.true(trainer!.name.startsWith(`webgpu (${trainer!.hardware!.adapter}, ${trainer!.hardware!.driver}`));
  const told = (await redtide(t, 'retrain', config, '--runs').ended).out;
  t.true(told.includes(`    LSTMs by ${trainer!.name}: ${trainer!.reason}\n`), told);
  const { id } = challengers.find(({ network }) => network === 'study-lstm')!;
  const kept = join(folder, 'trainer', 'candidates');
  const artifacts = readdirSync(kept).map((name) =>
    fileArtifactStore(join(kept, name))
      .read(id)
      .catch(() => undefined),
  );
  const [own] = (await Promise.all(artifacts)).filter((artifact) => artifact !== undefined);
  t.deepEqual(own!.manifest.hardware, trainer!.hardware);
});
