import test from 'ava';
import fc from 'fast-check';
import { levels as nine } from '../../../../src/model/baselines/baseline.ts';
import { uniform } from '../../../../src/model/engine/initial.ts';
import { skillOf, weeksOf } from '../../../../src/model/training/backtest/bootstrap.ts';
import { foldsOf } from '../../../../src/model/training/backtest/folds.ts';
import { correlation, lagTest } from '../../../../src/model/training/backtest/lag-test.ts';
import { bias, mae, rmse, scaleOf } from '../../../../src/model/training/backtest/point-scores.ts';
import { crps, pinball, quantileScores } from '../../../../src/model/training/backtest/quantile-scores.ts';
import { onSameSamples, type Samples, scoredAt } from '../../../../src/model/training/backtest/samples.ts';
import { seriesOf, water } from '../../baselines/records.ts';
import { hour } from '../../samples.ts';

const no = Number.NaN;
const near = (a: number, b: number, within = 1e-9) => Math.abs(a - b) <= within;

test('errors of points, by hand', (t) => {
  t.is(rmse([1, 2, 3], [1, 4, 4]), Math.sqrt(5 / 3));
  t.is(mae([1, 2, 3], [1, 4, 2]), 1);
  t.true(near(bias([1, 2, 3], [1, 4, 2]), 1 / 3));
});

test('the unit of the scaled error is what persistence misses in the training part', (t) => {
  const series = [seriesOf([1, 4, no, 5, 9]), seriesOf([0, 1])];
  t.is(scaleOf(series, 1), (3 + 4 + 1) / 3);
  t.is(scaleOf(series, 2), 1);
  t.is(scaleOf(series, 9), no);
});

test('all are scored on the samples that all of them answered and that were measured', (t) => {
  const samples: Samples = {
    station: 'a',
    variable: 'b',
    step: hour,
    horizons: [1, 3],
    levels: [0.1, 0.5],
    issuedAt: Float64Array.of(0, hour, 2 * hour),
    now: Float64Array.of(0, 0, 0),
    truth: Float64Array.of(1, 2, 3, no, 5, 6),
    said: new Map([
      ['full', Float64Array.from({ length: 12 }, (_, i) => i)],
      ['points', Float64Array.of(no, 10, no, no, no, 30, no, 40, no, no, no, 60)],
    ]),
  };
  const same = onSameSamples(samples);
  t.deepEqual([...same.truth], [1, no, 3, no, no, 6]);
  const first = scoredAt(same, 0);
  t.deepEqual([...first.truth], [1, 3]);
  t.deepEqual([...first.times], [0, hour]);
  t.deepEqual([...first.said.get('full')!], [0, 1, 4, 5]);
  t.deepEqual([...scoredAt(same, 1).times], [2 * hour + 2 * hour]);
});

test('skill is paired; its interval is that of a bootstrap of weeks done the slow way', (t) => {
  const next = uniform(3);
  const hours = 24 * 7 * 20;
  const times = Array.from({ length: hours }, (_, i) => i * hour);
  const own = times.map(() => next());
  const reference = own.map((error) => error * 1.5 + 0.1 * next());
  const weeks = weeksOf(times);
  const draws = 300;
  const skill = skillOf(own, reference, weeks, { seed: 5, draws })!;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  t.true(near(skill.value, 1 - Math.sqrt(sum(own) / sum(reference))));
  const again = uniform(5);
  const count = Math.max(...weeks) + 1;
  const slow = Array.from({ length: draws }, () => {
    const picked = Array.from({ length: count }, () => Math.floor(again() * count));
    const of = (errors: readonly number[]) =>
      sum(picked.map((week) => sum(errors.filter((_, i) => weeks[i] === week))));
    return 1 - Math.sqrt(of(own) / of(reference));
  }).sort((a, b) => a - b);
  t.true(near(skill.low!, slow[7]! + 0.475 * (slow[8]! - slow[7]!)));
  t.true(skill.low! > 0.15 && skill.low! < skill.value && skill.value < skill.high!);
  t.is(skillOf([1], [4], weeksOf([0]), { seed: 1, draws })!.low, undefined, 'one week tells nothing');
  t.is(skillOf([0], [0], weeksOf([0]), { seed: 1, draws })!.value, 0);
  t.is(
    skillOf([1], [0], weeksOf([0]), { seed: 1, draws }),
    undefined,
    'nothing is worse than perfect by a number',
  );
});

test('weekly blocks are wider than hours drawn one by one where errors keep company', (t) => {
  const times = Array.from({ length: 24 * 7 * 30 }, (_, i) => i * hour);
  const weeks = weeksOf(times);
  const next = uniform(1);
  const level = Array.from({ length: 31 }, () => (next() < 0.5 ? 0.2 : 2));
  const own = times.map((_, i) => level[weeks[i]!]!);
  const reference = times.map(() => 1);
  const blocks = skillOf(own, reference, weeks, { seed: 1, draws: 500 })!;
  const single = skillOf(own, reference, Int32Array.from(times.keys()), { seed: 1, draws: 500 })!;
  t.true(blocks.high! - blocks.low! > 5 * (single.high! - single.low!));
});

