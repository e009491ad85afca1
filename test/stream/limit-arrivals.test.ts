import test from 'ava';
import { from, toArray } from 'rxjs';
import type { Numbered, Reading, Rejection } from '../../src/ingest/reading.ts';
import { MemoryKeep } from '../../src/stream/kept.ts';
import { limitArrivals } from '../../src/stream/limit-arrivals.ts';
import { reading } from './events.ts';

const limits = { rate: 10, unlisted: 1, sensors: 2 };
const hour = 3_600_000;
type Item = Reading | Numbered | Rejection;

function run(events: readonly Item[], keep = new MemoryKeep()): string[] {
  const seen: Item[] = [];
  from(events)
    .pipe(
      limitArrivals<Item>({ ...limits, listed: (station) => station === 'b1', keep: keep.again() }),
      toArray(),
    )
    .subscribe((all) => seen.push(...(all as Item[])));
  return seen.map((one) => (one.kind === 'rejection' ? one.reason : one.kind));
}

const at = (receivedAt: number, more: Partial<Reading> = {}): Reading => ({
  ...reading(0, 1),
  station: 'b1',
  sensor: 'a',
  receivedAt,
  ...more,
});
const passed = (kinds: readonly string[]) => kinds.filter((kind) => kind === 'reading').length;

test('a station gets its rate: so many at once, and again as time passes', (t) => {
  const burst = Array.from({ length: 15 }, () => at(0));
  t.is(passed(run(burst)), 10);
  t.deepEqual(run(burst).slice(10), Array(5).fill('too-many-values'));
  t.is(passed(run([...burst, ...Array.from({ length: 15 }, () => at(hour / 2))])), 15);
  t.is(passed(run([...burst, ...Array.from({ length: 15 }, () => at(100 * hour))])), 20);
  t.is(passed(run([...burst, ...Array.from({ length: 15 }, () => at(-hour))])), 10);
});

test('the counts go on where the memory does', (t) => {
  const keep = new MemoryKeep();
  run(
    Array.from({ length: 8 }, () => at(0)),
    keep,
  );
  const restored = new MemoryKeep(keep.takeDirty());
  t.is(
    passed(
      run(
        Array.from({ length: 8 }, () => at(0)),
        restored,
      ),
    ),
    2,
  );
});

test('so many stations that are not listed, sensors and counters, and no more', (t) => {
  t.deepEqual(run([at(0, { station: 'x' }), at(0, { station: 'y' }), at(0, { station: 'x' }), at(0)]), [
    'reading',
    'too-many-stations',
    'reading',
    'reading',
  ]);
  t.deepEqual(run(['a', 'b', 'c', 'a'].map((sensor) => at(0, { sensor }))), [
    'reading',
    'reading',
    'too-many-sensors',
    'reading',
  ]);
  const numbered = (stream: string): Numbered => ({
    ...{ kind: 'numbered', station: 'b1', stream, number: 1, time: 0, receivedAt: 0 },
  });
  t.is(run(['', 'p', 'q', 'p'].map(numbered)).length, 3);
});
