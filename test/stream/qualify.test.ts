import test, { type ExecutionContext } from 'ava';
import { from } from 'rxjs';
import type { Reading } from '../../src/ingest/reading.ts';
import { type Limits, qualify } from '../../src/stream/qualify.ts';
import { draw } from './drawing.ts';
import { reading } from './events.ts';

const minute = 60_000;
const hour = 60 * minute;
const grid = { step: hour, horizon: 6 * hour };

/** The last flag of each time, in order of time, and the checks that did not pass. */
function flags(readings: readonly Reading[], limits: Limits, gap?: number): [number, string][] {
  const last = new Map<number, Reading>();
  from(readings)
    .pipe(qualify({ ...grid, gap, limits: { chlorophyll: limits } }))
    .subscribe((each) => last.set(each.time, each as Reading));
  return [...last.values()].sort((a, b) => a.time - b.time).map(({ flag, failed }) => [flag, failed.join()]);
}

/** Every 10 minutes. */
const series = (...values: number[]) => values.map((value, index) => reading(index * 10 * minute, value));

const only = (t: ExecutionContext, limits: Limits, values: number[], expected: number[]) =>
  t.deepEqual(
    flags(series(...values), limits).map(([flag]) => flag),
    expected,
  );

test('a spike is known when its neighbour arrives: the reading is told again, ahead of the neighbour', (t) => {
  const limits = {
    chlorophyll: { grossRange: { fail: [0, 100] as const }, spike: { suspect: 5, fail: 20 } },
  };
  draw(t, {
    operator: qualify({ ...grid, limits }),
    input: ' -a-b-c----d---',
    output: '-A-B-(SC)-(RD)',
    events: {
      a: reading(0, 3),
      b: reading(1 * minute, 15),
      c: reading(2 * minute, 3),
      d: reading(3 * minute, 3),
      A: reading(0, 3, { flag: 1 }),
      B: reading(1 * minute, 15, { flag: 1 }),
      S: reading(1 * minute, 15, { flag: 3, failed: ['spike'], revision: 'flagged' }),
      C: reading(2 * minute, 3, { flag: 1 }),
      R: reading(2 * minute, 3, { flag: 3, failed: ['spike'], revision: 'flagged' }),
      D: reading(3 * minute, 3, { flag: 1 }),
    },
  });
});

test('a reading between two others takes the spike back', (t) => {
  draw(t, {
    operator: qualify({ ...grid, limits: { chlorophyll: { spike: { suspect: 5 } } } }),
    input: ' -a-b-c----d---',
    output: '-A-B-(SC)-(RD)',
    events: {
      a: reading(0, 3),
      b: reading(2 * minute, 15, { receivedAt: 77 }),
      c: reading(4 * minute, 3),
      d: reading(3 * minute, 25),
      A: reading(0, 3, { flag: 2 }),
      B: reading(2 * minute, 15, { flag: 2, receivedAt: 77 }),
      S: reading(2 * minute, 15, { flag: 3, failed: ['spike'], revision: 'flagged', receivedAt: 77 }),
      C: reading(4 * minute, 3, { flag: 2 }),
      // 15 is 1 from the mean of 3 and 25.
      R: reading(2 * minute, 15, { flag: 1, revision: 'flagged', receivedAt: 77 }),
      D: reading(3 * minute, 25, { flag: 3, failed: ['spike'] }),
    },
  });
});

test('a correction keeps its name and changes the flags around it', (t) => {
  draw(t, {
    operator: qualify({ ...grid, limits: { chlorophyll: { rateOfChange: { suspect: 60 } } } }),
    input: ' -a-b-c----',
    output: '-A-B-(SC)--',
    events: {
      a: reading(0, 3),
      b: reading(1 * minute, 3.5),
      c: reading(0, 9, { revision: 'correction' }),
      A: reading(0, 3, { flag: 2 }),
      B: reading(1 * minute, 3.5, { flag: 1 }),
      S: reading(1 * minute, 3.5, { flag: 3, failed: ['rateOfChange'], revision: 'flagged' }),
      C: reading(0, 9, { flag: 2, revision: 'correction' }),
    },
  });
});

