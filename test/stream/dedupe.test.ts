import test from 'ava';
import { from, toArray } from 'rxjs';
import type { Reading } from '../../src/ingest/reading.ts';
import { dedupe } from '../../src/stream/dedupe.ts';
import { draw } from './drawing.ts';
import { reading, tick } from './events.ts';

const grid = { step: 10, horizon: 25 };
const operator = dedupe<ReturnType<typeof tick>>(grid);

test('the same identity and value goes once; another value is a correction, the last one holds', (t) => {
  draw(t, {
    operator,
    input: ' -a-a-b-a-c-|',
    output: '-a---B-A-c-|',
    events: {
      a: reading(5, 1),
      b: reading(5, 2),
      c: reading(6, 1),
      A: reading(5, 1, { revision: 'correction' }),
      B: reading(5, 2, { revision: 'correction' }),
    },
  });
});

test('station, sensor, variable and time each make another identity', (t) => {
  draw(t, {
    operator,
    input: ' -abcdea',
    output: '-abcde-',
    events: {
      a: reading(5, 1),
      b: reading(5, 1, { station: 'B02' }),
      c: reading(5, 1, { sensor: 'bottom' }),
      d: reading(5, 1, { variable: 'salinity' }),
      e: reading(4, 1),
    },
  });
});

test('NaN is the same as NaN; 0 is the same as -0 and goes on as 0', (t) => {
  draw(t, {
    operator,
    input: ' -n-n-m-p-m-',
    output: '-n---p-----',
    events: { n: reading(1, Number.NaN), m: reading(2, -0), p: reading(2, 0) },
  });
});

test('cells that end before the horizon of the station are late only, each time, and what is late moves nothing', (t) => {
  draw(t, {
    operator,
    //        50 - 25 = 25, which is in the cell that starts at 20
    input: ' -a-b-c-c-d-t-',
    output: '-a-b-C-C-d-t-',
    events: {
      a: reading(50, 1),
      b: reading(20, 1),
      c: reading(19, 1),
      d: reading(19, 1, { station: 'B02' }),
      t: tick(99),
      C: reading(19, 1, { lateOnly: true }),
    },
  });
});

test('all sensors of a station share its newest time', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-',
    output: '-a-B-',
    events: {
      a: reading(50, 1),
      b: reading(19, 1, { sensor: 'bottom' }),
      B: reading(19, 1, { sensor: 'bottom', lateOnly: true }),
    },
  });
});

test('duplicates are told of', (t) => {
  const told: Reading[] = [];
  const again = reading(5, 1, { receivedAt: 9 });
  from([reading(5, 1), again, reading(5, 2)])
    .pipe(dedupe({ ...grid, onDuplicate: (reading) => told.push(reading) }))
    .subscribe();
  t.deepEqual(told, [again]);
  t.is(told[0], again);
});

test('state is made on subscribe: one operator serves two streams', (t) => {
  const source = from([reading(5, 1)]).pipe(operator, toArray());
  source.subscribe((seen) => t.is(seen.length, 1));
  source.subscribe((seen) => t.is(seen.length, 1));
  t.plan(2);
});
