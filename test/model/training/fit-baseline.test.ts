import test from 'ava';
import fc from 'fast-check';
import { baselineNames, forecasterOf, levels } from '../../../src/model/baselines/baseline.ts';
import { normalAt } from '../../../src/model/baselines/climatology.ts';
import { seasonRegressors } from '../../../src/model/baselines/regression.ts';
import { uniform } from '../../../src/model/engine/initial.ts';
import { fitBaseline } from '../../../src/model/training/fit-baseline.ts';
import { fitClimatology } from '../../../src/model/training/fit-climatology.ts';
import { NormalEquations } from '../../../src/model/training/normal-equations.ts';
import { gridsOf, valueAt, viewAt } from '../../../src/model/training/station-grid.ts';
import { newYear, seriesOf, water } from '../baselines/records.ts';
import { hour } from '../samples.ts';

const variables = ['dissolvedOxygen', 'salinity'];
const options = { variables, lookback: 48, horizons: [1, 6, 24], coverage: 0.5 };
const record = (hours: number, seed = 1) => [
  seriesOf(water(hours, seed, { holes: 0.05 })),
  seriesOf(water(hours, seed + 50), { variable: 'salinity' }),
];

test('climatology is the plain mean of the days around, at that hour', (t) => {
  const series = seriesOf(water(2 * 8784, 3, { holes: 0.1 }));
  const grids = gridsOf([series], ['dissolvedOxygen']);
  const normals = fitClimatology(grids, 0)!;
  for (const [day, at] of [
    [0, 5],
    [59, 0],
    [200, 23],
    [365, 12],
  ] as const) {
    let [sum, count] = [0, 0];
    for (let step = 0; step < grids[0]!.steps; step++) {
      const value = valueAt(grids[0]!, step, 0);
      const time = new Date(newYear + step * hour);
      const place =
        (Date.UTC(2000, time.getUTCMonth(), time.getUTCDate()) - Date.UTC(2000, 0, 1)) / (24 * hour);
      const away = Math.min((place - day + 366) % 366, (day - place + 366) % 366);
      if (value === undefined || time.getUTCHours() !== at || away > 7) continue;
      sum += value;
      count++;
    }
    t.true(Math.abs(normals[day * 24 + at]! - sum / count) < 1e-5, `day ${day} at ${at}`);
  }
});

test('a season that was never measured gets what is usual at that hour', (t) => {
  const grids = gridsOf([seriesOf(Array.from({ length: 60 * 24 }, (_, i) => i % 24))], ['dissolvedOxygen']);
  t.is(normalAt(fitClimatology(grids, 0)!, Date.UTC(2024, 6, 1, 17)), 17);
  t.is(fitClimatology(gridsOf([seriesOf([Number.NaN])], ['dissolvedOxygen']), 0), undefined);
});

test('property: the weights of least squares leave errors that no regressor explains', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 2, max: 6 }), (seed, size) => {
      const next = uniform(seed);
      const rows = Array.from({ length: 40 }, () => [
        1,
        ...Array.from({ length: size - 1 }, () => next() * 9),
      ]);
      const targets = rows.map(() => next());
      const equations = new NormalEquations(size);
      rows.forEach((row, i) => {
        equations.add(row, targets[i]!);
      });
      const weights = equations.solve(0);
      const errors = rows.map((row, i) => targets[i]! - row.reduce((sum, x, a) => sum + x * weights[a]!, 0));
      for (let a = 0; a < size; a++)
        t.true(Math.abs(rows.reduce((sum, row, i) => sum + row[a]! * errors[i]!, 0)) < 1e-6);
    }),
    { numRuns: 50 },
  );
});

test('what repeats another regressor or never changes does no harm, and a penalty shrinks', (t) => {
  const equations = new NormalEquations(4);
  for (let i = 0; i < 30; i++) equations.add([1, i, i, 7], 3 * i + 2);
  const [intercept, a, b, constant] = equations.solve(0);
  t.true(Math.abs(a! + b! - 3) < 1e-6 && Math.abs(intercept! - 2) < 1e-6);
  t.is(constant, 0);
  const [, c, d] = equations.solve(1);
  t.true(c! + d! < 2.5);
});

test('least squares finds the wave that made the data; its errors are those of other times', (t) => {
  const values = Array.from({ length: 3000 }, (_, i) => 5 + Math.sin((2 * Math.PI * i) / 24));
  const body = fitBaseline('lag-regression', [seriesOf(values)], {
    ...options,
    variables: ['dissolvedOxygen'],
  });
  const { parameters, spread } = body.variables[0]!.pooled;
  const [grid] = gridsOf([seriesOf(values)], ['dissolvedOxygen']);
  const points = forecasterOf('lag-regression', parameters, options)(viewAt(grid!, 1000, 48)!, 0)!;
  points.forEach(({ value }, h) => {
    t.true(Math.abs(value - values[1000 + options.horizons[h]!]!) < 1e-3);
  });
  t.true(spread.flat().every((error) => Math.abs(error) < 1e-2));
});

test('every baseline is fitted for stations with a record, and for all together', (t) => {
  const other = seriesOf(water(5000, 9), { station: 'buoy-2' });
  const short = seriesOf(water(24 * 20, 9), { station: 'buoy-3' });
  for (const name of baselineNames) {
    const body = fitBaseline(name, [...record(5000), other, short], options);
    const oxygen = body.variables.find((one) => one.name === 'dissolvedOxygen')!;
    t.deepEqual(Object.keys(oxygen.stations), ['buoy-1', 'buoy-2'], name);
    t.is(oxygen.pooled.spread.length, 3);
    for (const row of oxygen.pooled.spread) t.is(row.length, levels.length);
    t.deepEqual(JSON.parse(JSON.stringify(body)), body, `${name} survives JSON`);
  }
});

test('errors of climatology are of years that it had not seen', (t) => {
  // The second year is 10 higher: a climatology of both misses each by 5, of the other by 10.
  const values = [...new Array(8784).fill(0), ...new Array(8760).fill(10)];
  const body = fitBaseline('climatology', [seriesOf(values)], { ...options, variables: ['dissolvedOxygen'] });
  const { spread } = body.variables[0]!.pooled;
  t.true(spread[0]![0]! < -9 && spread[0]!.at(-1)! > 9, `${spread[0]}`);
});

test('of a quarter of a year nothing is learned of the time of year; of a whole one it is', (t) => {
  const seasonOf = (hours: number) => {
    const body = fitBaseline('lag-regression', [seriesOf(water(hours))], {
      ...options,
      variables: ['dissolvedOxygen'],
    });
    return seasonRegressors(48).map((at) => body.variables[0]!.pooled.parameters.weights[0]![at]!);
  };
  t.deepEqual(seasonOf(2000), [0, 0]);
  t.true(seasonOf(8000).every((weight) => weight !== 0));
});
