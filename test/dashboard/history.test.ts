import test from 'ava';
import fc from 'fast-check';
import { drawn, foretold, type History, type Span } from '../../src/dashboard/history.ts';
import { startHttpServer } from '../../src/dashboard/http-server.ts';
import { createMetrics } from '../../src/dashboard/metrics.ts';
import { exampleStatus } from './example-status.ts';

const hour = 3_600_000;
const day = 24 * hour;
const span: Span = { from: 0, to: day, station: 'B01', variable: 'chlorophyll' };

async function* none() {}
const reading = (time: number, value: number, flag = 1, sensor = 'a') => ({ sensor, time, value, flag });

function historyOf(part: {
  readonly readings?: readonly ReturnType<typeof reading>[];
  readonly steps?: readonly object[];
  readonly forecasts?: readonly object[];
  readonly alerts?: readonly object[];
}): History {
  async function* each(items: readonly object[] = []) {
    yield* items;
  }
  return {
    readings: () => each(part.readings),
    steps: () => each(part.steps),
    forecasts: () => each(part.forecasts),
    alerts: () => each(part.alerts),
  } as unknown as History;
}

test('whatever the values, a picture keeps the extremes, the mean of each bucket, and the worst flag', async (t) => {
  const value = fc.record({
    time: fc.integer({ min: 0, max: day - 1 }),
    value: fc.integer({ min: -100, max: 100 }),
    flag: fc.constantFrom(1, 2, 3, 4),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      async (values, width) => {
        const readings = values.map((one) => reading(one.time, one.value, one.flag));
        const picture = await drawn(historyOf({ readings }), span, width);
        const slow = Array.from({ length: width }, (_, at) =>
          values.filter(({ time }) => Math.floor(time / (day / width)) === at),
        ).filter((own) => own.length > 0);
        t.deepEqual(
          picture.low,
          slow.map((own) => Math.min(...own.map((one) => one.value))),
        );
        t.deepEqual(
          picture.high,
          slow.map((own) => Math.max(...own.map((one) => one.value))),
        );
        t.deepEqual(
          picture.flag,
          slow.map((own) => Math.max(...own.map((one) => one.flag))),
        );
        slow.forEach((own, at) => {
          const mean = own.reduce((sum, one) => sum + one.value, 0) / own.length;
          t.true(Math.abs(picture.mean[at]! - mean) < 1e-9);
        });
        t.true(picture.time.every((time, at) => at === 0 || time > picture.time[at - 1]!));
      },
    ),
    { numRuns: 100 },
  );
});

test('beyond three days step means are drawn, without the empty ones, and only one sensor', async (t) => {
  const step = (start: number, mean: number, count = 6, sensor = 'a') => ({
    sensor,
    start,
    length: hour,
    mean,
    minimum: mean - 1,
    maximum: mean + 1,
    count,
    flag: 1,
  });
  const steps = [step(0, 5), step(hour, Number.NaN, 0), step(2 * hour, 7), step(0, 99, 6, 'b')];
  const picture = await drawn(historyOf({ steps }), { ...span, to: 30 * day }, 720);
  t.deepEqual(picture, {
    sensor: 'a',
    time: [hour / 2, 2.5 * hour],
    low: [4, 6],
    mean: [5, 7],
    high: [6, 8],
    flag: [1, 1],
  });
});

test('of the forecasts the first-issued ones of a horizon are drawn, where they are for', async (t) => {
  const forecast = (issuedAt: number, revision: number, base: number) => ({
    issuedAt,
    revision,
    step: hour,
    horizons: [1, 6],
    quantiles: [0.1, 0.5, 0.9],
    values: [
      [base, base + 1, base + 2],
      [base + 10, base + 11, base + 12],
    ],
  });
  const forecasts = [forecast(0, 0, 1), forecast(0, 1, 100), forecast(hour, 0, 2)];
  t.deepEqual(await foretold(historyOf({ forecasts }), span, 6), {
    horizon: 6,
    time: [5.5 * hour, 6.5 * hour],
    median: [12, 13],
    low: [11, 12],
    high: [13, 14],
  });
});

test('a year of ten-minute data becomes a small picture', async (t) => {
  const steps = Array.from({ length: 52_560 }, (_, at) => ({
    sensor: 'a',
    start: at * 600_000,
    length: 600_000,
    mean: at === 30_000 ? 500 : Math.sin(at / 500),
    minimum: at === 30_000 ? 500 : -1,
    maximum: at === 30_000 ? 500 : 1,
    count: 1,
    flag: 1,
  }));
  const picture = await drawn(historyOf({ steps }), { ...span, to: 365 * day }, 800);
  t.is(picture.time.length, 800);
  t.is(Math.max(...picture.high), 500, 'the one spike is still there');
});

