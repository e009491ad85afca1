import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { ArtifactRefused } from '../../src/model/artifact.ts';
import { fileArtifactStore } from '../../src/model/file-artifact-store.ts';
import { artifactOf } from './samples.ts';

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'redtide-models-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const [one, two] = [artifactOf({ seed: 1 }), artifactOf({ seed: 2 })];

test('a folder that is not there yet holds nothing', async (t) => {
  const store = fileArtifactStore(join(await folderOf(t), 'not', 'yet'));
  t.deepEqual(await store.list(), []);
  t.is(await store.current(), undefined);
  await t.throwsAsync(store.read(one.manifest.id), { instanceOf: ArtifactRefused, message: /is not there/ });
  await store.publish(one);
  t.is(await store.current(), one.manifest.id);
});

test('what was published is read, whole, and the last one published is current', async (t) => {
  const folder = await folderOf(t);
  const store = fileArtifactStore(folder);
  await store.publish(one);
  await store.publish(two);
  t.is(await store.current(), two.manifest.id);
  t.deepEqual((await store.list()).sort(), [one.manifest.id, two.manifest.id].sort());
  for (const artifact of [one, two]) {
    const read = await fileArtifactStore(folder).read(artifact.manifest.id);
    t.deepEqual(read.manifest, artifact.manifest);
    t.deepEqual(new Uint8Array(read.weights), artifact.weights);
  }
  const place = join(folder, one.manifest.id);
  const { ino } = await stat(place);
  await store.publish(one);
  t.is((await stat(place)).ino, ino, 'who reads it meanwhile is not disturbed');
  t.is(await store.current(), one.manifest.id);
  t.deepEqual((await readdir(folder)).sort(), [one.manifest.id, two.manifest.id, 'current'].sort());
});

test('a version that lost its end is published anew', async (t) => {
  const folder = await folderOf(t);
  const store = fileArtifactStore(folder);
  await store.publish(one);
  await truncate(join(folder, one.manifest.id, 'weights.bin'), 100);
  await t.throwsAsync(store.read(one.manifest.id), {
    instanceOf: ArtifactRefused,
    message: /changed or cut/,
  });
  await store.publish(one);
  t.deepEqual((await store.read(one.manifest.id)).manifest, one.manifest);
  await rm(join(folder, one.manifest.id, 'manifest.json'));
  await t.throwsAsync(store.read(one.manifest.id), { message: /not whole/ });
  await store.publish(one);
  t.deepEqual((await store.read(one.manifest.id)).manifest, one.manifest);
});

test('many at once that publish the same and other versions do not disturb each other', async (t) => {
  const folder = await folderOf(t);
  const artifacts = [one, two, one, artifactOf({ seed: 3 }), two, one];
  await Promise.all(artifacts.map((artifact) => fileArtifactStore(folder).publish(artifact)));
  const store = fileArtifactStore(folder);
  t.is((await store.list()).length, 3);
  for (const id of await store.list()) t.is((await store.read(id)).manifest.id, id);
  t.true((await store.list()).includes((await store.current())!));
});

test('a folder that is named as another version, and a pointer to none, are refused', async (t) => {
  const folder = await folderOf(t);
  const store = fileArtifactStore(folder);
  await store.publish(one);
  const wrong = 'abcdefabcdef';
  await mkdir(join(folder, wrong));
  for (const file of ['manifest.json', 'weights.bin'])
    await writeFile(join(folder, wrong, file), await readFile(join(folder, one.manifest.id, file)));
  await t.throwsAsync(store.read(wrong), {
    instanceOf: ArtifactRefused,
    message: new RegExp(`${wrong}: holds version ${one.manifest.id}`),
  });
  await writeFile(join(folder, 'current'), '../../etc\n');
  await t.throwsAsync(store.current(), {
    instanceOf: ArtifactRefused,
    message: /"..\/..\/etc" is no version/,
  });
});

test('a publisher that is killed at any moment leaves whole versions, and a pointer to one', async (t) => {
  const folder = await folderOf(t);
  for (const [round, delay] of [7, 18, 31].entries()) {
    const program = fileURLToPath(new URL('publish-forever.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import=tsx', program, folder, String(1000 * round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface(child.stdout), 'line');
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await once(child, 'close');
    const store = fileArtifactStore(folder);
    const ids = await store.list();
    t.true(ids.length > 0);
    for (const id of ids) t.is((await store.read(id)).manifest.id, id);
    t.true(ids.includes((await store.current())!));
  }
});
