import test from 'ava';
import fc from 'fast-check';
import { forecasterOf, levels, quantilesOf, spreadOf } from '../../../src/model/baselines/baseline.ts';
import { harmonics, placeInYear } from '../../../src/model/baselines/calendar.ts';
import { rowAt } from '../../../src/model/baselines/method.ts';
import { regressors } from '../../../src/model/baselines/regression.ts';
import { laggedValues, viewOf } from '../../../src/model/baselines/view.ts';
import { gridsOf, viewAt, windowAt } from '../../../src/model/training/station-grid.ts';
import { hour } from '../samples.ts';
import { newYear, seriesOf, water } from './records.ts';

const no = Number.NaN;
const shape = { horizons: [1, 3, 24, 30], coverage: 0.5 };

/** A window that ends with the last of the values. */
const windowOf = (values: readonly number[], variables = ['dissolvedOxygen']) =>
  viewOf(windowAt(gridsOf([seriesOf(values)], variables)[0]!, values.length - 1, values.length)!);

test('persistence carries the last available value, and says how far', (t) => {
  const answers = forecasterOf('persistence', null, shape)(windowOf([5, 6, 7, no, no]), 0);
  t.deepEqual(
    answers,
    [1, 3, 24, 30].map((horizon) => ({ value: 7, lead: horizon + 2 })),
  );
  t.is(forecasterOf('persistence', null, shape)(blank, 0), undefined);
});

const blank = { ...windowOf([5, 6]), mask: new Uint8Array(2) };

test('24-hour seasonal takes the latest measured value of that time of day', (t) => {
  const hours = Array.from({ length: 48 }, (_, i) => i);
  const seasonal = forecasterOf('seasonal-24h', null, shape);
  const values = (window: readonly number[]) => seasonal(windowOf(window), 0)!.map(({ value }) => value);
  t.deepEqual(values(hours), [24, 26, 47, 29]);
  t.deepEqual(values(hours.map((i) => (i === 24 ? no : i))), [0, 26, 47, 29]);
  t.deepEqual(values(hours.slice(-12)), [47, 47, 47, 47], 'a short window has only its last value');
});

test('climatology looks up the day and hour of the forecast step; damping lets the anomaly fade', (t) => {
  const normals = Array.from({ length: 366 * 24 }, (_, i) => i);
  const window = windowOf([100]);
  const usual = forecasterOf('climatology', normals, shape)(window, 0)!;
  t.deepEqual(
    usual.map(({ value }) => value),
    [1, 3, 24, 30],
  );
  const damping = { normals, kept: [0.9, 0.8, 0.1, 0] };
  const answers = forecasterOf('damped-persistence', damping, shape)(window, 0)!;
  t.deepEqual(
    answers.map(({ value }) => value),
    [1 + 90, 3 + 80, 24 + 10, 30],
  );
  const aged = forecasterOf('damped-persistence', damping, shape)(windowOf([100, no, no]), 0)!;
  t.is(aged[0]!.value, 3 + 0.8 * 100, 'one hour ahead of a value two hours old is carried over three');
});

test('the year is a ring of 366 days: 1 March is one place in every year', (t) => {
  t.deepEqual(placeInYear(Date.UTC(2023, 2, 1, 5)), { day: 60, hour: 5 });
  t.deepEqual(placeInYear(Date.UTC(2024, 2, 1, 5)), { day: 60, hour: 5 });
  t.deepEqual(placeInYear(Date.UTC(2023, 11, 31, 23)), { day: 365, hour: 23 });
  t.deepEqual(harmonics(newYear).slice(0, 4), harmonics(newYear + 24 * hour).slice(0, 4));
});

test('lags are filled from the past alone', (t) => {
  t.deepEqual(laggedValues(windowOf([1, no, 3, no]), 0, [0, 1, 2, 3]), [3, 3, 1, 1]);
  t.deepEqual(laggedValues({ ...windowOf([1, no, 3, no]), mask: Uint8Array.of(0, 0, 1, 0) }, 0, [3]), [3]);
});

test('regressions refuse a stale or thin window, and mark a missing variable', (t) => {
  t.is(regressors(windowOf([1, 2, no]), 0, [], shape), undefined);
  t.is(regressors(windowOf([1, no, no, no, 2]), 0, [], shape), undefined);
  const row = regressors(windowOf([1, 2, 4], ['dissolvedOxygen', 'salinity']), 0, ['salinity'], shape)!;
  t.deepEqual(row.slice(0, 4), [1, 4, -2, -3]);
  t.is(row.at(-1), 1);
});

test('quantiles are the point and its errors at the lead it was carried over', (t) => {
  const spread = shape.horizons.map((horizon) => levels.map((level) => (level - 0.5) * horizon));
  const [first, , last] = quantilesOf(
    [
      { value: 10, lead: 2 },
      { value: 1, lead: 3 },
      { value: 5, lead: 99 },
    ],
    spread,
    shape,
  );
  t.is(first![4], 10);
  t.true(Math.abs(first![6]! - (10 + 0.4 * 2)) < 1e-12, 'between horizons of 1 and 3');
  t.true(Math.abs(last![6]! - (5 + 0.4 * 30)) < 1e-12, 'no further than the last');
  t.is(rowAt([1, 3], [[10], [30]], 0)[0], 10);
});

test('property: the spread rises through the point', (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true })), (errors) => {
      const spread = spreadOf(errors);
      t.is(spread[4], 0);
      spread.forEach((value, i) => t.true(i === 0 || value >= spread[i - 1]!));
    }),
  );
});

test('a view into a record says what the window of the stream says', (t) => {
  const series = [
    seriesOf(water(80, 1, { holes: 0.2 })),
    seriesOf(water(60, 2), { variable: 'salinity', start: newYear + 5 * hour }),
  ];
  const [grid] = gridsOf(series, ['salinity', 'dissolvedOxygen']);
  for (const newest of [24, 50, 79])
    for (const name of ['persistence', 'seasonal-24h'] as const) {
      const forecaster = forecasterOf(name, null, shape);
      const window = viewOf(windowAt(grid!, newest, 24)!);
      for (const column of [0, 1])
        t.deepEqual(forecaster(viewAt(grid!, newest, 24)!, column), forecaster(window, column));
    }
  t.is(viewAt(grid!, 22, 24), undefined);
});

test('property: the place in the year is that of the calendar', (t) => {
  const day = 24 * hour;
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
      (date) => {
        const inLeapYear = Date.UTC(2000, date.getUTCMonth(), date.getUTCDate()) - Date.UTC(2000, 0, 1);
        t.deepEqual(placeInYear(date.getTime()), { day: inLeapYear / day, hour: date.getUTCHours() });
      },
    ),
    { numRuns: 1000 },
  );
});
