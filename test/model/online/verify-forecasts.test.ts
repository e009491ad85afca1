import test from 'ava';
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { uniform } from '../../../src/model/engine/initial.ts';
import type { Forecast, NoForecast } from '../../../src/model/forecast.ts';
import type { Verification } from '../../../src/model/online/verification.ts';
import { verifyForecasts } from '../../../src/model/online/verify-forecasts.ts';
import { MemoryKeep } from '../../../src/stream/kept.ts';
import type { Window } from '../../../src/stream/window.ts';
import { hour, june } from '../samples.ts';

type Item = Window | Forecast | NoForecast;
type Told = Item | Verification;

const options = { step: hour, revisable: 2 * hour };

/** A window of 4 steps of chlorophyll that ends `at` hours after `june`; NaN is masked. */
function windowAt(at: number, values: readonly number[], revision = 0): Window {
  const mask = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1));
  return {
    kind: 'window',
    station: 'buoy-1',
    end: june + at * hour,
    revision,
    step: hour,
    lookback: values.length,
    variables: ['chlorophyll'],
    values: Float64Array.from(values, (value) => (Number.isNaN(value) ? 0 : value)),
    mask,
    coverage: Float64Array.from(mask),
  };
}

function forecastAt(at: number, change: Partial<Forecast> = {}): Forecast {
  return {
    kind: 'forecast',
    station: 'buoy-1',
    variable: 'chlorophyll',
    issuedAt: june + at * hour,
    revision: 0,
    model: 'm1',
    network: 'net',
    step: hour,
    horizons: [1, 2],
    quantiles: [0.1, 0.5, 0.9],
    values: [
      [9, 10, 11],
      [18, 20, 22],
    ],
    ...change,
  };
}

const run = (items: readonly Item[], keep = new MemoryKeep(), ceiling?: number): Promise<Told[]> => {
  const limits = { chlorophyll: { ceiling } };
  return lastValueFrom(from(items).pipe(verifyForecasts({ ...options, limits, keep }), toArray()));
};

const verdicts = (told: readonly Told[]) =>
  told.flatMap((item) =>
    item.kind === 'verification' ? [[item.horizon, item.forecast, item.measured, item.persistence]] : [],
  );

// The step from `at` to `at + 1` has the mean `at`; windows hold 4 of them.
const means = (at: number) => [at - 4, at - 3, at - 2, at - 1];

test('each horizon is verified when its step lies `revisable` behind the end, beside the last value at issue', async (t) => {
  const items = [
    windowAt(10, means(10)),
    forecastAt(10),
    ...[11, 12, 13, 14].map((at) => windowAt(at, means(at))),
  ];
  const told = await run(items);
  t.deepEqual(
    told.map(({ kind }) => kind),
    ['window', 'forecast', 'window', 'window', 'verification', 'window', 'verification', 'window'],
  );
  t.deepEqual(verdicts(told), [
    [1, 10, 10, 9],
    [2, 20, 11, 9],
  ]);
  const first = told.find((item): item is Verification => item.kind === 'verification')!;
  t.like(first, {
    issuedAt: june + 10 * hour,
    model: 'm1',
    network: 'net',
    within: true,
    verified: 1,
    bias: 0,
  });
  t.is(first.skill, 1);
});

test('the truth is the last revision up to then; a later one changes nothing', async (t) => {
  const told = await run([
    windowAt(10, means(10)),
    forecastAt(10),
    windowAt(11, [7, 8, 9, 10]),
    windowAt(12, [8, 9, 10.5, 11]),
    windowAt(12, [8, 9, 10.75, 11], 1),
    windowAt(13, [9, 10.875, 11, 12]),
    windowAt(13, [9, 99, 11, 12], 1),
    windowAt(14, means(14)),
  ]);
  t.deepEqual(verdicts(told), [
    [1, 10, 10.875, 9],
    [2, 20, 11, 9],
  ]);
});

