import test, { type ExecutionContext } from 'ava';
import { fates, pending } from '../../src/ledger.ts';
import { type Fault, FaultServer } from '../fault-server.ts';
import { limitFiles, until } from '../process.ts';
import { startInflux, startMosquitto } from '../servers.ts';
import { Buoys, lastStep, minute, type Shore, settingsOf, startShore, stored } from './shore-edge.ts';

/** What is wrong with the store; the last one is that nobody listens. */
const faults: readonly Fault[] = [
  { slow: 2000 },
  { status: 401, body: '{"error":"authorization failed"}' },
  { status: 429 },
  { status: 500, body: '{"error":"engine is closed"}' },
  'reset in body',
  'hang in body',
  'hang',
  'lost answer',
];

const isTold = ({ told }: Shore, station: string) =>
  told.some(({ station: of, to }) => of === station && to === 'firing');

async function balances(t: ExecutionContext, { edge }: Shore, received: number): Promise<void> {
  const total = edge.ledger.total();
  t.is(total.received, received);
  t.is(total.stored, received, JSON.stringify(total));
  t.is(pending(total), 0);
}

test.serial(
  'a store that is slow, refuses, fails, breaks off or is silent keeps no warning back, and misses nothing',
  async (t) => {
    t.timeout(400_000);
    const [broker, influx] = [await startMosquitto(t), await startInflux(t)];
    if (!broker || !influx) return;
    const way = await FaultServer.start(t, influx.url);
    const shore = await startShore(t, settingsOf(broker.url, way.url));
    const buoys = await Buoys.connect(t, broker.url);
    for (const [n, fault] of faults.entries()) {
      way.always(fault);
      const before = way.seen.length;
      await buoys.series(`S${n}`, lastStep, [4, 9, 9.5]);
      await until(`a warning while ${JSON.stringify(fault)}`, () => isTold(shore, `S${n}`));
      await until('a write through the fault', () => way.seen.length > before);
      way.always('pass');
      await shore.edge.drained();
    }
    await influx.kill();
    await buoys.series('S9', lastStep, [4, 9, 9.5]);
    await until('a warning while nobody listens', () => isTold(shore, 'S9'));
    await until('the failure', () => shore.edge.status().store.state === 'spilling');
    await influx.start();
    await shore.edge.drained();
    t.deepEqual(await stored(influx.url), [...buoys.sent].sort());
    await balances(t, shore, buoys.sent.length);
    t.is(shore.told.length, faults.length + 1, 'each is told once');
  },
);

test.serial(
  'an InfluxDB that can write no more keeps no warning back, and gets all once it can',
  async (t) => {
    t.timeout(400_000);
    const [broker, influx] = [await startMosquitto(t), await startInflux(t)];
    if (!broker || !influx) return;
    const shore = await startShore(t, settingsOf(broker.url, influx.url));
    const buoys = await Buoys.connect(t, broker.url);
    await buoys.series('S0', lastStep, [4, 4, 4]);
    await shore.edge.drained();
    if (!limitFiles(t, influx.pid, 1)) return;
    await buoys.series('S1', lastStep, [4, 9, 9]);
    await until('a warning', () => isTold(shore, 'S1'));
    await until('the failure', () => shore.edge.status().store.detail !== undefined);
    t.regex(shore.edge.status().store.detail!, /file too large/);
    limitFiles(t, influx.pid, 'unlimited');
    await shore.edge.drained();
    t.deepEqual(await stored(influx.url), [...buoys.sent].sort());
    await balances(t, shore, buoys.sent.length);
  },
);

/** Small blocks and little room, so that a few messages fill it. */
const tight = (url: string, full: 'stop' | 'shed') =>
  ({
    kind: 'influx',
    url,
    database: 'outage',
    batch: 20,
    memory: 40,
    waiting: { maximum: '0.03 MiB', full },
  }) as const;

test.serial(
  'where the room for what waits is used up messages wait at the broker, and all is stored in the end',
  async (t) => {
    t.timeout(400_000);
    const [broker, influx] = [await startMosquitto(t), await startInflux(t)];
    if (!broker || !influx) return;
    await influx.kill();
    const shore = await startShore(
      t,
      settingsOf(broker.url, influx.url, { store: tight(influx.url, 'stop') }),
    );
    const buoys = await Buoys.connect(t, broker.url);
    const { ledger, status } = shore.edge;
    for (let n = 0; !status().journal.held?.includes('used up'); n++) {
      if (n > 2000) return t.fail('the room is never used up');
      await buoys.publish('S0', lastStep - n * minute, 4);
    }
    for (let n = 0; n < 50; n++) await buoys.publish('S1', lastStep - n * minute, 4);
    const { received } = ledger.total();
    t.true(received < buoys.sent.length, `${received} of ${buoys.sent.length} were taken`);
    await influx.start();
    await until('the rest', () => ledger.total().received === buoys.sent.length);
    await shore.edge.drained();
    t.deepEqual(await stored(influx.url), [...buoys.sent].sort());
    await balances(t, shore, buoys.sent.length);
  },
);

test.serial('where shedding is allowed warnings go on, and the ledger says how much was shed', async (t) => {
  t.timeout(400_000);
  const [broker, influx] = [await startMosquitto(t), await startInflux(t)];
  if (!broker || !influx) return;
  await influx.kill();
  const shore = await startShore(t, settingsOf(broker.url, influx.url, { store: tight(influx.url, 'shed') }));
  const buoys = await Buoys.connect(t, broker.url);
  const { ledger } = shore.edge;
  for (let n = 2000; n > 0 && ledger.total().shed < 100; n--)
    await buoys.publish('S0', lastStep - n * minute, 4);
  await buoys.series('S1', lastStep, [4, 9, 9]);
  await until('a warning', () => isTold(shore, 'S1'));
  await influx.start();
  await shore.edge.drained();
  const total = ledger.total();
  const found = await stored(influx.url);
  t.is(found.length, total.stored);
  t.is(total.received, buoys.sent.length);
  t.true(total.shed >= 100);
  t.is(
    fates.reduce((sum, fate) => sum + total[fate], 0),
    total.received,
    JSON.stringify(total),
  );
  t.deepEqual(
    found.filter((one) => !buoys.sent.includes(one)),
    [],
  );
});
