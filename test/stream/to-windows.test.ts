import test from 'ava';
import { from, toArray } from 'rxjs';
import type { Step, StepBatch } from '../../src/stream/step.ts';
import { toWindows } from '../../src/stream/to-windows.ts';
import type { Window } from '../../src/stream/window.ts';
import { draw } from './drawing.ts';

const variables = ['chlorophyll', 'salinity'];
const settings = { step: 10, lookback: 3, variables };
const operator = toWindows(settings);

function step(variable: string, mean: number, more: Partial<Step> = {}): Step {
  const [minimum, maximum] = [mean, mean];
  const names = { station: 'B01', sensor: 'surface', variable };
  const numbers = {
    mean,
    minimum,
    maximum,
    count: 1,
    deviation: 0,
    coverage: 0.5,
    flag: 1,
    revision: 0,
  } as const;
  return { kind: 'step', ...names, start: 0, length: 10, ...numbers, ...more };
}

function batch(start: number, ...steps: Step[]): StepBatch {
  return { kind: 'steps', station: 'B01', start, length: 10, revision: 0, steps, idle: false };
}

/** Rows oldest first; undefined is a masked cell. */
function window(end: number, revision: number, rows: (number | undefined)[][], coverage?: number[]): Window {
  const cells = rows.flat();
  return {
    kind: 'window',
    station: 'B01',
    end,
    revision,
    step: 10,
    lookback: 3,
    variables,
    values: Float64Array.from(cells, (cell) => cell ?? 0),
    mask: Uint8Array.from(cells, (cell) => (cell === undefined ? 0 : 1)),
    coverage: Float64Array.from(coverage ?? cells.map((cell) => (cell === undefined ? 0 : 0.5))),
  };
}

const gap = [undefined, undefined];

test('each new step makes a window of the last ones; what is not known is masked', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-c-d-',
    output: '-A-B-C-D-',
    events: {
      a: batch(0, step('chlorophyll', 1), step('salinity', 30)),
      b: batch(10, step('chlorophyll', 2)),
      c: batch(20),
      d: batch(30, step('chlorophyll', 4), step('turbidity', 9)),
      A: window(10, 0, [gap, gap, [1, 30]]),
      B: window(20, 0, [gap, [1, 30], [2, undefined]]),
      C: window(30, 0, [[1, 30], [2, undefined], gap]),
      D: window(40, 0, [[2, undefined], gap, [4, undefined]]),
    },
  });
});

test('steps that are passed over are masked', (t) => {
  draw(t, {
    operator,
    input: ' -a-b-c-',
    output: '-A-B-C-',
    events: {
      a: batch(0, step('chlorophyll', 1)),
      b: batch(20, step('chlorophyll', 3)),
      c: batch(90_000, step('chlorophyll', 4)),
      A: window(10, 0, [gap, gap, [1, undefined]]),
      B: window(30, 0, [[1, undefined], gap, [3, undefined]]),
      C: window(90_010, 0, [gap, gap, [4, undefined]]),
    },
  });
});

test('a revised step within the newest window makes it again; one that changes no number, or is older, does not', (t) => {
  const [a, b] = [batch(0, step('chlorophyll', 1)), batch(10, step('chlorophyll', 2))];
  draw(t, {
    operator,
    input: ' -a-b-r-r-s-o-n-c-',
    output: '-A-B-R---S---N-C-',
    events: {
      a,
      b,
      r: batch(0, step('chlorophyll', 5, { coverage: 1 })),
      s: batch(-10, step('salinity', 30)),
      o: batch(-20, step('chlorophyll', 9)),
      n: batch(10),
      c: batch(20, step('chlorophyll', 3)),
      A: window(10, 0, [gap, gap, [1, undefined]]),
      B: window(20, 0, [gap, [1, undefined], [2, undefined]]),
      R: window(20, 1, [gap, [5, undefined], [2, undefined]], [0, 0, 1, 0, 0.5, 0]),
      S: window(
        20,
        2,
        [
          [undefined, 30],
          [5, undefined],
          [2, undefined],
        ],
        [0, 0.5, 1, 0, 0.5, 0],
      ),
      N: window(20, 3, [[undefined, 30], [5, undefined], gap], [0, 0.5, 1, 0, 0, 0]),
      C: window(30, 0, [[5, undefined], gap, [3, undefined]], [1, 0, 0, 0, 0.5, 0]),
    },
  });
});

test('a step whose readings all failed is masked, and has its coverage', (t) => {
  draw(t, {
    operator,
    input: ' a',
    output: 'A',
    events: {
      a: batch(0, step('chlorophyll', Number.NaN, { count: 0, coverage: 0, flag: 4 }), step('salinity', 30)),
      A: window(10, 0, [gap, gap, [undefined, 30]]),
    },
  });
});

test('steps covered less than asked for are masked, and say how much they were', (t) => {
  draw(t, {
    operator: toWindows({ ...settings, minimumCoverage: 0.5 }),
    input: ' a',
    output: 'A',
    events: {
      a: batch(0, step('chlorophyll', 1, { coverage: 0.49 }), step('salinity', 30)),
      A: window(10, 0, [gap, gap, [undefined, 30]], [0, 0, 0, 0, 0.49, 0.5]),
    },
  });
});

test('of several sensors the primary one speaks, and nobody in its stead; without one, the first by name', (t) => {
  const [bottom, surface] = [
    step('chlorophyll', 1, { sensor: 'bottom' }),
    step('chlorophyll', 2, { sensor: 'surface' }),
  ];
  const means = (
    batches: StepBatch[],
    primary?: (station: string, variable: string) => string | undefined,
  ) => {
    const seen: number[][] = [];
    from(batches)
      .pipe(toWindows({ ...settings, lookback: 2, variables: ['chlorophyll'], primarySensor: primary }))
      .subscribe(({ values }) => seen.push([...values]));
    return seen;
  };
  const batches = [batch(0, bottom, surface), batch(10, bottom)];
  t.deepEqual(
    means(batches, () => 'surface'),
    [
      [0, 2],
      [2, 0],
    ],
  );
  t.deepEqual(means(batches), [
    [0, 1],
    [1, 1],
  ]);
  t.deepEqual(
    means(batches, () => undefined),
    means(batches),
  );
});

test('windows share no memory, and stations no window', (t) => {
  from([
    batch(0, step('chlorophyll', 1)),
    { ...batch(0, step('chlorophyll', 7)), station: 'B02' },
    batch(10, step('chlorophyll', 2)),
  ])
    .pipe(operator, toArray())
    .subscribe((windows) => {
      t.deepEqual(
        windows.map(({ station, values }) => [station, values[2], values[4]]),
        [
          ['B01', 0, 1],
          ['B02', 0, 7],
          ['B01', 1, 2],
        ],
      );
    });
  t.plan(1);
});