test('a revised forecast is not verified, the first of its time is, whatever its revision', async (t) => {
  const revised = [windowAt(10, [6, 7, 8, 5], 1), forecastAt(10, { revision: 1, model: 'm2' })];
  const later = [11, 12, 13, 14].map((at) => windowAt(at, means(at)));
  const both = await run([windowAt(10, means(10)), forecastAt(10), ...revised, ...later]);
  t.deepEqual(verdicts(both), [
    [1, 10, 10, 9],
    [2, 20, 11, 9],
  ]);
  const late = await run([windowAt(10, means(10)), ...revised, ...later]);
  t.deepEqual(verdicts(late), [
    [1, 10, 10, 5],
    [2, 20, 11, 5],
  ]);
});

test('what was not measured is not verified, and what a gap leaps over neither', async (t) => {
  const gone = [windowAt(10, means(10)), forecastAt(10), windowAt(13, [9, Number.NaN, 11, 12])];
  t.deepEqual(verdicts(await run([...gone, windowAt(14, means(14))])), [[2, 20, 11, 9]]);
  t.deepEqual(verdicts(await run([...gone.slice(0, 2), windowAt(40, means(40))])), []);
});

test('where the window holds no value there is nothing to compare with', async (t) => {
  const told = await run([
    windowAt(10, [5, Number.NaN, Number.NaN, Number.NaN]),
    forecastAt(10),
    ...[11, 12, 13].map((at) => windowAt(at, means(at))),
  ]);
  t.deepEqual(verdicts(told), [[1, 10, 10, 5]]);
});

test('no-forecasts pass, and a station does not answer for another', async (t) => {
  const none: NoForecast = {
    kind: 'no-forecast',
    station: 'buoy-1',
    variable: 'chlorophyll',
    issuedAt: june,
    revision: 0,
    reason: 'coverage',
    detail: '',
  };
  const other = { ...windowAt(13, means(13)), station: 'buoy-2' };
  const items = [windowAt(10, means(10)), none, forecastAt(10), other];
  t.deepEqual(await run(items), items);
});

test('a truth at its ceiling is at least that: no error for what lies above, a miss for what lies below', async (t) => {
  const items = [
    windowAt(10, means(10)),
    forecastAt(10),
    ...[11, 12, 13, 14].map((at) => windowAt(at, means(at))),
  ];
  const told = (await run(items, new MemoryKeep(), 10.5)).filter((item) => item.kind === 'verification');
  t.deepEqual(
    told.map(({ horizon, measured, censored, within, bias }) => [horizon, measured, censored, within, bias]),
    [
      [1, 10, undefined, true, 0],
      [2, 11, true, true, 0],
    ],
  );
  const low = (await run(items, new MemoryKeep(), 9.5)).filter((item) => item.kind === 'verification');
  t.like(low[0], { censored: true, bias: 0, within: true });
  const below = forecastAt(10, {
    values: [
      [4, 5, 6],
      [4, 5, 6],
    ],
  });
  const missed = (await run([items[0]!, below, ...items.slice(2)], new MemoryKeep(), 9.5)).filter(
    (item) => item.kind === 'verification',
  );
  t.like(missed[0], { censored: true, bias: -5, within: false });
});

/** Windows and forecasts of `count` hours; errors of the forecast are three times what its interval says. */
function history(count: number, change: (at: number) => Partial<Forecast> = () => ({})): Item[] {
  const next = uniform(11);
  const truth = Array.from({ length: count + 8 }, () => 10 + 6 * (next() - 0.5));
  return Array.from({ length: count }, (_, i) => i + 4).flatMap((at) => {
    const values = [
      [9, 10, 11],
      [9, 10, 11],
    ];
    return [windowAt(at, truth.slice(at - 4, at)), forecastAt(at, { values, ...change(at) })];
  });
}

