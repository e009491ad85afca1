import test from 'ava';
import { from, lastValueFrom, toArray } from 'rxjs';
import { uniform } from '../../../../src/model/engine/initial.ts';
import type { Forecast } from '../../../../src/model/forecast.ts';
import { verifyForecasts } from '../../../../src/model/online/verify-forecasts.ts';
import type { Samples } from '../../../../src/model/training/backtest/samples.ts';
import { asServed } from '../../../../src/model/training/backtest/served.ts';
import type { Window } from '../../../../src/stream/window.ts';
import { hour, june } from '../../samples.ts';

const horizons = [1, 3];
const levels = [0.1, 0.5, 0.9];
const settling = 2 * hour;
const count = 3000;
const lookback = 8;
/** Steps that were measured before the first issue. */
const lead = 20;

/** Noise about a mean that a forecaster knows, with intervals that are far too narrow: 0.2 instead of about 0.8 wide. */
const noise = uniform(7);
const values = Float64Array.from({ length: lead + count + 10 }, (_, i) =>
  i % 17 === 0 ? Number.NaN : 5 + Math.sin(i / 9) + noise() - 0.5,
);
const mean = (step: number) => 5 + Math.sin((lead + step) / 9);
const said = Float64Array.from({ length: count * 6 }, (_, at) => {
  const [issue, h, q] = [Math.floor(at / 6), Math.floor(at / 3) % 2, at % 3];
  return mean(issue + horizons[h]! - 1) + 0.1 * (q - 1);
});
/** The step from `issue` on is the first that is forecast. */
const samplesOf = (truths: Float64Array): Samples => ({
  ...{ station: 'buoy-1', variable: 'chlorophyll', step: hour, horizons, levels },
  issuedAt: Float64Array.from({ length: count }, (_, i) => june + i * hour),
  now: Float64Array.from({ length: count }, (_, i) => truths[lead + i - 1]!),
  truth: Float64Array.from(
    { length: count * 2 },
    (_, at) => truths[lead + Math.floor(at / 2) + horizons[at % 2]! - 1]!,
  ),
  said: new Map([['net', said]]),
});

test('it is what the edge issues, to the last bit', async (t) => {
  const items = Array.from({ length: count }, (_, i): (Window | Forecast)[] => {
    const steps = Array.from({ length: lookback }, (_, back) => values[lead + i - lookback + back]!);
    const mask = Uint8Array.from(steps, (value) => (Number.isFinite(value) ? 1 : 0));
    const identity = { station: 'buoy-1', revision: 0, step: hour } as const;
    const rows = [0, 1].map((h) => Array.from(said.subarray(i * 6 + h * 3, i * 6 + h * 3 + 3)));
    return [
      {
        ...{ kind: 'window', ...identity, end: june + i * hour, lookback, variables: ['chlorophyll'] },
        ...{ values: Float64Array.from(steps, (value) => (Number.isFinite(value) ? value : 0)), mask },
        coverage: Float64Array.from(mask),
      },
      {
        ...{ kind: 'forecast', ...identity, variable: 'chlorophyll', issuedAt: june + i * hour },
        ...{ model: 'm1', network: 'net', horizons, quantiles: levels, values: rows },
      },
    ];
  }).flat();
  const told = await lastValueFrom(
    from(items).pipe(verifyForecasts({ step: hour, revisable: settling }), toArray()),
  );
  const issued = told.flatMap((item) => (item.kind === 'forecast' ? item.values.flat() : []));
  t.deepEqual([...asServed(samplesOf(values), 'net', settling)], issued);
});

test('intervals that are far too narrow come to cover what they say', (t) => {
  const served = asServed(samplesOf(values), 'net', settling);
  const { truth } = samplesOf(values);
  const covered = (own: Float64Array) => {
    const rows = Array.from({ length: count * 2 }, (_, at) => at).filter(
      (at) => at > 2000 && Number.isFinite(truth[at]!),
    );
    return (
      rows.filter((at) => truth[at]! >= own[at * 3]! && truth[at]! <= own[at * 3 + 2]!).length / rows.length
    );
  };
  t.true(covered(said) < 0.3, `${covered(said)}`);
  t.true(Math.abs(covered(served) - 0.8) < 0.04, `${covered(served)}`);
});

test('what is measured later changes nothing that was issued before', (t) => {
  const at = 300;
  const changed = values.map((value, i) => (i >= lead + at ? value + 100 : value));
  const [one, other] = [values, changed].map((own) => asServed(samplesOf(own), 'net', settling));
  const known = at + settling / hour + 1;
  t.deepEqual(one!.slice(0, known * 6), other!.slice(0, known * 6));
  t.notDeepEqual(one!.slice(known * 6), other!.slice(known * 6));
});
