import test from 'ava';
import { uniform } from '../../../src/model/engine/initial.ts';
import { begin, calibrated, isOf, learn, levels } from '../../../src/model/online/conformal.ts';

const own = [0.1, 0.5, 0.9];

/** Standard normal, from uniform numbers (Box and Muller). */
function normal(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Forecasts 0 with the quantiles given, measures `measured`, and counts what share lies within the 80 % interval. */
function follow(values: readonly number[], measured: (i: number) => number, count: number, from = 0): number {
  const state = begin('net', own);
  let within = 0;
  for (let i = 0; i < count; i++) {
    const raw = { levels: own, values };
    const issued = calibrated(state, raw);
    const truth = measured(i);
    const [low, , high] = (issued ?? raw).values;
    if (i >= from && truth >= low! && truth <= high!) within++;
    learn(state, { horizon: 1, median: 0, made: issued?.made ?? [] }, truth);
  }
  return within / (count - from);
}

for (const [what, values] of [
  ['five times too narrow', [-0.25, 0, 0.25]],
  ['five times too wide', [-6.4, 0, 6.4]],
  ['askew', [-3, 0, 0.1]],
] as const)
  test(`intervals that are ${what} come to cover what they say`, (t) => {
    const coverage = follow(values, normalOf(7), 4000, 500);
    t.true(coverage > 0.78 && coverage < 0.82, `${coverage}`);
  });

const normalOf = (seed: number) => {
  const next = normal(seed);
  return () => next();
};

test('errors that double are covered again after a while, and those that have a bias', (t) => {
  const next = normal(3);
  const coverage = follow([-1.28, 0, 1.28], (i) => (i < 1000 ? next() : 1 + 2 * next()), 4000, 1500);
  t.true(coverage > 0.77 && coverage < 0.83, `${coverage}`);
});

test('a point forecast has no interval until there are 40 errors, and then the levels of ours', (t) => {
  const state = begin('net', [0.5]);
  const point = { levels: [0.5], values: [10] };
  for (let i = 0; i < 40; i++) {
    t.is(calibrated(state, point), undefined);
    learn(state, { horizon: 1, median: 10, made: [] }, 10 + (i % 2 === 0 ? 8 : -8));
  }
  const { levels: told, values } = calibrated(state, point)!;
  t.deepEqual(told, levels);
  t.is(values[levels.indexOf(0.5)], 10);
  t.true(values.every((value, i) => i === 0 || value >= values[i - 1]!));
  t.true(
    Math.abs(values[0]! - (10 + 8 * Math.log(0.05))) < 1e-9,
    'a Laplace distribution whose mean error is 8',
  );
  t.true(Math.abs(values[0]! + values.at(-1)! - 20) < 1e-9);
});

test('the median stays what the model says, and no quantile crosses it, however large the bias', (t) => {
  const state = begin('net', own);
  const forecast = { levels: own, values: [1, 2, 3] };
  for (let i = 0; i < 3000; i++)
    learn(state, { horizon: 1, median: 2, made: calibrated(state, forecast)!.made }, 50);
  const [low, median, high] = calibrated(state, forecast)!.values;
  t.is(median, 2);
  t.true(low! < 2 && low! > 1.8, `${low}`);
  t.true(high! > 48 && high! < 60, `${high}`);
});

test('other networks and other levels begin anew', (t) => {
  const state = begin('net', own);
  t.true(isOf(state, 'net', own));
  t.false(isOf(state, 'persistence', own));
  t.false(isOf(state, 'net', [0.05, 0.5, 0.95]));
  t.true(isOf(begin('net', [0.5]), 'net', [0.5]));
});

test('what the median holds back comes back at once when the bias ends', (t) => {
  const next = normal(9);
  const coverage = follow([-1.28, 0, 1.28], (i) => (i < 3000 ? 20 + next() : next()), 3700, 3300);
  t.true(coverage > 0.7, `${coverage}`);
});

/** Errors that wander, and are told of only when the step that they are of is over: as at 48 steps ahead. */
test('late verdicts on errors that wander leave each level with its share', (t) => {
  const next = normal(4);
  const state = begin('net', [0.05, 0.1, 0.5, 0.9, 0.95]);
  const raw = { levels: state.levels, values: [-2, -1, 0, 1, 2] };
  const waiting: { truth: number; made: readonly number[] | undefined }[] = [];
  const below = [0, 0, 0, 0, 0];
  let [level, count] = [0, 0];
  for (let i = 0; i < 20_000; i++) {
    level += 0.1 * next() - 0.01 * level;
    const truth = level + (i % 4000 > 2000 ? 3 : 0) * next();
    const issued = calibrated(state, raw);
    if (issued && i > 4000) {
      count++;
      issued.values.forEach((value, q) => {
        if (truth <= value) below[q]!++;
      });
    }
    waiting.push({ truth, made: issued?.made });
    if (waiting.length <= 48) continue;
    const due = waiting.shift()!;
    learn(state, { horizon: 48, median: 0, made: due.made ?? [] }, due.truth);
  }
  for (const [q, want] of [
    [0, 0.05],
    [1, 0.1],
    [3, 0.9],
    [4, 0.95],
  ] as const)
    t.true(Math.abs(below[q]! / count - want) < 0.03, `${below.map((n) => n / count)}`);
});