test('forecasts carry their record, and intervals that were too narrow come to cover 80 %', async (t) => {
  const told = await run(history(1200));
  const forecasts = told.filter((item) => item.kind === 'forecast');
  const verified = told.filter((item) => item.kind === 'verification');
  t.is(forecasts[0]!.record, undefined);
  t.is(forecasts.at(-1)!.record!.verified, verified.length);
  const share = (some: readonly Verification[]) => some.filter(({ within }) => within).length / some.length;
  t.true(share(verified.slice(0, 60)) < 0.5);
  const late = share(verified.slice(-1600));
  t.true(late > 0.78 && late < 0.82, `${late}`);
  t.true(forecasts.every(({ values }) => values.every((row) => row[1] === 10)));
});

test('climatology is the mean of that hour over the last days, as known at the time of issue', async (t) => {
  const days = 8;
  const truth = Array.from({ length: days * 24 + 8 }, (_, i) => (i % 24) + (i >= 6 * 24 ? 100 : 0));
  const items = Array.from({ length: days * 24 }, (_, i) => i + 4).flatMap((at) => [
    windowAt(at, truth.slice(at - 4, at)),
    forecastAt(at, { horizons: [1], values: [[9, 10, 11]] }),
  ]);
  const verified = (await run(items)).filter((item) => item.kind === 'verification');
  const hourOf = ({ issuedAt }: Verification) => (issuedAt - june) / hour;
  t.true(
    verified.filter((one) => hourOf(one) < 5 * 24).every(({ climatology }) => climatology === undefined),
  );
  const sixth = verified.filter((one) => hourOf(one) >= 5 * 24 + 8 && hourOf(one) < 6 * 24);
  t.true(sixth.length > 10);
  t.true(sixth.every((one) => Math.abs(one.climatology! - (hourOf(one) % 24)) < 1e-9));
  const seventh = verified.find((one) => hourOf(one) === 6 * 24 + 12)!;
  t.true(Math.abs(seventh.climatology! - 12) < 1e-9, 'what is measured later is not in it');
  t.true(seventh.skillOverClimatology! < 1);
});

test('a point forecast becomes one with quantiles when every horizon has enough errors', async (t) => {
  const told = await run(history(80, () => ({ quantiles: [0.5], values: [[10], [10]] })));
  const widths = told.flatMap((item) => (item.kind === 'forecast' ? [item.quantiles.length] : []));
  t.deepEqual([...new Set(widths)], [1, 9]);
  t.true(widths.lastIndexOf(1) >= 42);
});

test('another network begins its calibration anew; the record goes on', async (t) => {
  const told = await run(history(120, (at) => (at < 80 ? {} : { network: 'other' })));
  const forecasts = told.filter((item) => item.kind === 'forecast');
  const at = forecasts.findIndex(({ network }) => network === 'other');
  const [before, first] = [forecasts[at - 1]!, forecasts[at]!];
  t.notDeepEqual(before.values[0], [9, 10, 11]);
  t.deepEqual(first.values[0], [9, 10, 11]);
  t.true(first.record!.verified > before.record!.verified);
});

test('cut anywhere and taken up from what was saved, it tells the same', async (t) => {
  const items = history(120, (at) => ({
    makers: [
      { model: 'a', network: at < 70 ? 'net' : 'other' },
      { model: `b${at}`, network: 'net' },
    ],
  }));
  const whole = await run(items);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(119), { maxLength: 4 }), async (cuts) => {
      const ends = [...new Set(cuts)].sort((a, b) => a - b).map((cut) => 2 * cut);
      const told: Told[] = [];
      let saved = new MemoryKeep();
      for (const [i, end] of [...ends, items.length].entries()) {
        told.push(...(await run(items.slice(ends[i - 1] ?? 0, end), saved)));
        saved = new MemoryKeep(saved.takeDirty());
      }
      t.deepEqual(told, whole);
    }),
    { numRuns: 25 },
  );
});
