import test from 'ava';
import fc from 'fast-check';
import { baselineNames } from '../../../../src/model/baselines/baseline.ts';
import { engineBackend } from '../../../../src/model/engine-backend.ts';
import { reportOf } from '../../../../src/model/training/backtest/report.ts';
import { type BacktestOptions, runBacktest } from '../../../../src/model/training/backtest/run.ts';
import type { Series } from '../../../../src/model/training/dataset.ts';
import { recipeOf } from '../../../../src/model/training/recipe-table.ts';
import { newYear, seriesOf, water } from '../../baselines/records.ts';
import { hour } from '../../samples.ts';

const variables = [
  { name: 'dissolvedOxygen', unit: 'mg/L' },
  { name: 'salinity', unit: '1e-3' },
];
const hours = 2400;
const from = newYear + 1600 * hour;
const record = (): Series[] => [
  seriesOf(water(hours, 1, { holes: 0.05 })),
  seriesOf(water(hours, 2), { variable: 'salinity' }),
];
const options: BacktestOptions = {
  recipes: baselineNames.map((name) => recipeOf(name)!),
  variables,
  step: hour,
  lookback: 48,
  horizons: [1, 6, 24],
  coverage: 0.5,
  seed: 1,
  from,
  until: newYear + hours * hour,
  origins: 2,
  backend: engineBackend(),
};
const only = (...names: string[]) => ({ ...options, recipes: names.map((name) => recipeOf(name)!) });

test('forecasts are scored against what was measured, and persistence repeats the newest value', async (t) => {
  const { samples, rounds } = await runBacktest(record(), only('persistence', 'climatology'));
  t.is(rounds.length, 2);
  t.deepEqual(
    samples.map(({ station, variable }) => `${station} ${variable}`),
    ['buoy-1 dissolvedOxygen', 'buoy-1 salinity'],
  );
  const [oxygen] = samples;
  const series = record()[0]!;
  const median = oxygen!.levels.indexOf(0.5);
  const said = oxygen!.said.get('persistence')!;
  let scored = 0;
  oxygen!.issuedAt.forEach((end, i) => {
    t.true(end >= from);
    const newest = (end - newYear) / hour - 1;
    oxygen!.horizons.forEach((horizon, h) => {
      const at = i * 3 + h;
      const truth = oxygen!.truth[at]!;
      if (!Number.isFinite(truth)) return;
      scored++;
      t.is(truth, series.values[newest + horizon]!);
      if (series.mask[newest]) t.is(said[at * 9 + median], series.values[newest]!);
    });
  });
  t.true(scored > 2000);
});

test('property: whatever happens from an origin on, what was learned before it is the same', async (t) => {
  const some = only('persistence', 'damped-persistence', 'lag-regression');
  const known = await runBacktest(record(), some);
  const idsOf = ({ rounds }: typeof known, origin: number) =>
    [...rounds[origin]!.artifacts.values()].map(({ manifest }) => manifest.id);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 999 }), fc.constantFrom(0, 1), async (seed, origin) => {
      // From the first forecast of the origin on, and for the purged steps before it, other water.
      const first = (known.rounds[origin]!.trainUntil - newYear) / hour;
      const other = water(hours, seed + 2000, { holes: 0.3 });
      const changed = record().map((series) => ({
        ...series,
        values: series.values.map((value, i) => (i < first ? value : (other[i]! || 0) + 3)),
        mask: series.mask.map((one, i) => (i < first ? one : other[i]! ? 1 : 0)),
      }));
      const again = await runBacktest(changed, some);
      t.deepEqual(idsOf(again, origin), idsOf(known, origin));
      if (origin === 0) t.notDeepEqual(idsOf(again, 1), idsOf(known, 1), 'the next origin does learn of it');
    }),
    { numRuns: 3 },
  );
});

test('property: forecasts do not change with what was measured after them', async (t) => {
  const run = only('persistence', 'seasonal-24h', 'lag-regression');
  const honest = await runBacktest(record(), { ...run, origins: 1 });
  const cut = 2000;
  const changed = record().map((series) => ({
    ...series,
    values: series.values.map((value, i) => (i <= cut ? value : value * -7)),
  }));
  const other = await runBacktest(changed, { ...run, origins: 1 });
  const row = honest.samples[0]!.issuedAt.findIndex((end) => end === newYear + (cut + 1) * hour);
  t.true(row > 300);
  for (const [name, said] of honest.samples[0]!.said)
    t.deepEqual(
      other.samples[0]!.said.get(name)!.subarray(0, (row + 1) * 27),
      said.subarray(0, (row + 1) * 27),
      name,
    );
});

test('the report is plain data, the same for the same seed, and tells a good forecaster from a bad one', async (t) => {
  const one = { ...options, origins: 1 };
  const backtest = await runBacktest(record(), one);
  const report = reportOf(record(), backtest, one);
  t.deepEqual(JSON.parse(JSON.stringify(report)), report);
  t.deepEqual(reportOf(record(), await runBacktest(record(), one), one), report);
  t.notDeepEqual(reportOf(record(), backtest, { ...one, seed: 2 }), report);
  const oxygen = report.scores.find(({ variable }) => variable === 'dissolvedOxygen')!;
  for (const { horizon, samples, forecasters } of oxygen.horizons) {
    t.true(samples > 600, `${samples}`);
    t.deepEqual(Object.keys(forecasters), [...baselineNames]);
    for (const [name, own] of Object.entries(forecasters)) {
      t.is(Object.keys(own.skill).length, baselineNames.length - 1, name);
      t.true(own.crps < own.mae, `${name} ${own.crps} ${own.mae}`);
    }
    const { persistence, 'lag-regression': regression } = forecasters;
    if (horizon === 6) t.true(regression!.skill['persistence']!.low! > 0.5);
    if (horizon === 6) t.like(persistence!.lag, { lag: 6, passed: false });
    if (horizon === 6) t.true(regression!.lag!.passed);
    const { coverage } = persistence!.interval80!;
    t.true(coverage > 0.7 && coverage < 0.9, `${coverage}`);
  }
});

test('spikes are counted over the stations, with persistence catching no onset', async (t) => {
  const low = (seed: number) => water(hours, seed).map((value) => value - 3.3);
  const all = [seriesOf(low(1)), seriesOf(low(5), { station: 'buoy-2' })];
  const run = { ...only('persistence', 'seasonal-24h'), variables: variables.slice(0, 1), origins: 1 };
  const report = reportOf(all, await runBacktest(all, run), run);
  const below = report.spikes.find(({ criterion }) => criterion === 'below 5 mg/L')!;
  t.deepEqual(below.thresholds, { 'buoy-1': 5, 'buoy-2': 5 });
  const [one] = below.horizons.slice(1);
  t.true(one!.forecasters['persistence']!.events > 20);
  t.is(one!.forecasters['persistence']!.onset.caught, 0);
  t.true(one!.forecasters['persistence']!.state.pod! > 0.3);
  t.true(one!.forecasters['seasonal-24h']!.onset.pod! > 0.7);
});

test('a hold-out that nothing precedes is refused', async (t) => {
  await t.throwsAsync(runBacktest(record(), { ...options, from: newYear + 60 * hour }), {
    message: /nothing was measured before 2023-12-31T12:00:00.000Z.*begin later/,
  });
});
