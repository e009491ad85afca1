import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { fileArtifactStore } from '../../src/model/file-artifact-store.ts';
import { lineUpOf } from '../../src/model/line-up/line-up.ts';
import { fatesIn, pruneCandidates, pruneFolder } from '../../src/model/prune-folder.ts';
import { temporaryFolder } from '../process.ts';
import { artifactOf } from './samples.ts';

const now = Date.now();

/** A folder of versions, the first the oldest; answers with their ids. */
async function filled(t: ExecutionContext, count: number): Promise<{ folder: string; ids: string[] }> {
  const folder = join(temporaryFolder(t), 'models');
  const store = fileArtifactStore(folder);
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const artifact = artifactOf({ seed: n + 1, variables: ['chlorophyll'] });
    await store.publish(artifact);
    ids.push(artifact.manifest.id);
    await aged(join(folder, artifact.manifest.id), 100 - n);
  }
  return { folder, ids };
}

const aged = (place: string, days: number) =>
  utimes(place, now / 1000 - days * 86_400, now / 1000 - days * 86_400);

test('what no user of the folder needs goes, and the rest is whole', async (t) => {
  const { folder, ids } = await filled(t, 6);
  const options = { newest: 1, now };
  const because = 'the journal names it';
  await pruneFolder(folder, { ...options, user: 'edge', newest: 6, uses: () => [{ id: ids[0]!, because }] });
  t.is((await fileArtifactStore(folder).list()).length, 6);
  await mkdir(join(folder, '.draft-old'));
  await aged(join(folder, '.draft-old'), 3);
  const gone = await pruneFolder(folder, {
    ...options,
    user: 'trainer',
    uses: () => [{ id: ids[2]!, because }],
  });
  t.deepEqual(gone.map(({ id }) => id).sort(), [ids[1]!, ids[3]!, ids[4]!].sort());
  const store = fileArtifactStore(folder);
  t.deepEqual((await store.list()).sort(), [ids[0]!, ids[2]!, ids[5]!].sort());
  for (const id of await store.list()) t.is((await store.read(id)).manifest.id, id);
  t.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('.')),
    ['.uses'],
  );
  t.deepEqual(await pruneFolder(folder, { ...options, user: 'edge', uses: () => [] }), [
    { id: ids[0]!, stays: false, reason: 'nothing refers to it' },
  ]);
});

test('members of a line-up that stays stay', async (t) => {
  const { folder, ids } = await filled(t, 3);
  const store = fileArtifactStore(folder);
  const lineUp = lineUpOf([await store.read(ids[0]!)], [], ['study-lstm']);
  await store.publish(lineUp);
  await pruneFolder(folder, { user: 'edge', uses: () => [], newest: 1, now });
  t.deepEqual((await store.list()).sort(), [ids[0]!, lineUp.manifest.id].sort());
  const fates = await fatesIn(folder, { newest: 1, now });
  t.is(fates.find(({ id }) => id === ids[0])!.reason, `a member of ${lineUp.manifest.id}`);
});

test('where a note can not be read nothing goes', async (t) => {
  const { folder } = await filled(t, 3);
  await mkdir(join(folder, '.uses'));
  await writeFile(join(folder, '.uses', 'other.json'), '[{');
  await t.throwsAsync(pruneFolder(folder, { user: 'edge', uses: () => [], newest: 1, now }), {
    message: /other\.json can't be read, so no version goes/,
  });
  t.is((await fileArtifactStore(folder).list()).length, 3);
});

test('of candidates those of this contest stay, and the newest of the others', async (t) => {
  const folder = temporaryFolder(t);
  const names = ['1', '2', '3', '4'].map((digit) => digit.repeat(16));
  for (const [n, name] of names.entries()) {
    await mkdir(join(folder, name));
    await aged(join(folder, name), 10 - n);
  }
  await pruneCandidates(folder, { used: new Set([names[0]!]), newest: 1, now });
  t.deepEqual((await readdir(folder)).sort(), [names[0]!, names[3]!]);
});
