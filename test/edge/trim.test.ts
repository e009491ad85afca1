import test from 'ava';
import { openDisk } from '../../src/disk.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { CheckpointedSpill } from '../../src/store/checkpointed-spill.ts';
import { lmdbSpill } from '../../src/store/lmdb-spill.ts';
import { firstToKeep } from '../../src/trim.ts';
import { temporaryFolder } from '../process.ts';

const journalOf = (times: readonly number[], bytes = 0) => ({
  first: 1,
  bytes,
  *read(from: number, to: number) {
    for (const [at, time] of times.entries())
      if (at + 1 >= from && at + 1 <= to) yield { kind: 'tick' as const, sequence: at + 1, time };
  },
});
const times = [10, 20, 30, 40, 50, 60];

test('what is older than the keep goes, and never what the checkpoint does not cover', (t) => {
  const bounds = { since: 35, maximum: 1000, saved: 6 };
  t.is(firstToKeep(journalOf(times), bounds), 4);
  t.is(firstToKeep(journalOf(times), { ...bounds, saved: 2 }), 3);
  t.is(firstToKeep(journalOf(times), { ...bounds, saved: 0 }), 1);
  t.is(firstToKeep(journalOf(times), { ...bounds, since: Number.NEGATIVE_INFINITY }), 1);
});

test('near the maximum half of what the checkpoint covers goes earlier', (t) => {
  const bounds = { since: 0, maximum: 1000, saved: 5 };
  t.is(firstToKeep(journalOf(times, 899), bounds), 1);
  t.is(firstToKeep(journalOf(times, 901), bounds), 3);
  t.true(firstToKeep(journalOf(times, 2000), { ...bounds, saved: 1 }) <= 2);
});

test('a journal at its maximum takes messages again once it is trimmed', async (t) => {
  const disk = openDisk(temporaryFolder(t));
  const maximum = 256 * 1024;
  const journal = openJournal(disk, { maximumBytes: maximum });
  const entry = { kind: 'message', topic: 'a', payload: Buffer.alloc(20_000), receivedAt: 1 } as const;
  while (journal.bytes < maximum) await journal.append(entry);
  let taken = false;
  const waiting = journal.append(entry).then(() => {
    taken = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.false(taken);
  await journal.trim(firstToKeep(journal, { since: 0, maximum, saved: journal.head }));
  await waiting;
  await journal.close();
  await disk.close();
});

const point = (time: number) =>
  ({ kind: 'step', station: 'S', sensor: 's', variable: 'v', start: time, mean: Number.NaN }) as never;

test('a start has the spill as it was at the checkpoint: later blocks are gone, settled ones are back', async (t) => {
  const disk = openDisk(temporaryFolder(t));
  const spill = new CheckpointedSpill(lmdbSpill(disk), []);
  await spill.put(1, [point(1)]);
  await spill.put(2, [point(2)]);
  // The checkpoint is here, and knows 1 and 2.
  await spill.put(3, [point(3)]);
  await spill.remove(1, 1);
  const crashed = new CheckpointedSpill(lmdbSpill(disk), [1, 2]);
  t.deepEqual(
    [...crashed.blocks()].map(({ number }) => number),
    [1, 2],
  );
  t.deepEqual(crashed.get(1, 1), [point(1)]);

  await crashed.remove(1, 1);
  await disk.transaction(crashed.takeSettled());
  t.is(crashed.get(1, 1), undefined);
  t.is(lmdbSpill(disk).get(3, 1), undefined);
  await disk.close();
});

test('a spilled block with a wrong bit is refused', async (t) => {
  const disk = openDisk(temporaryFolder(t));
  const spill = lmdbSpill(disk);
  await spill.put(1, [point(1)]);
  const table = disk.database<Buffer, number[]>('store-waiting', { encoding: 'binary' });
  const [key] = [...table.getKeys()];
  const torn = Buffer.from(table.get(key!)!);
  torn[9]! ^= 4;
  await table.put(key!, torn);
  t.throws(() => spill.get(1, 1), { message: /block 1 .* is damaged/ });
  await disk.close();
});