test('late-only readings meet the gross range alone and are nobody’s neighbours', (t) => {
  const limits = { chlorophyll: { grossRange: { fail: [0, 100] as const }, rateOfChange: { suspect: 1 } } };
  draw(t, {
    operator: qualify({ ...grid, limits }),
    input: ' -l-m-a-',
    output: '-L-M-A-',
    events: {
      l: reading(1, 5, { lateOnly: true }),
      m: reading(2, -5, { lateOnly: true }),
      a: reading(3, 50),
      L: reading(1, 5, { lateOnly: true, flag: 1 }),
      M: reading(2, -5, { lateOnly: true, flag: 4, failed: ['grossRange'] }),
      A: reading(3, 50, { flag: 1 }),
    },
  });
});

test('a variable without limits is not evaluated; what is no number is missing', (t) => {
  draw(t, {
    operator: qualify({ ...grid, limits: {} }),
    input: ' -a-b-',
    output: '-a-B-',
    events: {
      a: reading(1, 5),
      b: reading(1, Number.NaN),
      B: reading(1, Number.NaN, { flag: 9 }),
    },
  });
});

test('gross range: both spans inclusive', (t) => {
  const limits: Limits = { grossRange: { fail: [0, 10], suspect: [2, 8] } };
  only(t, limits, [-0.1, 0, 1.9, 2, 8, 8.1, 10, 10.1], [4, 3, 3, 1, 1, 3, 3, 4]);
});

test('spike: more than the threshold from the mean of the neighbours; first and last are not evaluated', (t) => {
  // 4 and 8.5 from their means.
  only(t, { spike: { suspect: 4, fail: 8 } }, [0, 5, 2, 16], [2, 1, 4, 2]);
  only(t, { spike: { suspect: 4, fail: 8 } }, [0, 4, 0], [2, 1, 2]);
  only(t, { spike: { suspect: 4, fail: 8 } }, [0, 4.1, 0], [2, 3, 2]);
  only(t, { spike: { suspect: 4, fail: 8 } }, [0, -8.1, 0], [2, 4, 2]);
});

test('spike: a threshold of 0 holds, where a library elsewhere takes it for none', (t) => {
  only(t, { spike: { suspect: 0 } }, [1, 1, 1.5, 1], [2, 3, 3, 2]);
});

test('rate of change: per hour, by the real distance in time, below a second as well', (t) => {
  const limits: Limits = { rateOfChange: { suspect: 6 } };
  only(t, limits, [0, 1, 2.1, 1.2], [2, 1, 3, 1]);
  const fast = [reading(0, 1), reading(200, 1.5)];
  t.deepEqual(flags(fast, limits), [
    [2, ''],
    [3, 'rateOfChange'],
  ]);
  t.deepEqual(flags(fast, { rateOfChange: { suspect: 10_000 } }), [
    [2, ''],
    [1, ''],
  ]);
});

test('flat line: counted in readings, this one included', (t) => {
  // The series is the one of a test of ioos_qc (Apache-2.0), whose durations of 3 and 5 intervals are 4 and 6 readings.
  const values = [1, 2, 2.0001, 2, 2.0001, 2, 2.0001, 2, 4, 5, 3, 3.0001, 3.0005, 3.00001];
  const limits: Limits = { flatLine: { tolerance: 0.01, suspect: 4, fail: 6 } };
  only(t, limits, values, [1, 1, 1, 1, 3, 3, 4, 4, 1, 1, 1, 1, 1, 3]);
});

test('flat line: a tolerance of 0 finds equal values, where a library elsewhere finds none', (t) => {
  only(t, { flatLine: { tolerance: 0, suspect: 3, fail: 5 } }, [7, 7, 7, 7, 7, 7.1], [1, 1, 3, 3, 4, 1]);
});

test('flat line: slow drift within the tolerance of the neighbour alone is none', (t) => {
  only(t, { flatLine: { tolerance: 1, suspect: 3 } }, [0, 1, 2, 3, 4], [1, 1, 1, 1, 1]);
});

