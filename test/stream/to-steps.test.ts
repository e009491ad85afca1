import test from 'ava';
import { from, toArray } from 'rxjs';
import type { Reading } from '../../src/ingest/reading.ts';
import type { Step, StepBatch, Watermark } from '../../src/stream/step.ts';
import { toSteps } from '../../src/stream/to-steps.ts';
import { draw } from './drawing.ts';
import { mark, reading } from './events.ts';

const operator = toSteps({ step: 10, horizon: 25, gap: 5, lookback: 3, cadence: () => 5 });
const good = (time: number, value: number, more: Partial<Reading> = {}) =>
  reading(time, value, { flag: 1, ...more });

/** A step of one reading, unless more is said. */
function step(start: number, mean: number, more: Partial<Step> = {}): Step {
  return {
    kind: 'step',
    station: 'B01',
    sensor: 'surface',
    variable: 'chlorophyll',
    start,
    length: 10,
    mean,
    count: 1,
    minimum: mean,
    maximum: mean,
    deviation: 0,
    coverage: 0.5,
    flag: 1,
    revision: 0,
    ...more,
  };
}

function batch(start: number, steps: readonly Step[], more: Partial<StepBatch> = {}): StepBatch {
  return { kind: 'steps', station: 'B01', start, length: 10, revision: 0, steps, idle: false, ...more };
}

test('a cell closes when the watermark passes its end', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-c-v-w-x-|',
    output: '-------V---X-|',
    events: {
      a: good(12, 1),
      b: good(17, 3),
      c: good(20, 7),
      v: mark(20),
      w: mark(29),
      x: mark(30),
      V: batch(10, [step(10, 2, { count: 2, minimum: 1, maximum: 3, deviation: 1, coverage: 1 })]),
      X: batch(20, [step(20, 7)]),
    },
  });
});

test('late, corrected and newly flagged readings make a closed cell again, whole; what says nothing new does not', (t) => {
  const bottom = step(10, 9, { sensor: 'bottom' });
  draw(t, {
    operator,
    input: ' -a-b-v-c-d-d-e-',
    output: '-----V-C-D---E-',
    events: {
      a: good(12, 1),
      b: good(13, 9, { sensor: 'bottom' }),
      v: mark(20),
      c: good(17, 3),
      d: good(12, 5, { revision: 'correction' }),
      e: good(17, 3, { revision: 'flagged', flag: 4, failed: ['spike'] }),
      V: batch(10, [bottom, step(10, 1)]),
      C: batch(
        10,
        [
          { ...bottom, revision: 1 },
          step(10, 2, { count: 2, minimum: 1, maximum: 3, deviation: 1, coverage: 1, revision: 1 }),
        ],
        { revision: 1 },
      ),
      D: batch(
        10,
        [
          { ...bottom, revision: 2 },
          step(10, 4, { count: 2, minimum: 3, maximum: 5, deviation: 1, coverage: 1, revision: 2 }),
        ],
        { revision: 2 },
      ),
      E: batch(10, [{ ...bottom, revision: 3 }, step(10, 5, { flag: 4, revision: 3 })], { revision: 3 }),
    },
  });
});

test('failed and missing readings count for the flag only', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-v-c-w-',
    output: '-----V---W-',
    events: {
      a: good(1, 900, { flag: 4 }),
      b: good(2, Number.NaN, { flag: 9 }),
      v: mark(10),
      V: batch(0, [step(0, Number.NaN, { count: 0, deviation: Number.NaN, coverage: 0, flag: 4 })]),
      c: good(11, Number.NaN, { flag: 9 }),
      w: mark(20),
      W: batch(10, [step(10, Number.NaN, { count: 0, deviation: Number.NaN, coverage: 0, flag: 9 })]),
    },
  });
});

test('after the last reading, empty cells are told of as long as a window holds a reading', (t) => {
  draw(t, {
    operator,
    input: ' -a---v-----w----',
    output: '-----(VXY)------',
    events: {
      a: good(12, 1),
      v: mark(45),
      V: batch(10, [step(10, 1)]),
      X: batch(20, []),
      Y: batch(30, []),
      w: mark(1000),
    },
  });
});

