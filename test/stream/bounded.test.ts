import test from 'ava';
import { Subject } from 'rxjs';
import type { Reading, Tick } from '../../src/ingest/reading.ts';
import { dedupe } from '../../src/stream/dedupe.ts';
import { MemoryKeep } from '../../src/stream/kept.ts';
import { qualify } from '../../src/stream/qualify.ts';
import { toSteps } from '../../src/stream/to-steps.ts';
import { toWindows } from '../../src/stream/to-windows.ts';
import { watermark } from '../../src/stream/watermark.ts';
import { limits } from './arrivals.ts';
import { reading, tick } from './events.ts';

/** The size of a station's state, in bytes, by stage. */
function measured(feed: (take: (event: Reading | Tick) => void, from: number, to: number) => void) {
  const keep = new MemoryKeep();
  const grid = { step: 60, horizon: 360, keep };
  const input = new Subject<Reading | Tick>();
  input
    .pipe(
      dedupe<Reading | Tick>(grid),
      qualify<Reading | Tick>({ ...grid, limits }),
      watermark({ lateness: 20, idle: 180, step: 60, keep }),
      toSteps({ ...grid, lookback: 24, cadence: () => 10 }),
      toWindows({ step: 60, lookback: 24, variables: ['chlorophyll'], keep }),
    )
    .subscribe();
  const sizes = () => new Map(keep.takeDirty().map(({ stage, state }) => [stage, state!.length]));
  return (from: number, to: number) => {
    feed((event) => input.next(event), from, to);
    return sizes();
  };
}

test('the state of a station is no larger after a long time than after the horizon', (t) => {
  const run = measured((take, from, to) => {
    for (let time = from; time < to; time += 10) {
      take(reading(time, 5 + Math.sin(time)));
      take(reading(time - 100, 5, { sensor: 'late', receivedAt: time }));
      take(reading(time, Number.NaN, { sensor: 'dead' }));
    }
  });
  const early = run(0, 6000);
  const late = run(6000, 600_000);
  t.is(early.size, 5);
  for (const [stage, size] of late) t.true(size <= early.get(stage)! * 1.2, `${stage}: ${size} bytes`);
});

test('sensors that come and go leave nothing behind', (t) => {
  const run = measured((take, from, to) => {
    for (let time = from; time < to; time += 10)
      take(reading(time, 5, { sensor: `sensor${Math.floor(time / 1000)}` }));
  });
  const early = run(0, 6000);
  const late = run(6000, 600_000);
  for (const [stage, size] of late) t.true(size <= early.get(stage)! * 1.2, `${stage}: ${size} bytes`);
});

test('a station that fell silent costs nothing but its watermark', (t) => {
  const run = measured((take, from, to) => {
    if (from === 0) take(reading(0, 5));
    for (let time = from; time < to; time += 10) take(tick(time));
  });
  run(0, 6000);
  const late = run(6000, 600_000);
  t.deepEqual([...late.keys()].sort(), ['toSteps/60', 'watermark']);
  t.true(
    [...late.values()].every((size) => size < 600),
    JSON.stringify([...late]),
  );
});
