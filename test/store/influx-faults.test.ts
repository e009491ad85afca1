import test, { type ExecutionContext } from 'ava';
import { InfluxStore, type InfluxStoreOptions } from '../../src/store/influx-store.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { type Fault, FaultServer } from '../fault-server.ts';
import { until } from '../process.ts';
import { startInflux } from '../servers.ts';
import { all, always, contents, forecast, hour, reading, start, step } from './points.ts';

interface Setting {
  readonly server: NonNullable<Awaited<ReturnType<typeof startInflux>>>;
  readonly faults: FaultServer;
  readonly store: InfluxStore;
}

/** A store whose way to a real InfluxDB leads over a FaultServer. */
async function setUp(
  t: ExecutionContext,
  options: Partial<InfluxStoreOptions> = {},
  environment?: Readonly<Record<string, string>>,
): Promise<Setting | undefined> {
  const server = await startInflux(t, environment);
  if (!server) return undefined;
  const faults = await FaultServer.start(t, server.url);
  const deadlines = { deadline: 400, queryDeadline: 400 };
  const store = new InfluxStore({ url: faults.url, database: 'd', ...deadlines, ...options });
  return { server, faults, store };
}

const cuts: readonly (readonly [Fault, RegExp])[] = [
  ['hang', /no whole answer within 400 ms/],
  ['hang in body', /no whole answer within 400 ms/],
  ['reset', /ECONNRESET|socket|closed/i],
  ['reset in body', /ECONNRESET|terminated|closed|aborted|within/i],
  ['lost answer', /ECONNRESET|socket|closed/i],
  [{ slow: 2000 }, /no whole answer within 400 ms/],
];

const answers: readonly (readonly [Fault, RegExp])[] = [
  [{ status: 500, body: '{"error":"engine is closed"}' }, /500: engine is closed/],
  [{ status: 503 }, /503: no reason given/],
  [{ status: 429, headers: { 'retry-after': '7' } }, /429/],
  [{ status: 401, body: '{"error":"authorization failed"}' }, /401: authorization failed/],
  [{ status: 404, body: '<html>not here</html>' }, /404: <html>/],
  [{ status: 301, headers: { location: 'http://127.0.0.1:1/' } }, /301/],
  [{ status: 200, headers: { 'content-length': '5' }, body: '' }, /./],
];

test.serial(
  'a write through any fault is unavailable in time, and the next one stores at once',
  async (t) => {
    const set = await setUp(t);
    if (!set) return;
    const { faults, store } = set;
    await store.open();
    const points = [reading(), forecast()];
    for (const [fault, reason] of [...cuts, ...answers.slice(0, -1)]) {
      faults.next(fault);
      const error = await t.throwsAsync(store.write(points), { instanceOf: StoreUnavailable });
      t.regex(error.message, reason, JSON.stringify(fault));
      t.regex(error.message, /InfluxDB at http:\/\/127/);
      t.deepEqual(await store.write(points), { stored: 2, refused: [] });
    }
    t.deepEqual(await contents(store), points);
  },
);

test.serial('the wait that the server asks for is passed on', async (t) => {
  const faults = await FaultServer.start(t);
  faults.always({ status: 429, headers: { 'retry-after': '7' } });
  const store = new InfluxStore({ url: faults.url, database: 'd' });
  const error = await t.throwsAsync<StoreUnavailable>(store.write([reading()]));
  t.is(error.after, 7000);
});

test.serial(
  'a query or an opening through any fault fails in time, and the next one works at once',
  async (t) => {
    const set = await setUp(t);
    if (!set) return;
    const { faults, store } = set;
    await store.open();
    await store.write([reading()]);
    for (const [fault] of [...cuts.filter(([one]) => one !== 'lost answer'), ...answers]) {
      faults.next(fault);
      await t.throwsAsync(
        all(store.readings(always)),
        { instanceOf: StoreUnavailable },
        JSON.stringify(fault),
      );
      t.deepEqual(await all(store.readings(always)), [reading()]);
      faults.next(fault);
      await t.throwsAsync(store.open(), { instanceOf: StoreUnavailable }, JSON.stringify(fault));
      await store.open();
    }
  },
);