test('over HTTP: values in columns, and faults with what to do', async (t) => {
  const history = historyOf({ readings: [reading(1000, 3), reading(2000, 5)] });
  const server = await startHttpServer({
    port: 0,
    status: () => exampleStatus(),
    metrics: createMetrics(),
    history,
  });
  t.teardown(() => server.stop());
  const ask = (query: string) => fetch(`${server.url}api/history?${query}`);
  const answer = await ask('station=B01&variable=chlorophyll&from=0&to=10000&width=10');
  t.deepEqual(await answer.json(), {
    sensor: 'a',
    time: [1000, 2000],
    low: [3, 5],
    mean: [3, 5],
    high: [3, 5],
    flag: [1, 1],
  });
  for (const [query, reason] of [
    ['station=B01', /station and variable must be given/],
    ['station=B01&variable=x&from=5&to=5&width=10', /from 5 must be before to 5/],
    ['station=B01&variable=x&from=0&to=9&width=1e9', /width must be a number from 1 to 2000, not "1e9"/],
  ] as const) {
    const bad = await ask(query);
    t.is(bad.status, 400);
    t.regex(((await bad.json()) as { error: string }).error, reason);
  }
  const away = { readings: none, steps: none, forecasts: none } as unknown as History;
  away.readings = () => {
    throw new Error('timeout');
  };
  const other = await startHttpServer({
    port: 0,
    status: () => exampleStatus(),
    metrics: createMetrics(),
    history: away,
  });
  t.teardown(() => other.stop());
  const broken = await fetch(`${other.url}api/history?station=B01&variable=x&from=0&to=9&width=3`);
  t.is(broken.status, 503);
  t.deepEqual(await broken.json(), { error: 'the store could not be read: timeout' });
});

test('over HTTP: the audit trail of one alert, in order', async (t) => {
  const id = 'bloom/B01/2026-03-01T00:00:00.000Z';
  const [first, second] = [
    { id, sequence: 1, to: 'firing' },
    { id, sequence: 2, to: 'acknowledged', author: 'A. Officer' },
  ];
  const asked: object[] = [];
  const history = historyOf({});
  history.alerts = async function* (query) {
    asked.push(query);
    yield* [second, { ...first, id: 'bloom/B02/2026-03-01T00:00:00.000Z' }, first];
  };
  const server = await startHttpServer({
    ...{ port: 0, status: () => exampleStatus(), metrics: createMetrics(), history },
  });
  t.teardown(() => server.stop());
  const ask = (alert: string) => fetch(`${server.url}api/trail?alert=${encodeURIComponent(alert)}`);
  t.deepEqual(await (await ask(id)).json(), { trail: [first, second] });
  t.like(asked[0], { from: Date.UTC(2026, 2, 1) });
  const bad = await ask('bloom');
  t.is(bad.status, 400);
  t.regex(await bad.text(), /alert must name one/);
});

test('what the page loads is under 150 kB over the wire, compressed, and known again', async (t) => {
  const server = await startHttpServer({
    port: 0,
    status: () => exampleStatus(),
    metrics: createMetrics(),
    history: historyOf({}),
  });
  t.teardown(() => server.stop());
  const seen = new Map<string, number>();
  const load = async (path: string) => {
    if (seen.has(path)) return;
    const response = await fetch(new URL(path, server.url), { headers: { 'Accept-Encoding': 'gzip' } });
    t.is(response.status, 200, path);
    const bytes = Number(response.headers.get('content-length'));
    const text = await response.text();
    seen.set(path, bytes);
    const etag = response.headers.get('etag');
    if (etag) {
      t.is(response.headers.get('content-encoding'), 'gzip');
      const again = await fetch(new URL(path, server.url), { headers: { 'If-None-Match': etag } });
      t.is(again.status, 304);
    }
    for (const [, found] of text.matchAll(/(?:from '|src="|href=")([./][\w./-]*\.(?:js|css))['"]/g))
      await load(new URL(found!, new URL(path, server.url)).pathname);
  };
  await load('/');
  t.true(seen.has('/page/main.js') && seen.has('/uplot.js') && seen.size > 12, [...seen.keys()].join());
  const total = [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
  t.log(`${seen.size} files, ${total} bytes`);
  t.true(total < 150_000);
});
