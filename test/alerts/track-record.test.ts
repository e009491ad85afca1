import test from 'ava';
import { chartOf } from '../../src/alerts/chart.ts';
import { trackRecord } from '../../src/alerts/track-record.ts';
import { forecastAt, stepAt } from './evidence.ts';

const steps = [10, 12, 14, Number.NaN, 18].map((mean, at) => stepAt(at, mean));
const of = { model: 'lstm-7f3a', horizon: 2, days: 7 };
/** Issued at the end of step `at - 1`, so horizon 2 is step `at + 1`. */
const said = (at: number, median: number) => forecastAt(at, [0, median, 0]);

test('errors are those of the horizon, beside "it stays as it is", on steps that were measured', (t) => {
  // At 1: step 2 was 14, said 13, before it 10. At 2: step 3 was not measured. At 3: step 4 was 18, said 21, before it 14.
  const record = trackRecord([said(1, 13), said(2, 99), said(3, 21)], steps, of);
  t.deepEqual(record, {
    horizon: 2,
    days: 7,
    forecasts: 2,
    error: 2,
    persistence: 4,
    inside: undefined,
    coverage: undefined,
  });
});

test('of an issue time the first revision counts, and of other models nothing', (t) => {
  const late = { ...said(1, 14), revision: 1 };
  t.is(trackRecord([late, said(1, 12)], steps, of)?.error, 2);
  t.is(trackRecord([said(1, 12)], steps, { ...of, model: 'other' }), undefined);
  t.is(trackRecord([], steps, of), undefined);
});

test('the interval is judged by its own coverage', (t) => {
  const quantiles = [0.05, 0.5, 0.95];
  const values = (low: number, high: number) => [
    [0, 0, 0],
    [low, 13, high],
    [0, 0, 0],
  ];
  const inside = forecastAt(1, [0, 0, 0], { quantiles, values: values(12, 15) });
  const outside = forecastAt(3, [0, 0, 0], { quantiles, values: values(12, 15) });
  const record = trackRecord([inside, outside], steps, of);
  t.is(record?.inside, 0.5);
  t.is(Math.round(record!.coverage! * 100), 90);
});

test('a chart has what was measured and what is forecast, of one sensor', (t) => {
  const quantiles = [0.05, 0.5, 0.95];
  const forecast = forecastAt(5, [20, 21], {
    quantiles,
    values: [
      [18, 20, 22],
      [17, 21, 26],
    ],
  });
  const other = stepAt(1, 99, { sensor: 'spare' });
  const chart = chartOf('chlorophyll', [...steps, other], forecast)!;
  t.deepEqual(
    chart.observed.map(({ value }) => value),
    [10, 12, 14, 18],
  );
  t.deepEqual(chart.forecast[1], { time: '2026-03-01T06:00Z', median: 21, low: 17, high: 26 });
  t.deepEqual([chart.issuedAt, chart.coverage], ['2026-03-01T05:00Z', 0.9]);
  t.is(chartOf('chlorophyll', [], undefined), undefined);
});
