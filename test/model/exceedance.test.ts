import test from 'ava';
import fc from 'fast-check';
import { probabilityAbove } from '../../src/model/exceedance.ts';

const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;

test('at a quantile it is what the level leaves; between two it lies on the line', (t) => {
  const levels = [0.1, 0.5, 0.9];
  const values = [2, 4, 10];
  for (const [level, want] of [
    [2, 0.9],
    [3, 0.7],
    [4, 0.5],
    [7, 0.3],
    [10, 0.1],
  ] as const)
    t.true(near(probabilityAbove(levels, values, level), want), `${level}`);
});

test('tails are exponential, with the density of the outermost piece', (t) => {
  const levels = [0.1, 0.5, 0.9];
  const values = [2, 4, 10];
  t.true(near(probabilityAbove(levels, values, 11.5), 0.1 * Math.exp(-((0.4 / 6) * 1.5) / 0.1)));
  t.true(near(probabilityAbove(levels, values, 1), 1 - 0.1 * Math.exp(-((0.4 / 2) * 1) / 0.1)));
});

test('a point forecast is above what lies below it, and nothing else', (t) => {
  t.is(probabilityAbove([0.5], [20], 19.9), 1);
  t.is(probabilityAbove([0.5], [20], 20), 0);
  t.is(probabilityAbove([0.5], [20], 21), 0);
});

test('quantiles that are all one number leave what their levels say on its sides', (t) => {
  t.true(near(probabilityAbove([0.1, 0.9], [5, 5], 4), 0.9));
  t.true(near(probabilityAbove([0.1, 0.9], [5, 5], 5), 0.1));
  t.true(near(probabilityAbove([0.1, 0.5, 0.9], [1, 5, 5], 5), 0.1));
});

test('without a number there is none', (t) => {
  t.is(probabilityAbove([], [], 1), Number.NaN);
  t.is(probabilityAbove([0.5], [Number.NaN], 1), Number.NaN);
  t.is(probabilityAbove([0.5], [1], Number.NaN), Number.NaN);
});

test('it falls as the level rises, stays within 0 and 1, and reaches both, in whatever order quantiles cross', (t) => {
  const value = fc.double({ min: -50, max: 50, noNaN: true });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 9 }),
      fc.array(value, { minLength: 9, maxLength: 9 }),
      fc.array(value, { minLength: 2, maxLength: 9 }),
      (percents, given, levels) => {
        const quantiles = percents.sort((a, b) => a - b).map((percent) => percent / 100);
        const values = given.slice(0, quantiles.length);
        const answers = levels
          .sort((a, b) => a - b)
          .map((level) => probabilityAbove(quantiles, values, level));
        t.true(answers.every((p, i) => p >= 0 && p <= 1 && (i === 0 || p <= answers[i - 1]! + 1e-12)));
        if (new Set(values).size > 1) {
          t.true(probabilityAbove(quantiles, values, 1e9) < 1e-6);
          t.true(probabilityAbove(quantiles, values, -1e9) > 1 - 1e-6);
        }
      },
    ),
  );
});
