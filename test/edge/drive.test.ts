import test from 'ava';
import { Checkpoint } from '../../src/checkpoint.ts';
import { openDisk } from '../../src/disk.ts';
import { type DriveParts, drive } from '../../src/drive.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { temporaryFolder } from '../process.ts';

const nothing = async () => {};
const extras = () => ({ unsaved: [], spilled: [], forget: () => {} });

function parts(folder: string, given: Partial<DriveParts> = {}): DriveParts & { close: () => Promise<void> } {
  const disk = openDisk(folder);
  return {
    journal: openJournal(disk),
    checkpoint: new Checkpoint({ disk, now: () => 0, extras }),
    push: () => [],
    activate: nothing,
    configure: () => {},
    store: () => {},
    announce: nothing,
    quarantine: nothing,
    observe: () => {},
    onProgress: () => {},
    trim: nothing,
    ...given,
    close: () => disk.close(),
  };
}

test('a quarantine that fails ends the drive with its reason, and no checkpoint covers the record', async (t) => {
  const folder = temporaryFolder(t);
  const reason = { kind: 'rejection', station: 'S', reason: 'undecodable', detail: '', values: 1 } as const;
  const quarantine = () => Promise.reject(new Error('no space left'));
  const edge = parts(folder, { push: () => [reason], quarantine });
  await edge.journal.append({ kind: 'tick', time: 1 });
  await t.throwsAsync(drive(edge, new AbortController().signal), { message: 'no space left' });
  t.is(edge.checkpoint.savedPosition, 0);
  await edge.close();
});

test('a damaged journal record ends the drive, and says what to do', async (t) => {
  const folder = temporaryFolder(t);
  const disk = openDisk(folder);
  await openJournal(disk).append({ kind: 'tick', time: 1 });
  await openJournal(disk).append({ kind: 'tick', time: 2 });
  const blocks = disk.database<Buffer, number>('journal', { encoding: 'binary' });
  const torn = Buffer.from(blocks.get(1)!);
  torn[20]! ^= 1;
  await blocks.put(1, torn);
  await disk.close();
  const edge = parts(folder);
  await t.throwsAsync(drive(edge, new AbortController().signal), { message: /record 1 is damaged.*restore/ });
  await edge.close();
});

test('a journal that does not join on to the checkpoint is refused', async (t) => {
  const edge = parts(temporaryFolder(t));
  edge.checkpoint.reached(5);
  await t.throwsAsync(drive(edge, new AbortController().signal), { message: /does not join on.* at 5/ });
  await edge.close();
});

test('after a save that failed no other is tried: what it was to write is gone', async (t) => {
  const disk = openDisk(temporaryFolder(t));
  let fails = true;
  const forget = () => {
    if (fails) throw new Error('disk full');
  };
  const failing = () => ({ unsaved: [], spilled: [], forget });
  const checkpoint = new Checkpoint({ disk, now: () => 0, extras: failing });
  await t.throwsAsync(checkpoint.save(), { message: /could not be written: disk full/ });
  fails = false;
  await t.throwsAsync(checkpoint.save(), { message: /could not be written: disk full/ });
  await disk.close();
});
