import test from 'ava';
import type { Forecast } from '../../src/model/forecast.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import type { Stored } from '../../src/store/store.ts';
import { storeContract } from '../contracts/store.ts';
import { startInflux } from '../servers.ts';
import { all, always, contents, forecast, hour, reading, start, step, verification } from './points.ts';

storeContract(
  'InfluxDB',
  async (t) => {
    const server = await startInflux(t);
    if (!server) return undefined;
    const open = async () => {
      const store = new InfluxStore({ url: server.url, database: 'buoys, "all"' });
      await store.open();
      return store;
    };
    const store = await open();
    const reopen = async () => {
      await store.close();
      await server.kill();
      await server.start();
      return open();
    };
    return { store, reopen };
  },
  30,
);

test('InfluxDB: what is read while it is written is whole', async (t) => {
  t.timeout(120_000);
  const server = await startInflux(t);
  if (!server) return;
  const store = new InfluxStore({ url: server.url, database: 'busy' });
  await store.open();
  let batches = 0;
  const writing = (async () => {
    for (; batches < 120; batches++) await store.write(pointsOf(batches));
  })();
  while (batches < 120) {
    const recent = { from: start + Math.max(0, batches - 3) * perBatch * hour, to: always.to };
    for (const point of await contents(store, recent)) t.deepEqual(point, asWritten(point));
  }
  await writing;
  t.is((await all(store.readings(always))).length, 120 * perBatch);
});

const perBatch = 100;

const pointsOf = (batch: number) =>
  Array.from({ length: perBatch }, (_, i) => start + (batch * perBatch + i) * hour).flatMap((time) => [
    reading({ time }),
    step({ start: time }),
    forecast({ issuedAt: time }),
    verification({ issuedAt: time }),
  ]);

/** Of a forecast those of its horizons that are there. */
function asWritten(point: Stored): Stored {
  if (point.kind === 'reading') return reading({ time: point.time });
  if (point.kind === 'step') return step({ start: point.start });
  if (point.kind === 'verification') return verification({ issuedAt: point.issuedAt });
  const { issuedAt, horizons } = point as Forecast;
  const { values } = forecast();
  return forecast({ issuedAt, horizons, values: horizons.map((horizon) => values[horizon - 1]!) });
}
