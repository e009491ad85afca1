import test from 'ava';
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { uniform } from '../../../src/model/engine/initial.ts';
import type { Forecast } from '../../../src/model/forecast.ts';
import { chooseMember } from '../../../src/model/online/choose-member.ts';
import { MemoryKeep } from '../../../src/stream/kept.ts';
import type { Window } from '../../../src/stream/window.ts';
import { hour, june } from '../samples.ts';

const options = { step: hour, revisable: 2 * hour };

/** Hour by hour a window of 4 steps and forecasts of its next by members, each with an error of its own. */
function history(count: number, errors: (at: number) => Record<string, number>): (Window | Forecast)[] {
  const next = uniform(5);
  const truth = Array.from({ length: count + 8 }, () => 10 * next());
  return Array.from({ length: count }, (_, i) => i + 4).flatMap((at) => {
    const forecasts = Object.entries(errors(at)).map(([network, error]) =>
      forecastOf(at, network, truth[at]! + error * (at % 2 ? 1 : -1)),
    );
    const [first, ...beside] = forecasts as [Forecast, ...Forecast[]];
    return [windowOf(at, truth.slice(at - 4, at)), { ...first, beside }];
  });
}

function windowOf(at: number, values: readonly number[]): Window {
  const full = new Uint8Array(4).fill(1);
  return {
    kind: 'window',
    station: 'buoy-1',
    end: june + at * hour,
    revision: 0,
    step: hour,
    lookback: 4,
    variables: ['chlorophyll'],
    values: Float64Array.from(values),
    mask: full,
    coverage: Float64Array.from(full),
  };
}

const forecastOf = (at: number, network: string, value: number): Forecast => ({
  kind: 'forecast',
  station: 'buoy-1',
  variable: 'chlorophyll',
  issuedAt: june + at * hour,
  revision: 0,
  model: 'line',
  network: 'line-up',
  makers: [{ model: `${network}-1`, network }],
  step: hour,
  horizons: [1],
  quantiles: [0.5],
  values: [[value]],
});

const run = (items: readonly (Window | Forecast)[], keep = new MemoryKeep()) =>
  lastValueFrom(from(items).pipe(chooseMember({ ...options, keep }), toArray()));

/** Who served, hour by hour. */
async function served(items: readonly (Window | Forecast)[]): Promise<string[]> {
  const told = await run(items);
  return told.flatMap((item) => (item.kind === 'forecast' ? [item.makers![0]!.network] : []));
}

test('a member that proves better serves after a week, and not before', async (t) => {
  const networks = await served(history(200, () => ({ persistence: 2, net: 1 })));
  const first = networks.indexOf('net');
  t.is(first, 168 + 2);
  t.true(networks.slice(first).every((one) => one === 'net'));
});

test('one that is hardly better, or worse, does not', async (t) => {
  t.false((await served(history(400, () => ({ persistence: 2, net: 1.95 })))).includes('net'));
  t.false((await served(history(400, () => ({ persistence: 2, net: 3 })))).includes('net'));
});

test('the best of several serves, and goes back when it is no longer better than the default', async (t) => {
  const errors = (at: number) => ({ persistence: 2, net: at < 300 ? 1 : 8, other: 1.5 });
  const networks = await served(history(900, errors));
  t.is(networks[200], 'net');
  t.is(networks.at(-1), 'other');
});

test('what goes out has nothing beside it, and other forecasts pass', async (t) => {
  const items = history(3, () => ({ persistence: 2, net: 1 }));
  const told = await run(items);
  t.true(told.every((item) => item.kind !== 'forecast' || item.beside === undefined));
  const plain = forecastOf(9, 'net', 1);
  t.deepEqual(await run([plain]), [plain]);
});

test('cut anywhere and taken up from what was saved, it chooses the same', async (t) => {
  const items = history(260, () => ({ persistence: 2, net: 1, other: 3 }));
  const whole = await run(items);
  await fc.assert(
    fc.asyncProperty(fc.nat(items.length), async (cut) => {
      const keep = new MemoryKeep();
      const before = cut > 0 ? await run(items.slice(0, cut), keep) : [];
      const after = cut < items.length ? await run(items.slice(cut), new MemoryKeep(keep.takeDirty())) : [];
      t.deepEqual([...before, ...after], whole);
    }),
    { numRuns: 20 },
  );
});
