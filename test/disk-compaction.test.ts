import { spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { type Disk, dataFile, openDisk } from '../src/disk.ts';
import { compactDisk, reasonToKeep } from '../src/disk-compaction.ts';
import { checkPages, fillOf } from '../src/lmdb-pages.ts';
import { temporaryFolder } from './process.ts';

const always = { bytes: 0, share: 0.5 };
const sizeOf = (folder: string) => statSync(join(folder, dataFile)).size;

/** As after an outage: what stays, and a lot that was there and is not any more, in small and in large values. */
async function afterOutage(t: ExecutionContext): Promise<{ folder: string; whole: number }> {
  const folder = temporaryFolder(t);
  const disk = openDisk(folder);
  const [kept, waiting] = [disk.database<string, number>('kept'), disk.database<Buffer, number>('waiting')];
  for (let at = 0; at < 300; at++) {
    kept.put(at, `value ${at}`);
    waiting.put(at, Buffer.alloc(at % 2 === 0 ? 200 : 50_000, at));
  }
  await disk.synced();
  const whole = sizeOf(folder);
  for (let at = 1; at < 300; at++) waiting.remove(at);
  await disk.synced();
  await disk.close();
  return { folder, whole };
}

function held(disk: Disk): unknown[] {
  const [kept, waiting] = [disk.database<string, number>('kept'), disk.database<Buffer, number>('waiting')];
  return [[...kept.getRange()], [...waiting.getRange()]];
}

test('what was freed goes back to the file system, what is held stays, and it is written as before', async (t) => {
  const { folder, whole } = await afterOutage(t);
  const disk = openDisk(folder);
  const before = held(disk);
  await disk.close();
  const freed = sizeOf(folder);
  t.true(freed >= whole, 'LMDB gives nothing back by itself');
  const done = await compactDisk(folder, always);
  t.is(done.kind, 'compacted');
  t.true(sizeOf(folder) < whole / 10, `${sizeOf(folder)} of ${whole}`);
  t.deepEqual(done, { kind: 'compacted', before: freed, after: sizeOf(folder) });
  checkPages(join(folder, dataFile));
  const again = openDisk(folder);
  t.deepEqual(held(again), before);
  await again.database<string, number>('kept').put(1000, 'new');
  await again.close();
  const third = openDisk(folder);
  t.is(third.database<string, number>('kept').get(1000), 'new');
  await third.close();
  t.like(await compactDisk(folder, always), { kind: 'kept' });
});

test('whoever reads meanwhile reads on, and the next start has what it wrote', async (t) => {
  const { folder } = await afterOutage(t);
  const reader = readBeside(t, folder);
  const before = await reader.next();
  t.is(JSON.parse(before).length, 300);
  t.is((await compactDisk(folder, always)).kind, 'compacted');
  const disk = openDisk(folder);
  for (let at = 2000; at < 2200; at++) disk.database<string, number>('kept').put(at, 'x'.repeat(500));
  await disk.synced();
  t.is(await reader.next(), before);
  await disk.close();
  const last = openDisk(folder);
  t.is(last.database<string, number>('kept').getCount(), 500);
  await last.close();
  t.is(JSON.parse(await readBeside(t, folder).next()).length, 500);
});

/** Another process, which says at each `next` what it reads. */
function readBeside(t: ExecutionContext, folder: string) {
  const script = new URL('disk-reader.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import=tsx', '--no-warnings', script, folder]);
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    child.stdin.write('\n');
    return (await lines.next()).value;
  };
  return { next };
}

test('what a crash left of a copy goes, and a damaged file stays as it is', async (t) => {
  const { folder } = await afterOutage(t);
  const copy = join(folder, `${dataFile}.compacting`);
  writeFileSync(copy, 'half a copy');
  t.is((await compactDisk(folder, { bytes: 1e12, share: 0 })).kind, 'kept');
  t.false(existsSync(copy));
  writeFileSync(join(folder, dataFile), 'none of LMDB');
  await t.throwsAsync(compactDisk(folder, always), { message: /damaged/ });
  t.is(sizeOf(folder), 12);
  t.like(await compactDisk(temporaryFolder(t)), { kind: 'kept' });
});

test('free pages are counted, and a copy that does not fit is not begun', async (t) => {
  const { folder } = await afterOutage(t);
  const { pageSize, used, total } = fillOf(join(folder, dataFile));
  t.is(total * pageSize, sizeOf(folder));
  t.true(used < total / 10, `${used} of ${total}`);
  const fill = { pageSize: 4096, used: 1000, total: 10_000 };
  t.is(reasonToKeep(fill, 4096 * 1200), undefined);
  t.regex(reasonToKeep(fill, 4096 * 1000) ?? '', /the copy needs 5 MiB, and the file system has 4 MiB/);
  t.regex(reasonToKeep({ ...fill, used: 6000 }, 1e12) ?? '', /only 16 MiB are free/);
});
