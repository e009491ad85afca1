import test from 'ava';
import fc from 'fast-check';
import { engineBackend } from '../../../../src/model/engine-backend.ts';
import type { Criterion, State } from '../../../../src/model/training/backtest/criteria.ts';
import { reportOf } from '../../../../src/model/training/backtest/report.ts';
import { type BacktestOptions, runBacktest } from '../../../../src/model/training/backtest/run.ts';
import {
  type Sighting,
  sightedState,
  sightingsAt,
} from '../../../../src/model/training/backtest/sightings.ts';
import { recipeOf } from '../../../../src/model/training/recipe-table.ts';
import { newYear, seriesOf, water } from '../../baselines/records.ts';
import { hour } from '../../samples.ts';

const criterion: Criterion = { name: 'above P90', of: 'value', beyond: 'above', threshold: 10 };
const step = { from: 100, to: 200 };
const sighting = (change: Partial<Sighting> = {}): Sighting => ({
  station: 'buoy-1',
  variable: 'chlorophyll',
  from: 100,
  to: 200,
  found: true,
  beyond: 'above',
  ...change,
});
const state = (measured: State, ...seen: Partial<Sighting>[]) =>
  sightedState(measured, criterion, step, seen.map(sighting));

test('what people found prevails over the sensor, and over what others did not find', (t) => {
  t.is(state(0, { found: true }), 1);
  t.is(state(-1, { found: true }), 1, 'a buoy that was silent');
  t.is(state(1, { found: false }), 0);
  t.is(state(0, { found: false }, { found: true }), 1);
});

test('a level that was crossed crosses milder ones; one that was not leaves harder ones uncrossed', (t) => {
  t.is(state(0, { level: 12 }), 1);
  t.is(state(0, { level: 10 }), 1);
  t.is(state(0, { level: 8 }), 0, 'above 8 may be below 10');
  t.is(state(1, { found: false, level: 8 }), 0);
  t.is(state(1, { found: false, level: 12 }), -1, 'below 12 may be above 10, but the sensor is not believed');
  t.is(state(0, { found: false, level: 12 }), 0);
  const low = { ...criterion, beyond: 'below' as const, threshold: 5 };
  const oxygen = (found: boolean, level: number) =>
    sightedState(0, low, step, [sighting({ beyond: 'below', found, level })]);
  t.deepEqual([oxygen(true, 3), oxygen(true, 6)], [1, 0]);
});

test('a change is no level: people confirm none, but what was no spike is no rise either', (t) => {
  const rise = { ...criterion, of: 'change' as const };
  t.is(sightedState(0, rise, step, [sighting()]), 0);
  t.is(sightedState(1, rise, step, [sighting({ found: false })]), -1);
});

test('only steps that the time of a sighting reaches into are judged by it', (t) => {
  t.is(state(0, { from: 0, to: 100 }), 0);
  t.is(state(0, { from: 0, to: 101 }), 1);
  t.is(state(0, { from: 200, to: 300 }), 0);
  t.is(state(0, { from: 199, to: 300 }), 1);
  t.is(state(0, { beyond: 'below' }), 0);
});

test('property: without sightings the sensor has the last word', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(-1, 0, 1), fc.double({ noNaN: true }), (measured, threshold) => {
      t.is(sightedState(measured as State, { ...criterion, threshold }, step, []), measured);
    }),
  );
});

test('a sighting is of its station in every deployment, and of its variable', (t) => {
  const at = (station: string, variable = 'chlorophyll') =>
    sightingsAt([sighting()], station, variable).length;
  t.deepEqual(
    [at('buoy-1'), at('buoy-1@2026-03-01T00:00:00.000Z'), at('buoy-10'), at('buoy-1', 'salinity')],
    [1, 1, 0, 0],
  );
});

const hours = 2400;
const from = newYear + 1600 * hour;
const options: BacktestOptions = {
  recipes: ['persistence', 'climatology', 'damped-persistence'].map((name) => recipeOf(name)!),
  variables: [{ name: 'chlorophyll', unit: 'ug/L' }],
  step: hour,
  lookback: 48,
  horizons: [6, 12],
  coverage: 0.5,
  seed: 1,
  from,
  until: newYear + hours * hour,
  origins: 1,
  backend: engineBackend(),
};

test('sightings change the scores of spikes, and nothing else of a report', async (t) => {
  const all = [
    seriesOf(
      water(hours).map((value) => 20 - value),
      { variable: 'chlorophyll' },
    ),
  ];
  const backtest = await runBacktest(all, options);
  const reported = (...sightings: Sighting[]) => reportOf(all, backtest, { ...options, sightings });
  const { spikes: measured, ...rest } = reported();
  const everywhere = sighting({ from: 0, to: options.until });
  const { spikes: refuted, ...others } = reported({ ...everywhere, found: false });
  t.deepEqual(others, rest);
  const eventsOf = (spikes: typeof measured) =>
    spikes.map(({ horizons }) => horizons[0]!.forecasters['persistence']!.events);
  t.true(
    eventsOf(measured).every((events) => events > 0),
    `${eventsOf(measured)}`,
  );
  t.deepEqual(eventsOf(refuted), [0, 0, 0]);
  t.deepEqual(
    refuted.map(({ thresholds }) => thresholds),
    measured.map(({ thresholds }) => thresholds),
    'what is a spike is not learned from them',
  );
  const found = reported(everywhere).spikes[0]!.horizons[0]!.forecasters['persistence']!;
  t.is(found.state.falseAlarms + found.state.rejections, 0);
  t.is(found.events, 1);
});
