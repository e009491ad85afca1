import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openDisk } from '../../src/disk.ts';
import { openJournal } from '../../src/ingest/journal.ts';

test('where the disk takes no more, the journal stops with an error and has all that it said it has', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'redtide-full-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const script = new URL('journal-writer.ts', import.meta.url).pathname;
  // No file may grow beyond 2 MiB (POSIX counts blocks of 512 bytes, dash and bash -o posix as well).
  const limited = `ulimit -f 4096; exec "${process.execPath}" --import=tsx "${script}" "${folder}"`;
  const { stdout, stderr } = spawnSync('sh', ['-c', limited], { encoding: 'utf8', timeout: 60_000 });
  const lines = stdout.trim().split('\n');
  t.regex(
    lines.pop()!,
    /^failed: JournalStopped: the journal could not be written: .*Check the disk/,
    stderr,
  );
  t.true(lines.length > 300, `only ${lines.length} appended`);

  const disk = openDisk(folder);
  const kept = new Set(
    [...openJournal(disk).read(1)].map((record) => (record.kind === 'command' ? record.text.trim() : '')),
  );
  t.deepEqual(
    lines.filter((line) => !kept.has(line)),
    [],
  );
  t.is(await openJournal(disk).append({ kind: 'tick', time: 0 }), kept.size + 1, 'with room it goes on');
  await disk.close();
});
