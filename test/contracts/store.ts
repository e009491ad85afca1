import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { exportSorted } from '../../src/store/export.ts';
import type { Store, Stored } from '../../src/store/store.ts';
import {
  alert,
  all,
  always,
  contents,
  emptyStep,
  forecast,
  hour,
  reading,
  start,
  step,
  verification,
} from '../store/points.ts';
import { expectedExport, storedPoint } from '../store/reference.ts';

function without<T extends object>(point: T, ...names: (keyof T)[]): T {
  return Object.fromEntries(Object.entries(point).filter(([name]) => !names.includes(name as keyof T))) as T;
}

/** A new, empty store, opened. `reopen` gives the same one after a restart; undefined where a server is missing. */
export type OpenStore = (
  t: ExecutionContext,
) => Promise<{ readonly store: Store; readonly reopen: () => Promise<Store> } | undefined>;

/** What every store must do, whatever it is made of. `runs` is the number of random histories to try. */
export function storeContract(name: string, open: OpenStore, runs: number): void {
  const holds = (
    what: string,
    check: (t: ExecutionContext, store: Store, reopen: () => Promise<Store>) => Promise<void>,
  ) =>
    test.serial(`${name}: ${what}`, async (t) => {
      const opened = await open(t);
      if (opened) await check(t, opened.store, opened.reopen);
    });

  holds('gives back every kind of point as it was written', async (t, store) => {
    const points = [reading(), step(), forecast(), verification(), alert()];
    t.deepEqual(await store.write(points), { stored: 5, refused: [] });
    t.deepEqual(await contents(store), points);
  });

  holds('keeps flags, failed checks, lateness and revisions', async (t, store) => {
    const points = [
      reading({ flag: 3, failed: ['spike', 'rateOfChange'], revision: 'flagged' }),
      reading({ time: start + 1, flag: 9, revision: 'correction', lateOnly: true }),
      emptyStep({ start }),
      step({ start: start + hour, count: 1, deviation: 0, revision: 7 }),
    ];
    await store.write(points);
    t.deepEqual(await contents(store), points);
  });

  holds('keeps numbers to the last bit', async (t, store) => {
    const values = [
      0,
      -1.5,
      0.1 + 0.2,
      1e21,
      1e-7,
      5e-324,
      1.7976931348623157e308,
      -(2 ** 53),
      1 / 3,
      123456789.12345679,
    ];
    const points = values.map((value, at) =>
      reading({ time: start + at, value, receivedAt: 2 ** 53 - 1 - at }),
    );
    await store.write(points);
    t.deepEqual(await all(store.readings(always)), points);
  });

  holds('keeps times before 1970, at 0 and far ahead', async (t, store) => {
    const points = [-9e12, -1, 0, 1, 9e12].map((time) => reading({ time }));
    await store.write(points);
    t.deepEqual(await all(store.readings(always)), points);
    t.deepEqual(
      await all(store.readings({ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY })),
      points,
    );
  });

  holds('overwrites by identity, wholly', async (t, store) => {
    await store.write([reading({ value: 1, flag: 4, failed: ['grossRange'] }), step({ mean: 1 })]);
    const [corrected, emptied] = [reading({ value: 2, revision: 'correction' }), emptyStep({ revision: 1 })];
    await store.write([corrected, emptied]);
    t.deepEqual(await contents(store), [corrected, emptied]);
    await store.write([step({ revision: 2 })]);
    t.deepEqual(await all(store.steps(always)), [step({ revision: 2 })]);
  });

  holds('is not changed by repeats', async (t, store) => {
    const points = [reading(), step(), forecast(), verification(), alert(), reading(), alert()];
    for (let time = 0; time < 3; time++) t.is((await store.write(points)).stored, points.length);
    t.deepEqual(await contents(store), points.slice(0, 5));
  });

  holds('lets the later of two values in one batch win', async (t, store) => {
    const values = Array.from({ length: 300 }, (_, at) => at);
    await store.write(values.map((value) => reading({ value })));
    t.deepEqual(await all(store.readings(always)), [reading({ value: 299 })]);
  });

  holds('tells apart what differs in any part of its identity', async (t, store) => {
    const points = [
      reading(),
      reading({ time: start + 1 }),
      reading({ variable: 'salinity' }),
      reading({ sensor: 'second' }),
      reading({ station: 'B02' }),
    ];
    await store.write(points.toReversed());
    t.deepEqual(await all(store.readings(always)), points);
  });

  holds(
    'keeps the first forecast beside its revisions, and forecasts of one time beside each other',
    async (t, store) => {
      const points = [
        forecast(),
        forecast({
          revision: 1,
          values: [
            [7, 8, 9],
            [7, 8, 9],
            [7, 8, 9],
          ],
        }),
        forecast({ issuedAt: start + hour, quantiles: [0.5], values: [[1], [2], [3]] }),
        forecast({
          issuedAt: start + 2 * hour,
          horizons: [1, 24],
          values: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        }),
        forecast({ issuedAt: start + 3 * hour, horizons: [6], values: [[1, 2, 3]] }),
        forecast({ variable: 'salinity', revision: 2 }),
        forecast({ station: 'B02', step: hour / 2 }),
      ];
      await store.write(points.toReversed());
      t.deepEqual(await all(store.forecasts(always)), points);
    },
  );

  holds('keeps which model made each horizon, and its record at the time of issue', async (t, store) => {
    const makers = [
      { model: 'a1', network: 'study-lstm' },
      { model: 'b2', network: 'persistence' },
      { model: 'b2', network: 'persistence' },
    ];
    const points = [
      forecast({ network: 'line-up', makers, record: { verified: 12, skill: -0.25, coverage: 0.75 } }),
      forecast({ network: 'line-up', record: { verified: 1 }, issuedAt: start + hour }),
    ];
    await store.write(points);
    t.deepEqual(await all(store.forecasts(always)), points);
  });

  holds('keeps verifications, those of one step by horizon', async (t, store) => {
    const points = [
      verification({ horizon: 1, issuedAt: start + 2 * hour }),
      verification({ horizon: 2, issuedAt: start + hour, within: false }),
      {
        ...without(
          verification({ horizon: 3, issuedAt: start }),
          'within',
          'skill',
          'coverage',
          'climatology',
          'skillOverClimatology',
        ),
        verified: 1,
      },
      verification({ horizon: 1, issuedAt: start + 3 * hour, bias: -2, drift: 1.2 }),
      verification({ horizon: 3, issuedAt: start, step: 2 * hour }),
      verification({ variable: 'salinity', censored: true }),
    ];
    await store.write(points.toReversed());
    t.deepEqual(await all(store.verifications(always)), points);
  });

  holds('keeps every transition of an alert, two at the same time included', async (t, store) => {
    const points = [
      alert(),
      alert({ from: 'pending', to: 'firing' }),
      alert({ from: 'firing', to: 'resolved', time: start + hour }),
      alert({ rule: 'other', time: start + hour }),
      alert({ station: 'B02' }),
    ];
    await store.write(points.toReversed());
    t.deepEqual(await all(store.alerts(always)), points);
  });

  holds('reads half-open intervals', async (t, store) => {
    const at = [0, 1, 2, 3].map((hours) => start + hours * hour);
    await store.write(
      at.flatMap((time) => [
        reading({ time }),
        step({ start: time }),
        forecast({ issuedAt: time }),
        alert({ time }),
      ]),
    );
    const query = { from: at[1]!, to: at[3]! };
    t.deepEqual(
      (await all(store.readings(query))).map(({ time }) => time),
      at.slice(1, 3),
    );
    t.deepEqual(
      (await all(store.steps(query))).map((one) => one.start),
      at.slice(1, 3),
    );
    t.deepEqual(
      await all(store.forecasts(query)),
      at.slice(1, 3).map((issuedAt) => forecast({ issuedAt })),
    );
    t.deepEqual(
      (await all(store.alerts(query))).map(({ time }) => time),
      at.slice(1, 3),
    );
    t.deepEqual(await contents(store, { from: start + 1, to: start + 2 }), []);
    t.deepEqual(await contents(store, { from: at[3]!, to: at[1]! }), []);
  });

  holds('narrows to a station and a variable', async (t, store) => {
    const evidence = { ...alert().evidence, variable: 'salinity' };
    const points = ['B01', 'B02'].flatMap((station) => [
      reading({ station }),
      reading({ station, variable: 'salinity' }),
      step({ station, variable: 'salinity' }),
      forecast({ station, variable: 'salinity' }),
      alert({ station, evidence }),
    ]);
    await store.write(points);
    t.is((await contents(store, { ...always, station: 'B02' })).length, 5);
    t.is((await contents(store, { ...always, station: 'B0' })).length, 0);
    const narrow = await contents(store, { ...always, station: 'B02', variable: 'salinity' });
    t.deepEqual(narrow, points.slice(6));
    t.is((await contents(store, { ...always, variable: 'chlorophyll' })).length, 2);
  });

  holds('takes any name, and sorts by its UTF-8 bytes', async (t, store) => {
    const sorted = (names: string[]) => names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const names = sorted([...nastyNames]);
    const named = (name: string): Stored[] => [
      reading({ station: name, sensor: name, variable: name, failed: [name.replaceAll(',', ';')] }),
      step({ station: name, sensor: name, variable: name }),
      forecast({ station: name, variable: name, model: name }),
      alert({
        station: name,
        rule: name,
        id: name,
        reason: name,
        evidence: { ...alert().evidence, variable: name },
      }),
    ];
    const result = await store.write(names.toReversed().flatMap(named));
    t.deepEqual(result, { stored: names.length * 4, refused: [] });
    for (const [at, read] of [
      store.readings(always),
      store.steps(always),
      store.forecasts(always),
      store.alerts(always),
    ].entries())
      t.deepEqual(
        await all<Stored>(read),
        names.map((name) => named(name)[at]!),
      );
    for (const name of names)
      t.deepEqual(await contents(store, { ...always, station: name, variable: name }), named(name));
  });

  holds('refuses what cannot be told, says why, and stores the rest', async (t, store) => {
    const result = await store.write([reading(), ...untellable.map(([point]) => point), step()]);
    t.is(result.stored, 2);
    t.deepEqual(
      result.refused.map(({ point }) => point),
      untellable.map(([point]) => point),
    );
    for (const [at, [, reason]] of untellable.entries()) t.regex(result.refused[at]!.reason, reason);
    t.deepEqual(await contents(store), [reading(), step()]);
  });

  holds('takes an empty batch', async (t, store) => {
    t.deepEqual(await store.write([]), { stored: 0, refused: [] });
    t.deepEqual(await contents(store), []);
  });

  holds('stores 20,000 points of one series and reads them in order', async (t, store) => {
    const points = Array.from({ length: 20_000 }, (_, at) =>
      reading({ time: start + at * 1000, value: at / 7 }),
    );
    t.is(
      (await store.write(points.toSorted((a, b) => ((a.value * 7919) % 1) - ((b.value * 7919) % 1)))).stored,
      20_000,
    );
    t.deepEqual(await all(store.readings(always)), points);
  });

  holds('takes writes at the same time', async (t, store) => {
    const batches = Array.from({ length: 20 }, (_, batch) =>
      Array.from({ length: 50 }, (_, at) =>
        reading({ sensor: `s${batch + 10}`, time: start + at, value: batch }),
      ),
    );
    const results = await Promise.all(batches.map((batch) => store.write(batch)));
    t.true(results.every(({ stored }) => stored === 50));
    t.deepEqual(await all(store.readings(always)), batches.flat());
  });

  holds('has everything after a restart', async (t, store, reopen) => {
    const points = [reading(), emptyStep(), forecast(), verification(), alert()];
    await store.write(points);
    const again = await reopen();
    t.deepEqual(await contents(again), points);
    t.deepEqual((await again.write(points)).stored, 5);
    t.deepEqual(await contents(again), points);
  });

  holds('opens a second time without harm', async (t, store) => {
    await store.write([reading()]);
    await store.open();
    t.deepEqual(await contents(store), [reading()]);
  });

  holds('holds the last value of each identity after any history of writes', async (t, store) => {
    let run = 0;
    const batches = fc.array(fc.array(storedPoint, { maxLength: 12 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(batches, async (history) => {
        const station = `run ${run++}`;
        const own = history.map((batch) => batch.map((point) => ({ ...point, station })));
        for (const batch of own) await store.write(batch);
        const lines = await all(exportSorted(store, { ...always, station }));
        t.deepEqual(lines, expectedExport(own.flat()));
      }),
      { numRuns: runs },
    );
  });
}

const nastyNames = [
  'two words',
  ' leading and trailing ',
  'a,b=c d',
  '"quoted"',
  "it's",
  'back\\slash',
  'back\\,slash',
  'back\\\\ =slash',
  '\\n',
  '$station',
  '%41?&#x;{}[]',
  '#comment',
  'é',
  'e\u0301',
  'Ørsted–Å',
  '浮标',
  '\ue000',
  '\uffee',
  '🌊',
  '👩‍🔬',
  'time',
  'SELECT',
  '0',
  '-1.5',
  'x'.repeat(255),
];

const untellable: readonly (readonly [Stored, RegExp])[] = [
  [reading({ station: '' }), /station "" is empty/],
  [reading({ sensor: 'a\nreading,station=b value=1' }), /sensor .* line break/],
  [reading({ variable: 'a\\' }), /variable .* backslash/],
  [reading({ station: 'x'.repeat(256) }), /longer than 255 bytes/],
  [reading({ station: '\ud800' }), /well-formed/],
  [reading({ value: Number.NaN }), /value NaN is not a finite number/],
  [reading({ value: Number.POSITIVE_INFINITY }), /value Infinity/],
  [reading({ time: start + 0.5 }), /time .* whole number/],
  [reading({ time: 1e15 }), /1677 to 2262/],
  [reading({ receivedAt: Number.NaN }), /receivedAt NaN/],
  [step({ mean: Number.NaN }), /mean NaN/],
  [forecast({ horizons: [], values: [] }), /no horizons/],
  [forecast({ horizons: [2, 1, 3] }), /horizons 2,1,3/],
  [forecast({ quantiles: [0.5] }), /do not fit/],
  [forecast({ quantiles: [0.05, 0.5, 1.5] }), /quantiles 0.05,0.5,1.5/],
  [
    forecast({
      values: [
        [1, 2, 3],
        [1, Number.NaN, 3],
        [1, 2, 3],
      ],
    }),
    /q50 NaN/,
  ],
  [alert({ rule: 'a\tb' }), /rule .* control/],
  [alert({ reason: 'x'.repeat(70_000) }), /reason .* longer/],
];