test.serial('nobody listening is said, and passes', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const store = new InfluxStore({ url: set.server.url, database: 'd' });
  await set.server.kill();
  await t.throwsAsync(store.open(), { instanceOf: StoreUnavailable, message: /ECONNREFUSED/ });
  await t.throwsAsync(store.write([reading()]), { instanceOf: StoreUnavailable, message: /ECONNREFUSED/ });
  await set.server.start();
  await store.open();
  t.is((await store.write([reading()])).stored, 1);
});

test.serial('closing ends what hangs', async (t) => {
  const faults = await FaultServer.start(t);
  faults.always('hang');
  const store = new InfluxStore({ url: faults.url, database: 'd', deadline: 60_000 });
  const written = store.write([reading()]);
  const read = all(store.readings(always));
  await store.close();
  await t.throwsAsync(written, { instanceOf: StoreUnavailable, message: /was closed/ });
  await t.throwsAsync(read, { instanceOf: StoreUnavailable, message: /was closed/ });
});

test.serial('a database that is gone is created again', async (t) => {
  const set = await setUp(t, { retention: 26 * hour });
  if (!set) return;
  const { server, store } = set;
  await store.open();
  await fetch(`${server.url}/query?q=DROP+DATABASE+d`, { method: 'POST' });
  const now = reading({ time: Date.now() });
  t.deepEqual(await store.write([now]), { stored: 1, refused: [] });
  t.deepEqual(await all(store.readings(always)), [now]);
  const policies = await (await fetch(`${server.url}/query?db=d&q=SHOW+RETENTION+POLICIES`)).text();
  t.regex(policies, /"redtide","26h0m0s"/);
});

test.serial(
  'a body that is too large is split, and a point that alone is too large is refused',
  async (t) => {
    const set = await setUp(t, {}, { INFLUXDB_HTTP_MAX_BODY_SIZE: '2000' });
    if (!set) return;
    await set.store.open();
    const points = Array.from({ length: 100 }, (_, at) => reading({ time: start + at }));
    const huge = forecast({ model: 'x'.repeat(3000) });
    const { stored, refused } = await set.store.write([...points.slice(0, 50), huge, ...points.slice(50)]);
    t.is(stored, 100);
    t.deepEqual(
      refused.map(({ point }) => point),
      [huge],
    );
    t.regex(refused[0]!.reason, /413/);
    t.deepEqual(await all(set.store.readings(always)), points);
  },
);

test.serial('the bad points of a batch are found and refused with the reason of the server', async (t) => {
  const set = await setUp(t);
  if (!set) return;
  const { server, store } = set;
  await store.open();
  const week = 7 * 24 * hour;
  const poison = `forecast q50="text" ${start + week}`;
  await fetch(`${server.url}/write?db=d&precision=ms`, { method: 'POST', body: poison });
  const good = Array.from({ length: 200 }, (_, at) => reading({ time: start + week + at }));
  const bad = [1, 2, 3].map((at) => forecast({ issuedAt: start + week + at * hour }));
  const batch = [...good.slice(0, 70), bad[0]!, ...good.slice(70, 150), bad[1]!, bad[2]!, ...good.slice(150)];
  const { stored, refused } = await store.write(batch);
  t.is(stored, 200);
  t.deepEqual(
    refused.map(({ point }) => point),
    bad,
  );
  for (const { reason } of refused) t.regex(reason, /400: partial write: field type conflict.*q50/);
  t.deepEqual(await all(store.readings(always)), good);
});