test('the flag is the worst of the checks, and one that passed hides those not evaluated', (t) => {
  const limits: Limits = {
    grossRange: { fail: [0, 100], suspect: [0, 50] },
    spike: { suspect: 5, fail: 20 },
    rateOfChange: { suspect: 60 },
  };
  t.deepEqual(flags(series(3, 60, 3, 3), limits), [
    [1, ''],
    [4, 'grossRange,spike,rateOfChange'],
    [4, 'spike,rateOfChange'],
    [1, ''],
  ]);
});

test('readings that fail the gross range, or are missing, leave no mark on their neighbours', (t) => {
  const limits: Limits = {
    grossRange: { fail: [0, 100] },
    spike: { suspect: 5 },
    rateOfChange: { suspect: 60 },
  };
  const around = (value: number) => flags(series(3, 4, value, 4, 3), limits).map(([flag]) => flag);
  t.deepEqual(around(-999), [1, 1, 4, 1, 1]);
  t.deepEqual(around(Number.NaN), [1, 1, 9, 1, 1]);
  t.deepEqual(around(Number.POSITIVE_INFINITY), [1, 1, 9, 1, 1]);
});

test('a correction to a value that fails the gross range takes it from between its neighbours', (t) => {
  const limits: Limits = { grossRange: { fail: [0, 100] }, rateOfChange: { suspect: 60 } };
  const [a, b, c] = series(3, 50, 3) as [Reading, Reading, Reading];
  t.deepEqual(flags([a, b, c], limits), [
    [1, ''],
    [3, 'rateOfChange'],
    [3, 'rateOfChange'],
  ]);
  t.deepEqual(flags([a, b, c, { ...b, value: 500 }], limits), [
    [1, ''],
    [4, 'grossRange'],
    [1, ''],
  ]);
  t.deepEqual(flags([a, { ...b, value: 500 }, c, b], limits), [
    [1, ''],
    [3, 'rateOfChange'],
    [3, 'rateOfChange'],
  ]);
});

test('at the ceiling a value is evidence: nothing fails it, and its neighbours see it', (t) => {
  const limits: Limits = {
    grossRange: { fail: [0, 50], suspect: [0, 40] },
    spike: { suspect: 5, fail: 20 },
    flatLine: { tolerance: 0, suspect: 2, fail: 3 },
    ceiling: 60,
  };
  t.deepEqual(flags(series(3, 60, 60, 60, 3), limits), [
    [1, ''],
    [3, 'grossRange,spike'],
    [3, 'grossRange,flatLine'],
    [3, 'grossRange,spike,flatLine'],
    [1, ''],
  ]);
  t.deepEqual(flags(series(3, 55, 3), limits)[1], [4, 'grossRange']);
});

test('readings further apart than the gap are no neighbours', (t) => {
  const limits: Limits = {
    spike: { suspect: 1 },
    rateOfChange: { suspect: 1 },
    flatLine: { tolerance: 0, suspect: 3 },
  };
  const apart = [0, 10, 20, 41, 51].map((minutes, index) =>
    reading(minutes * minute, [7, 7, 7, 7, 9][index]!),
  );
  t.deepEqual(flags(apart, limits, 20 * minute), [
    [1, ''],
    [1, ''],
    [3, 'flatLine'],
    [1, ''],
    [3, 'rateOfChange'],
  ]);
  t.deepEqual(flags(apart, limits, 21 * minute)[3], [3, 'flatLine'], 'the gap itself still joins');
});

test('a flat line goes back further than the horizon, over readings that are dropped otherwise', (t) => {
  const limits: Limits = { flatLine: { tolerance: 0, suspect: 150 } };
  const times = Array.from({ length: 200 }, (_, index) => index * 10 * minute);
  const last = times.at(-1)!;
  const late = last - grid.horizon;
  const arrivals = [...times.filter((time) => time !== late), late].map((time) => reading(time, 7));
  const flagged = flags(arrivals, limits, 30 * minute).map(([flag]) => flag);
  t.is(flagged.indexOf(3), 149);
  t.is(flagged.lastIndexOf(1), 148);
  const broken = [...arrivals.slice(0, -1), reading(late, 8)];
  const after = flags(broken, limits, 30 * minute).map(([flag]) => flag);
  t.deepEqual(after.slice(times.indexOf(late)), Array(times.length - times.indexOf(late)).fill(1));
});
