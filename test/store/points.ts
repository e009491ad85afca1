import type { AlertTransition } from '../../src/alerts/alert.ts';
import type { Reading } from '../../src/ingest/reading.ts';
import type { Forecast } from '../../src/model/forecast.ts';
import type { Verification } from '../../src/model/online/verification.ts';
import type { Query, Store, Stored } from '../../src/store/store.ts';
import type { Step } from '../../src/stream/step.ts';

export const hour = 3_600_000;
/** 2026-05-01T00:00:00Z */
export const start = 1_777_593_600_000;
export const always: Query = { from: -1e13, to: 1e13 };

export const reading = (change: Partial<Reading> = {}): Reading => ({
  kind: 'reading',
  station: 'B01',
  sensor: 'fluorometer',
  variable: 'chlorophyll',
  time: start,
  value: 3.25,
  receivedAt: start + 1500,
  flag: 1,
  failed: [],
  revision: 'first',
  lateOnly: false,
  ...change,
});

export const step = (change: Partial<Step> = {}): Step => ({
  kind: 'step',
  station: 'B01',
  sensor: 'fluorometer',
  variable: 'chlorophyll',
  start,
  length: hour,
  mean: 3.1,
  count: 6,
  minimum: 2.5,
  maximum: 4,
  deviation: 0.1 + 0.2,
  coverage: 1,
  flag: 1,
  revision: 0,
  ...change,
});

const none = Number.NaN;
export const emptyStep = (change: Partial<Step> = {}): Step =>
  step({
    mean: none,
    count: 0,
    minimum: none,
    maximum: none,
    deviation: none,
    coverage: 0,
    flag: 4,
    ...change,
  });

export const forecast = (change: Partial<Forecast> = {}): Forecast => ({
  kind: 'forecast',
  station: 'B01',
  variable: 'chlorophyll',
  issuedAt: start,
  revision: 0,
  model: 'lstm-chlorophyll-4f1c',
  network: 'study-lstm',
  step: hour,
  horizons: [1, 2, 3],
  quantiles: [0.05, 0.5, 0.975],
  values: [
    [1, 2.5, 4],
    [1.1, 2.75, 5],
    [1.2, 3, 6.125],
  ],
  ...change,
});

export const verification = (change: Partial<Verification> = {}): Verification => ({
  kind: 'verification',
  station: 'B01',
  variable: 'chlorophyll',
  issuedAt: start,
  horizon: 1,
  step: hour,
  model: 'lstm-chlorophyll-4f1c',
  network: 'study-lstm',
  forecast: 2.5,
  measured: 3.25,
  persistence: 2,
  within: true,
  verified: 7,
  climatology: 7.5,
  skill: 0.4,
  skillOverClimatology: 0.125,
  coverage: 0.75,
  bias: -0.1,
  drift: 0.02,
  ...change,
});

export const alert = (change: Partial<AlertTransition> = {}): AlertTransition => ({
  kind: 'alert',
  id: `bloom/B01/${start}`,
  rule: 'bloom',
  area: 'B01',
  station: 'B01',
  stations: ['B01'],
  onset: start,
  from: 'inactive',
  to: 'pending',
  sequence: 1,
  time: start,
  cause: 'evidence',
  reason: 'forecast 14.2 "ug/L" in 3 h is above 10\\ug/L,\nfor 2 h',
  severity: 'moderate',
  evidence: {
    on: 'forecast',
    station: 'B01',
    variable: 'chlorophyll',
    value: 14.2,
    time: start + 2 * hour,
    issuedAt: start,
    horizon: 3,
    model: 'lstm-chlorophyll-4f1c',
  },
  more: [],
  mode: 'actual',
  ...change,
});

export async function all<T>(points: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const point of points) found.push(point);
  return found;
}

/** Everything that is in a store, kind by kind. */
export async function contents(store: Store, query: Query = always): Promise<Stored[]> {
  return [
    ...(await all(store.readings(query))),
    ...(await all(store.steps(query))),
    ...(await all(store.forecasts(query))),
    ...(await all(store.verifications(query))),
    ...(await all(store.alerts(query))),
  ];
}
