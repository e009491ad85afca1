import type { ExecutionContext } from 'ava';
import test from 'ava';
import { backgroundFrom } from '../../src/commands/background.ts';
import { openDisk } from '../../src/disk.ts';
import type { Forecast } from '../../src/model/forecast.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { forecastAt, hour, stepAt } from '../alerts/evidence.ts';
import { transitionOf } from '../alerts/transition.ts';
import { temporaryFolder } from '../process.ts';

async function filled(t: ExecutionContext, upTo = 0): Promise<Store> {
  const disk = openDisk(temporaryFolder(t));
  const store = new LmdbStore(disk);
  await store.open();
  t.teardown(() => disk.close());
  const hours = Array.from({ length: 72 }, (_, i) => i - 71);
  await store.write(hours.map((at) => stepAt(at - 1, 10 + (at % 5))));
  const quantiles = [0.05, 0.5, 0.95];
  const said = (at: number) =>
    forecastAt(at, [1, 2, 3], { quantiles, values: [1, 2, 3].map(() => [5, 10, 15]) });
  await store.write(hours.filter((at) => at <= upTo).map(said));
  return store;
}

test('a message shows the last two days, the forecast that decided, and how the model has been doing', async (t) => {
  const { chart, record } = await backgroundFrom(await filled(t))(transitionOf(0));
  t.is(chart?.observed.length, 48);
  t.deepEqual([chart?.issuedAt, chart?.forecast.length, chart?.coverage], ['2026-03-01T00:00Z', 3, 0.9]);
  t.like(record, { horizon: 3, days: 30, inside: 1, coverage: 0.9 });
  t.true(record!.forecasts > 60 && record!.error > 0 && record!.persistence! > 0);
});

test('nothing that came after the message is in it, so that a repeat says the same', async (t) => {
  const store = await filled(t);
  await store.write([stepAt(0, 99), stepAt(1, 99)]);
  const { chart } = await backgroundFrom(store)({
    ...transitionOf(0),
    time: transitionOf(0).time + hour / 2,
  });
  t.false(chart!.observed.some(({ value }) => value === 99));
});

test('a forecast that has not reached the store yet is waited for, a while', async (t) => {
  const store = await filled(t, -1);
  const late: Forecast = forecastAt(0, [20, 21, 24.1]);
  const background = backgroundFrom(store, { pause: 100, looks: 20 })(transitionOf(0));
  await store.write([late]);
  t.is((await background).chart?.issuedAt, '2026-03-01T00:00Z');
  const never = await backgroundFrom(await filled(t, -1), { pause: 1, looks: 2 })(transitionOf(0));
  t.is(never.chart?.issuedAt, '2026-02-28T23:00Z', 'the newest there is');
});

test('a store that is away, or does not answer, costs no more than the picture', async (t) => {
  const store = await filled(t);
  const away = Object.assign(Object.create(store) as Store, {
    forecasts: () => {
      throw new Error('away');
    },
  });
  t.deepEqual(await backgroundFrom(away)(transitionOf(0)), {});
  const hangs = Object.assign(Object.create(store) as Store, {
    steps: async function* () {
      await new Promise(() => {});
    },
  });
  t.deepEqual(await backgroundFrom(hangs, { patience: 50 })(transitionOf(0)), {});
});

test('an observation is shown with the newest forecast, and has no model to judge', async (t) => {
  const { issuedAt, horizon, model, ...seen } = transitionOf(0).evidence;
  const evidence = { ...seen, on: 'observed' as const, time: transitionOf(0).time - hour };
  const { chart, record } = await backgroundFrom(await filled(t, -3))({ ...transitionOf(0), evidence });
  t.is(chart?.issuedAt, '2026-02-28T21:00Z');
  t.is(record, undefined);
});
