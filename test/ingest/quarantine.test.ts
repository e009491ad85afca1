import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Disk, openDisk } from '../../src/disk.ts';
import { openQuarantine } from '../../src/ingest/quarantine.ts';
import type { Rejection } from '../../src/ingest/reading.ts';

function newDisk(t: ExecutionContext): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'redtide-quarantine-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return openDisk(folder);
}

const message = (text: string) => ({
  topic: 'buoys/b1/telemetry',
  payload: Buffer.from(text),
  receivedAt: 7,
});
const rejection: Rejection = {
  kind: 'rejection',
  station: 'b1',
  reason: 'bad-value',
  detail: '/value: "abc" is not a finite decimal number',
  values: 1,
};

test('keeps a message with its bytes and reasons, once, however often it is put', async (t) => {
  const disk = newDisk(t);
  const quarantine = openQuarantine(disk);
  const payload = Uint8Array.from([0, 255, 1, 2]);
  await quarantine.put(5, { ...message(''), payload }, [rejection]);
  await quarantine.put(5, { ...message(''), payload }, [rejection]);
  await quarantine.put(3, message('{"value":"abc"}'), [rejection, rejection]);
  t.is(quarantine.size, 2);
  const shown = quarantine.show(5)!;
  t.deepEqual([...shown.payload], [...payload]);
  t.deepEqual([shown.sequence, shown.topic, shown.receivedAt], [5, 'buoys/b1/telemetry', 7]);
  t.deepEqual(shown.rejections, [rejection]);
  t.deepEqual(
    [...quarantine.list()].map(({ sequence, bytes }) => [sequence, bytes]),
    [
      [3, 15],
      [5, 4],
    ],
  );
  t.deepEqual(
    [...quarantine.list(4)].map(({ sequence }) => sequence),
    [5],
  );
  t.is([...quarantine.list(0, 1)].length, 1);
  t.deepEqual([...openQuarantine(disk).list()].length, 2);
});

test('removes what was dealt with', async (t) => {
  const quarantine = openQuarantine(newDisk(t));
  await quarantine.put(1, message('x'), [rejection]);
  t.true(await quarantine.remove(1));
  t.false(await quarantine.remove(1));
  t.is(quarantine.show(1), undefined);
});

test('beyond the maximum the oldest are dropped, and counted', async (t) => {
  const quarantine = openQuarantine(newDisk(t), { maximum: 2 });
  for (const sequence of [1, 2, 3, 4]) await quarantine.put(sequence, message('x'), [rejection]);
  t.deepEqual(
    [...quarantine.list()].map(({ sequence }) => sequence),
    [3, 4],
  );
  t.is(quarantine.dropped, 2);
});
