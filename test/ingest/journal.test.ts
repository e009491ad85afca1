import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Disk, openDisk } from '../../src/disk.ts';
import { JournalOverloaded, JournalStopped, openJournal } from '../../src/ingest/journal.ts';
import { JournalDamaged } from '../../src/ingest/journal-codec.ts';
import type { Entry, JournalRecord } from '../../src/ingest/journal-record.ts';

function newDisk(t: ExecutionContext): { disk: Disk; reopen: () => Disk } {
  const folder = mkdtempSync(join(tmpdir(), 'redtide-journal-'));
  const reopen = () => openDisk(folder);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return { disk: reopen(), reopen };
}

const message = (text: string): Entry => ({
  kind: 'message',
  topic: 'buoys/b1/telemetry',
  payload: Buffer.from(text),
  receivedAt: 1,
});
const textOf = (record: JournalRecord) =>
  record.kind === 'message' ? Buffer.from(record.payload).toString() : record.kind;
const texts = (records: Iterable<JournalRecord>) => [...records].map(textOf);

test('numbers entries 1, 2, 3 in order of append and keeps them over a restart', async (t) => {
  const { disk, reopen } = newDisk(t);
  const journal = openJournal(disk);
  t.is(journal.head, 0);
  const sequences = await Promise.all(['a', 'b', 'c'].map((text) => journal.append(message(text))));
  t.deepEqual(sequences, [1, 2, 3]);
  t.is(await journal.append({ kind: 'tick', time: 5 }), 4);
  await journal.close();
  await disk.close();

  const again = openJournal(reopen());
  t.is(again.head, 4);
  t.deepEqual(texts(again.read(1)), ['a', 'b', 'c', 'tick']);
  t.deepEqual(texts(again.read(2, 3)), ['b', 'c']);
  t.is(await again.append(message('d')), 5);
});

test('an append resolves after its block can be read, never before', async (t) => {
  const journal = openJournal(newDisk(t).disk);
  for (let at = 1; at <= 20; at++) {
    const sequence = await journal.append(message(`${at}`));
    t.deepEqual(texts(journal.read(sequence)), [`${at}`]);
  }
});

test('while it is held messages wait, and the rest passes', async (t) => {
  let held = true;
  const journal = openJournal(newDisk(t).disk, { hold: () => held });
  const [first, second] = [journal.append(message('a')), journal.append(message('b'))];
  t.is(await journal.append({ kind: 'tick', time: 1 }), 1);
  journal.proceed();
  t.is(await journal.append({ kind: 'tick', time: 2 }), 2);
  held = false;
  journal.proceed();
  t.deepEqual([await first, await second], [3, 4]);
  t.deepEqual(texts(journal.read(1)), ['tick', 'tick', 'a', 'b']);
});

test('many appends share a sync', async (t) => {
  const { disk } = newDisk(t);
  const journal = openJournal(disk);
  await Promise.all(Array.from({ length: 5000 }, (_, at) => journal.append(message(`${at}`))));
  const blocks = [...disk.database('journal', { encoding: 'binary' }).getKeys()];
  t.true(blocks.length <= 2, `${blocks.length} blocks`);
  t.is(texts(journal.read(1)).join(), Array.from({ length: 5000 }, (_, at) => `${at}`).join());
});

test('follow gives every record once, in order, while others append', async (t) => {
  const journal = openJournal(newDisk(t).disk);
  await journal.append(message('0'));
  const stop = new AbortController();
  const seen: JournalRecord[] = [];
  const following = (async () => {
    for await (const batch of journal.follow(1, stop.signal)) {
      seen.push(...batch);
      if (seen.length === 301) stop.abort();
    }
  })();
  for (let at = 1; at <= 100; at++) {
    void journal.append(message(`${at}`));
    void journal.append(message(`${at}`));
    await journal.append(message(`${at}`));
  }
  await following;
  t.deepEqual(
    seen.map(({ sequence }) => sequence),
    Array.from({ length: 301 }, (_, at) => at + 1),
  );
});

