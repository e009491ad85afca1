import test from 'ava';
import { weigh } from '../../src/alerts/judge.ts';
import { forecastAt, hour, midnight, stepAt, testWith } from './evidence.ts';

const judge = (...given: Parameters<typeof weigh>) => weigh(...given).tell();
const above = testWith();
const below = testWith({ variable: 'dissolvedOxygen', direction: 'below', level: 4, clear: 5 });

for (const [rule, value, verdict] of [
  [above, 20.1, 'crossed'],
  [above, 20, 'between'],
  [above, 15.1, 'between'],
  [above, 15, 'clear'],
  [below, 3.9, 'crossed'],
  [below, 4, 'between'],
  [below, 4.9, 'between'],
  [below, 5, 'clear'],
] as const) {
  test(`${rule.direction} ${rule.level}, clear ${rule.clear}: ${value} is ${verdict}`, (t) => {
    t.is(judge(rule, stepAt(0, value)).verdict, verdict);
    t.is(judge({ ...rule, on: 'forecast' }, forecastAt(0, [value])).verdict, verdict);
  });
}

test('an observed judgement says the numbers and whose evidence it is', (t) => {
  const { reason, source, evidence } = judge(above, stepAt(2, 24.1234), { unit: 'ug/L' });
  t.is(reason, 'observed 24.12 ug/L is above 20 ug/L');
  t.is(source, 'optode');
  t.deepEqual(evidence, {
    on: 'observed',
    station: 'buoy-1',
    sensor: 'optode',
    variable: 'chlorophyll',
    value: 24.1234,
    time: midnight + 2 * hour,
    revision: 0,
    level: 20,
    direction: 'above',
    flag: 1,
  });
});

test('a step without a value that could pass is no evidence', (t) => {
  t.is(judge(above, stepAt(0, Number.NaN, { flag: 4 })).verdict, 'nothing');
  t.is(judge(above, stepAt(0, 99, { count: 0, flag: 4 })).verdict, 'nothing');
});

test('a suspect value triggers, but does not clear', (t) => {
  t.is(judge(above, stepAt(0, 30, { flag: 3 })).verdict, 'crossed');
  t.is(judge(above, stepAt(0, 3, { flag: 3 })).verdict, 'nothing');
  t.is(judge(above, stepAt(0, 3, { flag: 4 })).verdict, 'nothing');
  t.is(judge(above, stepAt(0, 3, { flag: 2 })).verdict, 'clear');
});

test('one horizon that crosses is enough, and the first of them is the evidence', (t) => {
  const { verdict, reason, evidence } = judge(above, forecastAt(0, [14, 21, 30]), { unit: 'ug/L' });
  t.is(verdict, 'crossed');
  t.is(reason, 'forecast 21 ug/L within 2 h is above 20 ug/L');
  t.deepEqual(evidence, {
    on: 'forecast',
    station: 'buoy-1',
    variable: 'chlorophyll',
    value: 21,
    time: midnight + hour,
    revision: 0,
    issuedAt: midnight,
    horizon: 2,
    model: 'lstm-7f3a',
    network: 'study-lstm',
    level: 20,
    direction: 'above',
  });
});

test('a forecast is clear where every horizon is, with the horizon nearest to the level as evidence', (t) => {
  t.is(judge(above, forecastAt(0, [3, 16, 2])).verdict, 'between');
  t.is(judge(above, forecastAt(0, [3, Number.NaN, 2])).verdict, 'between');
  const { verdict, evidence } = judge(above, forecastAt(0, [3, 9, 2]));
  t.is(verdict, 'clear');
  t.is(evidence!.horizon, 2);
  t.is(judge(below, forecastAt(0, [8, 6, 7])).evidence!.horizon, 2);
});

test('the median is judged, not another quantile', (t) => {
  const quantiles = [0.1, 0.5, 0.9];
  t.is(judge(above, forecastAt(0, [0], { quantiles, values: [[1, 10, 90]] })).verdict, 'clear');
  t.is(judge(above, forecastAt(0, [0], { quantiles: [0.9], values: [[90]] })).verdict, 'nothing');
});

test('a refused forecast is no evidence, and its reason is kept', (t) => {
  const { verdict, reason } = judge(above, {
    kind: 'no-forecast',
    station: 'buoy-1',
    variable: 'chlorophyll',
    issuedAt: midnight,
    revision: 0,
    reason: 'coverage',
    detail: '9 of 24 steps',
  });
  t.is(verdict, 'nothing');
  t.is(reason, 'no forecast (coverage): 9 of 24 steps');
});

test('a rise is from the lowest of the span, and is not over while half of the span is missing', (t) => {
  const rise = testWith({ measure: 'rise', over: 4 * hour, level: 5, clear: 2 });
  const past = { starts: [-4, -2, 0].map((at) => midnight + at * hour), means: [1, 3, 9] };
  const crossed = judge(rise, stepAt(0, 9), { unit: 'ug/L', past });
  t.is(crossed.reason, 'observed 9 ug/L, 6 ug/L from its lowest of 4 h, is above 5 ug/L');
  t.is(crossed.evidence!.level, 8, 'the level that the value was held against');
  const back = { starts: [-3, -2, -1, 0].map((at) => midnight + at * hour), means: [3, 3, 3, 3] };
  t.is(judge(rise, stepAt(0, 3), { past: back }).verdict, 'clear');
  t.is(judge(rise, stepAt(0, 3), { past: { starts: [midnight], means: [3] } }).verdict, 'nothing');
});

test('a swing is the highest less the lowest of the span', (t) => {
  const swing = testWith({ measure: 'swing', over: 4 * hour, level: 5, clear: 2 });
  const past = { starts: [-2, -1, 0].map((at) => midnight + at * hour), means: [12, 6, 8] };
  t.like(judge(swing, stepAt(0, 8), { past }), {
    verdict: 'crossed',
    reason: 'observed swing of 6 in 4 h is above 5',
  });
});

test('a departure is from the normal of the season, between the middles of the months', (t) => {
  const season = [1, 1, 5, 9, 5, 1, 1, 1, 1, 1, 1, 1];
  const departure = testWith({ measure: 'departure', season, level: 10, clear: 5 });
  const [february, march] = [Date.UTC(2026, 1, 15), Date.UTC(2026, 2, 16, 12)];
  t.is(judge(departure, stepAt(0, 12, { start: february })).verdict, 'crossed');
  t.is(judge(departure, stepAt(0, 12, { start: march })).verdict, 'between');
  t.is(judge(departure, stepAt(0, 12, { start: march })).evidence!.level, 15);
});

test('a probability is that of the likeliest horizon within reach', (t) => {
  const likely = testWith({
    on: 'forecast',
    measure: 'probability',
    level: 20,
    probability: 0.4,
    clear: 0.2,
  });
  const quantiles = [0.1, 0.5, 0.9];
  const forecast = forecastAt(0, [0, 0], {
    quantiles,
    values: [
      [1, 2, 3],
      [5, 18, 30],
    ],
  });
  const { verdict, evidence, reason } = judge(likely, forecast, { unit: 'ug/L' });
  t.is(verdict, 'crossed');
  t.is(evidence!.horizon, 2);
  t.is(evidence!.probability!.toFixed(3), (0.5 - (0.4 * 2) / 12).toFixed(3));
  t.deepEqual(evidence!.interval, { low: 5, high: 30, coverage: 0.8 });
  t.is(reason, 'forecast: 43 % probability of above 20 ug/L within 2 h, to warn from 40 %');
  t.is(judge({ ...likely, within: hour }, forecast).verdict, 'clear');
});
