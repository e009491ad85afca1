import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openDisk } from '../src/disk.ts';

function newFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'redtide-disk-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('creates the folder and keeps what was put over a restart', async (t) => {
  const folder = join(newFolder(t), 'deep', 'data');
  const first = openDisk(folder);
  await first.database<number>('a').put('key', 7);
  await first.close();
  const second = openDisk(folder);
  t.is(second.database<number>('a').get('key'), 7);
  await second.close();
});

test('a transaction spans databases, and its result comes after the commit', async (t) => {
  const disk = openDisk(newFolder(t));
  const [a, b] = [disk.database<number>('a'), disk.database<number>('b')];
  const sum = await disk.transaction(() => {
    a.put('x', 1);
    b.put('y', 2);
    return a.get('x')! + b.get('y')!;
  });
  t.is(sum, 3);
  t.deepEqual([a.get('x'), b.get('y')], [1, 2]);
  await disk.close();
});

test('synced resolves after the puts before it, without waiting for each', async (t) => {
  const disk = openDisk(newFolder(t));
  const database = disk.database<number, number>('a');
  for (let at = 0; at < 5000; at++) void database.put(at, at);
  await disk.synced();
  t.is(database.getCount(), 5000);
  await disk.close();
});

test('another process reads what the edge has committed, and can not write', async (t) => {
  const folder = newFolder(t);
  const disk = openDisk(folder);
  await disk.database<number>('a').put('key', 1);
  const script = `
    import { openDisk } from ${JSON.stringify(new URL('../src/disk.ts', import.meta.url).href)};
    const disk = openDisk(${JSON.stringify(folder)}, { readOnly: true });
    const a = disk.database('a');
    let refused = false;
    try { await a.put('key', 2); } catch { refused = true; }
    console.log(a.get('key'), refused);
    await disk.close();`;
  const path = join(folder, 'reader.mts');
  writeFileSync(path, script);
  const { stdout, stderr } = spawnSync(process.execPath, ['--import=tsx', path], { encoding: 'utf8' });
  t.is(stdout.trim(), '1 true', stderr);
  await disk.close();
});

test('a folder that can not be opened is named', (t) => {
  const path = join(newFolder(t), 'file');
  writeFileSync(path, '');
  t.throws(() => openDisk(path), { message: /file: can't be opened as the data folder: / });
});