test('follow ends when it is told to while it waits, and when the journal closes', async (t) => {
  const journal = openJournal(newDisk(t).disk);
  const stop = new AbortController();
  const waiting = journal.follow(1, stop.signal).next();
  stop.abort();
  t.true((await waiting).done);

  const other = journal.follow(1, new AbortController().signal).next();
  await journal.close();
  t.true((await other).done);
  await t.throwsAsync(journal.append(message('late')), { instanceOf: JournalStopped });
});

test('trim forgets whole blocks before a record and never the newest', async (t) => {
  const { disk, reopen } = newDisk(t);
  const journal = openJournal(disk);
  for (const text of ['a', 'b', 'c']) await journal.append(message(text));
  await journal.trim(2);
  t.is(journal.first, 2);
  t.deepEqual(texts(journal.read(1)), ['b', 'c']);
  await journal.trim(1000);
  t.is(journal.first, 3);
  await disk.close();
  const again = openJournal(reopen());
  t.is(again.head, 3);
  t.is(await again.append(message('d')), 4);
});

test('past the bounds on what is pending an append is refused, and later ones are taken again', async (t) => {
  const journal = openJournal(newDisk(t).disk, { maximumPending: { entries: 2, bytes: 1_000_000 } });
  const first = [journal.append(message('a')), journal.append(message('b'))];
  await t.throwsAsync(journal.append(message('c')), { instanceOf: JournalOverloaded });
  t.deepEqual(await Promise.all(first), [1, 2]);
  t.is(await journal.append(message('d')), 3);
});

test('a full journal makes messages wait for trim, and lets ticks pass', async (t) => {
  const journal = openJournal(newDisk(t).disk, { maximumBytes: 64 * 1024 });
  const large = 'x'.repeat(20_000);
  while (journal.bytes < 64 * 1024) await journal.append(message(large));
  const held = journal.append(message('held'));
  const tick = await journal.append({ kind: 'tick', time: 1 });
  t.is(tick, journal.head);
  t.is(journal.pending.entries, 1);
  await journal.trim(journal.head);
  t.is(await held, tick + 1);
  t.deepEqual(journal.pending, { entries: 0, bytes: 0 });
});

test('a failed write stops the journal for good, and everything that waits learns of it', async (t) => {
  const { disk } = newDisk(t);
  const journal = openJournal(disk);
  await journal.append(message('a'));
  const following = journal.follow(2, new AbortController().signal).next();
  // Another writer takes the next place: the write is refused by its condition.
  await disk.database('journal', { encoding: 'binary' }).put(2, Buffer.from('theirs'));
  const lost = [journal.append(message('b')), journal.append(message('c'))];
  for (const append of lost)
    await t.throwsAsync(append, { instanceOf: JournalStopped, message: /another process/ });
  await t.throwsAsync(journal.append(message('d')), { instanceOf: JournalStopped });
  await t.throwsAsync(following, { instanceOf: JournalStopped });
  t.is(journal.state, 'failed');
});

test('a damaged block is refused by the number of its record, at opening and at reading', async (t) => {
  const { disk } = newDisk(t);
  const journal = openJournal(disk);
  for (const text of ['a', 'b', 'c']) await journal.append(message(text));
  const blocks = disk.database<Buffer, number>('journal', { encoding: 'binary' });
  const bad = Buffer.from(blocks.get(2)!);
  bad[bad.length - 1]! ^= 1;
  await blocks.put(2, bad);
  t.throws(() => [...journal.read(1)], {
    instanceOf: JournalDamaged,
    message: /journal record 2 is damaged/,
  });
  await blocks.remove(2);
  t.throws(() => [...journal.read(1)], {
    instanceOf: JournalDamaged,
    message: /record 2 is damaged: it is missing/,
  });
  await blocks.put(3, bad);
  t.throws(() => openJournal(disk), { instanceOf: JournalDamaged });
});