test('property: pinball is least at its quantile', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), fc.constantFrom(...nine), (seed, level) => {
      const next = uniform(seed);
      const truths = Array.from({ length: 99 }, () => next() * 10).sort((a, b) => a - b);
      const loss = (forecast: number) =>
        truths.reduce((sum, truth) => sum + pinball(truth, forecast, level), 0);
      const best = loss(truths[Math.ceil(level * 99) - 1]!);
      for (const other of truths) t.true(best <= loss(other) + 1e-9);
    }),
    { numRuns: 40 },
  );
});

test('CRPS is that of the normal distribution in closed form, and the absolute error of a point', (t) => {
  const count = 4000;
  const fine = Array.from({ length: count }, (_, i) => (i + 0.5) / count);
  const quantiles = fine.map(normalQuantile);
  // Gneiting and Raftery 2007, eq. 21: y (2 Phi(y) - 1) + 2 phi(y) - 1 / sqrt(pi)
  for (const [y, expected] of [
    [0, 0.2337],
    [1, 0.6024],
    [-2, 1.4528],
  ] as const)
    t.true(near(crps(y, quantiles, fine), expected, 2e-3), `${y}: ${crps(y, quantiles, fine)}`);
  t.is(crps(3, [5], [0.5]), 2);
});

/** By bisection of the logistic series of the error function: slow and plain. */
function normalQuantile(level: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < level) low = middle;
    else high = middle;
  }
  return low;
}

function normalBelow(x: number): number {
  const steps = 200;
  const width = x / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(-(((i + 0.5) * width) ** 2) / 2) * width;
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

test('coverage, also of the highest tenth, and what lies below each level', (t) => {
  const levels = [0.025, 0.1, 0.5, 0.9, 0.975];
  const truth = Float64Array.from({ length: 20 }, (_, i) => i + 1);
  const said = new Map([['fixed', flat(truth, [0.5, 2.5, 10.5, 18.5, 20.5])]]);
  const scores = quantileScores({ times: truth, truth, said, levels }, 'fixed');
  t.deepEqual(scores.interval80, { coverage: 0.8, coverageTop: 0, width: 16 });
  t.deepEqual(scores.interval95, { coverage: 1, coverageTop: 1, width: 20 });
  t.deepEqual(scores.below, [0, 0.1, 0.5, 0.9, 1]);
  const points = new Map([['point', flat(truth, [no, no, 10.5, no, no])]]);
  const bare = quantileScores({ times: truth, truth, said: points, levels }, 'point');
  t.is(bare.interval80, undefined);
  t.deepEqual(bare.below, [null, null, 0.5, null, null]);
  t.is(bare.crps, 5);
});

const flat = (truth: Float64Array, row: readonly number[]) =>
  Float64Array.from([...truth].flatMap(() => row));

test('the lag test names a forecaster that repeats the past', (t) => {
  const values = water(2000, 4);
  const times = Array.from({ length: 1900 }, (_, i) => (i + 50) * hour);
  const measured = (time: number) => values[time / hour] ?? no;
  const shape = { horizon: 6, step: hour };
  const repeated = lagTest(
    times,
    times.map((time) => measured(time - 6 * hour)),
    measured,
    shape,
  )!;
  t.like(repeated, { lag: 6, passed: false });
  t.true(near(repeated.withLast, 1));
  const foretold = lagTest(
    times,
    times.map((time) => measured(time) + 0.01),
    measured,
    shape,
  )!;
  t.like(foretold, { lag: 0, passed: true });
  t.is(
    lagTest(
      times,
      times.map(() => 1),
      measured,
      shape,
    ),
    undefined,
  );
});

test('correlation by hand, of finite pairs', (t) => {
  t.true(near(correlation([1, 2, 3, no], [2, 4, 6, 9]), 1));
  t.true(near(correlation([1, 2, 3], [1, 0, 1]), 0));
});

test('property: origins follow each other, and nothing is shared with what was learned from', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 100, max: 9000 }),
      fc.integer({ min: 2, max: 100 }),
      fc.integer({ min: 1, max: 72 }),
      (origins, hours, lookback, horizon) => {
        const from = 1000 * hour;
        const folds = foldsOf({
          from,
          until: from + hours * hour,
          origins,
          step: hour,
          lookback,
          horizons: [1, horizon],
        });
        t.is(folds[0]!.from, from);
        t.is(folds.at(-1)!.until, from + hours * hour);
        folds.forEach((fold, i) => {
          if (i > 0) t.is(fold.from, folds[i - 1]!.until);
          // The window of the first forecast begins a horizon after the last step that was learned from.
          t.is(fold.from - lookback * hour - fold.trainUntil, Math.max(1, horizon) * hour);
        });
      },
    ),
  );
});