test.serial('points older than the retention are refused with few requests, the others stored', async (t) => {
  const set = await setUp(t, { retention: 24 * hour });
  if (!set) return;
  const { faults, store } = set;
  await store.open();
  const now = Date.now();
  const young = Array.from({ length: 2000 }, (_, at) => reading({ time: now - 3_000_000 + at }));
  const old = Array.from({ length: 2000 }, (_, at) => reading({ time: now - 400 * hour + at }));
  const before = faults.seen.length;
  const { stored, refused } = await store.write(young.flatMap((one, at) => [one, old[at]!]));
  t.is(stored, 2000);
  t.deepEqual(new Set(refused.map(({ point }) => point)), new Set(old));
  t.regex(refused[0]!.reason, /beyond retention policy/);
  t.true(faults.seen.length - before < 40, `${faults.seen.length - before} requests`);
  t.deepEqual(await all(store.readings(always)), young);
});

test.serial('retention follows the configuration', async (t) => {
  const set = await setUp(t, { retention: 24 * hour });
  if (!set) return;
  const { server, store, faults } = set;
  await store.open();
  const longer = new InfluxStore({ url: faults.url, database: 'd', retention: 48 * hour });
  await longer.open();
  const policies = await (await fetch(`${server.url}/query?db=d&q=SHOW+RETENTION+POLICIES`)).text();
  t.regex(policies, /"redtide","48h0m0s",[^\]]*true\]/);
  const tooShort = new InfluxStore({ url: faults.url, database: 'd', retention: 1000 });
  await t.throwsAsync(tooShort.open(), { message: /1h0m0s/ });
});

test.serial('more lines than a batch go in several requests, a forecast never in two', async (t) => {
  const faults = await FaultServer.start(t);
  const store = new InfluxStore({ url: `${faults.url}/`, database: 'd', batch: 10 });
  const points = Array.from({ length: 8 }, (_, at) => forecast({ issuedAt: start + at }));
  t.is((await store.write([...points, step()])).stored, 9);
  t.deepEqual(
    faults.seen.map(({ body }) => body.split('\n').length),
    [9, 9, 7],
  );
});

test.serial(
  'accounts: one that may only write is enough, a wrong password is said and not shown',
  async (t) => {
    const set = await setUp(t, {}, { INFLUXDB_HTTP_AUTH_ENABLED: 'true' });
    if (!set) return;
    const { server, faults } = set;
    const ask = (q: string, headers = {}) =>
      fetch(`${server.url}/query?${new URLSearchParams({ q })}`, { method: 'POST', headers });
    await ask(`CREATE USER admin WITH PASSWORD 'secret' WITH ALL PRIVILEGES`);
    const admin = new InfluxStore({ url: faults.url, database: 'd', username: 'admin', password: 'secret' });
    await admin.open();
    const headers = { authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}` };
    await ask(`CREATE USER edge WITH PASSWORD 'p:ss'`, headers);
    await ask('GRANT ALL ON d TO edge', headers);
    const edge = new InfluxStore({ url: faults.url, database: 'd', username: 'edge', password: 'p:ss' });
    // A busy server answers the grant some time before it heeds it.
    await until('the grant is heeded', () =>
      edge.open().then(
        () => true,
        () => false,
      ),
    );
    t.is((await edge.write([reading()])).stored, 1);
    t.deepEqual(await all(edge.readings(always)), [reading()]);
    const wrong = new InfluxStore({ url: faults.url, database: 'd', username: 'edge', password: 'wr0ng' });
    for (const attempt of [wrong.open(), wrong.write([reading()])]) {
      const error = await t.throwsAsync(attempt, { instanceOf: StoreUnavailable, message: /401/ });
      t.notRegex(error.message, /wr0ng/);
    }
    const elsewhere = new InfluxStore({
      url: faults.url,
      database: 'other',
      username: 'edge',
      password: 'p:ss',
    });
    await t.throwsAsync(elsewhere.open(), { instanceOf: StoreUnavailable, message: /40[34]/ });
  },
);
