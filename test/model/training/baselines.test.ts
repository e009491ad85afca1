import test from 'ava';
import fc from 'fast-check';
import { uniform } from '../../../src/model/engine/initial.ts';
import { leastSquares, persistence, rmse, solve } from '../../../src/model/training/baselines.ts';
import { gather, makeDataset } from '../../../src/model/training/dataset.ts';
import { hour, stepsOf } from '../samples.ts';

const shape = { lookback: 6, horizons: [1, 2, 3], coverage: 0.5 };
const datasetOf = async (values: readonly number[], scaling = { minimum: 0, maximum: 20 }) =>
  makeDataset(await gather(stepsOf(values), hour), 'chlorophyll', { ...shape, scaling });

/** A wave, which is a linear law of its last two values, and noise. */
function swell(length: number, noise: number, seed: number): number[] {
  const next = uniform(seed);
  return Array.from({ length }, (_, i) => 10 + 5 * Math.sin(0.7 * i + seed) + noise * (next() - 0.5));
}

test('persistence says what was last measured, for each horizon', async (t) => {
  const data = await datasetOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  t.is(data.samples, 2);
  t.deepEqual(
    [...persistence(data)].map((value) => Math.round(20 * value)),
    [6, 6, 6, 7, 7, 7],
  );
});

test('the error is in the unit of the variable, by horizon', async (t) => {
  const data = await datasetOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const errors = rmse(data, persistence(data));
  for (const [h, error] of errors.entries()) t.true(Math.abs(error - (h + 1)) < 1e-5, `${error}`);
  t.deepEqual(rmse(data, data.y), [0, 0, 0]);
});

test('least squares finds a linear law, at every horizon, and says it of data it has not seen', async (t) => {
  const train = await datasetOf(swell(400, 0, 1));
  const test = await datasetOf(swell(200, 0, 2));
  const errors = rmse(test, leastSquares(train, test));
  const still = rmse(test, persistence(test));
  for (const [h, error] of errors.entries())
    t.true(error < 0.01 && still[h]! > 2, `${h}: ${error}, ${still[h]}`);
});

test('least squares is fitted on the training part alone', async (t) => {
  const train = await datasetOf(swell(100, 1, 1));
  const values = swell(60, 1, 2);
  const all = leastSquares(train, await datasetOf(values));
  const other = leastSquares(
    train,
    await datasetOf([...values.slice(0, 30), ...values.slice(30).map((v) => v + 5)]),
  );
  t.deepEqual(all.subarray(0, 45), other.subarray(0, 45));
});

test('a series that repeats itself has lags that are the same, and still a solution', async (t) => {
  const square = Array.from({ length: 60 }, (_, i) => (i % 2 ? 3 : 7));
  const data = await datasetOf(square);
  for (const error of rmse(data, leastSquares(data, data))) t.true(error < 1e-3, `${error}`);
});

test('linear equations are solved, whatever the order of the rows', (t) => {
  const number = fc.integer({ min: -9, max: 9 });
  const size = 4;
  fc.assert(
    fc.property(
      fc.array(fc.array(number, { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
      fc.array(number, { minLength: size, maxLength: size }),
      fc.nat(size - 1),
      (drawn, solution, turn) => {
        const rows = drawn.map((row, r) => row.map((value, c) => (r === c ? value + 50 : value)));
        const matrix = rows.map((row) =>
          Float64Array.of(
            ...row,
            row.reduce((sum, value, c) => sum + value * solution[c]!, 0),
          ),
        );
        const turned = [...matrix.slice(turn), ...matrix.slice(0, turn)];
        return solve(turned).every((value, i) => Math.abs(value - solution[i]!) < 1e-9);
      },
    ),
  );
  t.pass();
});