test('across a gap only the cells around it are told of', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-v-------',
    output: '-----(VXYZ)---',
    events: {
      a: good(12, 1),
      b: good(90_012, 2),
      v: mark(90_020),
      V: batch(10, [step(10, 1)]),
      X: batch(20, []),
      Y: batch(30, []),
      Z: batch(90_010, [step(90_010, 2)]),
    },
  });
});

test('the first reading of a cell that was passed over tells of it and of the empty ones after it', (t) => {
  draw(t, {
    operator,
    input: ' -a-v-b-----c',
    output: '---V-(WX)--C',
    events: {
      a: good(75, 1),
      v: mark(80),
      V: batch(70, [step(70, 1)]),
      b: good(52, 2),
      W: batch(50, [step(50, 2)]),
      X: batch(60, []),
      c: good(53, 4),
      C: batch(
        50,
        [step(50, 3, { count: 2, minimum: 2, maximum: 4, deviation: 1, coverage: 1, revision: 1 })],
        {
          revision: 1,
        },
      ),
    },
  });
});

test('cells closed by the release of a silent station say so', (t) => {
  draw(t, {
    operator,
    input: ' -a-v-b-',
    output: '---V-B-',
    events: {
      a: good(12, 1),
      v: mark(20, { cause: 'idle' }),
      V: batch(10, [step(10, 1)], { idle: true }),
      b: good(13, 1),
      B: batch(10, [step(10, 1, { count: 2, coverage: 1, revision: 1 })], { revision: 1 }),
    },
  });
});

test('what is older than can be revised changes nothing: late-only readings, and forgotten cells', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-v-c-d-e-',
    output: '-----V-----(EXY)',
    events: {
      a: good(12, 1, { lateOnly: true }),
      b: good(75, 1),
      v: mark(80),
      V: batch(70, [step(70, 1)]),
      // 75 - 25 is in the cell at 50; a flag may change one gap before it.
      c: good(39, 5),
      d: good(39, 6),
      e: good(49, 2),
      E: batch(40, [step(40, 2)]),
      X: batch(50, []),
      Y: batch(60, []),
    },
  });
});

test('what is still open is not forgotten, however far the newest reading is ahead of it', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-v-w------',
    output: '-------(WXY)',
    events: {
      a: good(45, 1),
      b: good(500, 1),
      v: mark(30),
      w: mark(80),
      W: batch(40, [step(40, 1)]),
      X: batch(50, []),
      Y: batch(60, []),
    },
  });
});

test('a watermark of a station without readings closes nothing', (t) => {
  draw(t, { operator, input: '-v-', output: '---', events: { v: mark(20) } });
});

test('coverage counts against the cadence of the station, 1 at most', (t) => {
  const cadence = (station: string) => (station === 'B01' ? 2 : 20);
  const events: (Reading | Watermark)[] = [
    good(1, 1),
    mark(10),
    good(1, 1, { station: 'B02' }),
    mark(10, { station: 'B02' }),
  ];
  from(events)
    .pipe(toSteps({ step: 10, horizon: 25, lookback: 3, cadence }), toArray())
    .subscribe((batches) =>
      t.deepEqual(
        batches.map(({ steps }) => steps[0]!.coverage),
        [0.2, 1],
      ),
    );
  t.plan(1);
});

test('equal values have their own mean and no deviation, however many', (t) => {
  const many = Array.from({ length: 10 }, (_, index) => good(index, 0.1));
  from([...many, mark(10)])
    .pipe(operator)
    .subscribe(({ steps }) => t.like(steps[0], { mean: 0.1, deviation: 0, count: 10, coverage: 1 }));
  t.plan(1);
});

test('times before 1970 lie on the same grid', (t) => {
  from([good(-1, 4), mark(0)])
    .pipe(operator)
    .subscribe((batch) => t.is(batch.start, -10));
  t.plan(1);
});
