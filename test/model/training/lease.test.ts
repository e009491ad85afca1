import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isHolder, lease } from '../../../src/model/training/lease.ts';
import { temporaryFolder, until } from '../../process.ts';

const holder = (host: string) => ({ host, pid: 1 });

test('one of many gets it, the others hear who has it, and the next may after the release', async (t) => {
  const folder = temporaryFolder(t);
  const asked = await Promise.all(
    Array.from({ length: 8 }, (_, n) => lease(folder, { holder: holder(`h${n}`) })),
  );
  const releases = asked.filter((outcome) => !isHolder(outcome)) as (() => Promise<void>)[];
  t.is(releases.length, 1);
  const winner = JSON.parse(readFileSync(join(folder, 'training.lease'), 'utf8'));
  for (const outcome of asked) if (isHolder(outcome)) t.deepEqual(outcome, winner);
  await releases[0]!();
  t.deepEqual(readdirSync(folder), []);
  t.false(isHolder(await lease(folder)));
});

test('a lease whose holder died is taken over, by one', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'training.lease');
  const dead = await lease(folder, { holder: holder('dead'), expires: 1e9 });
  t.false(isHolder(dead));
  const long = (Date.now() - 600_000) / 1000;
  utimesSync(path, long, long);
  const asked = await Promise.all(['a', 'b', 'c'].map((host) => lease(folder, { holder: holder(host) })));
  t.is(asked.filter((outcome) => !isHolder(outcome)).length, 1);
  t.not(JSON.parse(readFileSync(path, 'utf8')).host, 'dead');
});

test('who holds it renews it', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'training.lease');
  const release = await lease(folder, { holder: holder('a'), expires: 100 });
  if (isHolder(release)) return t.fail();
  const long = (Date.now() - 600_000) / 1000;
  utimesSync(path, long, long);
  await until('the lease is fresh again', () => Date.now() - statSync(path).mtimeMs < 300_000);
  t.deepEqual(await lease(folder, { holder: holder('b'), expires: 300_000 }), holder('a'));
  await release();
  t.false(existsSync(path));
});

test('who was asleep for too long hears that another has it, and leaves it alone', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'training.lease');
  let lost = false;
  const onLost = () => {
    lost = true;
  };
  await lease(folder, { holder: holder('a'), expires: 400, onLost });
  writeFileSync(path, JSON.stringify(holder('b')));
  await until('it hears', () => lost);
  t.deepEqual(JSON.parse(readFileSync(path, 'utf8')), holder('b'));
});
