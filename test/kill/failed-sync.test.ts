import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openDisk } from '../../src/disk.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { temporaryFolder } from '../process.ts';
import { requireServer } from '../servers.ts';

const script = new URL('../ingest/journal-writer.ts', import.meta.url).pathname;

/** From the fifth of a thread on, the kernel's answer to it is EIO, as from a disk that fails. */
const fault = ['-e', 'trace=fdatasync,fsync,msync', '-e', 'inject=fdatasync:error=EIO:when=5+'];

test('after a failed sync the journal stops, asks the disk for no second one, and has all that it said it has', (t) => {
  const strace = requireServer(t, 'strace', ['/usr/bin/strace', '/usr/local/bin/strace']);
  if (!strace) return;
  const folder = temporaryFolder(t);
  const log = join(folder, 'trace');
  const data = join(folder, 'data');
  const writer = [process.execPath, '--import=tsx', '--no-warnings', script, data];
  const { stdout, stderr } = spawnSync(strace, ['-f', '-o', log, ...fault, ...writer], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const lines = stdout.trim().split('\n');
  t.regex(
    lines.pop() ?? '',
    /^failed: JournalStopped: the journal could not be written: .*Check the disk/,
    stderr,
  );
  const calls = readFileSync(log, 'utf8').split('\n');
  const first = calls.findIndex((call) => call.includes('EIO'));
  t.true(first > 0);
  t.deepEqual(
    calls.slice(first + 1).filter((call) => /sync/.test(call)),
    [],
    'a second sync of the same file',
  );
  t.true(lines.length > 0, 'some were appended before');
  const kept = new Set<string>();
  for (const record of openJournal(openDisk(data)).read(1))
    if (record.kind === 'command') kept.add(record.text.trim());
  t.deepEqual(
    lines.filter((line) => !kept.has(line)),
    [],
  );
});
