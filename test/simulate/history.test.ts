import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { createFleet } from '../../src/simulate/fleet.ts';
import { csvHeader, csvRow, history, writeCsv } from '../../src/simulate/history.ts';
import { demoScenario } from '../../src/simulate/scenario.ts';
import { cadence, stations } from '../../src/simulate/stations.ts';

const from = Date.UTC(2026, 2, 1);
const to = from + 3 * 86_400_000;

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'redtide-history-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

test('every station at every cadence, by time and then by station', (t) => {
  const all = [...history({ seed: 1, from: from + 1, to })];
  t.is(all.length, (3 * 144 - 1) * 8);
  t.is(all[0]!.time, from + cadence);
  t.deepEqual(
    all.slice(0, 8).map(({ station }) => station),
    stations.map(({ id }) => id),
  );
  t.true(all.every(({ time }, n) => n === 0 || all[n - 1]!.time <= time));
  t.is(all.at(-1)!.time, to - cadence);
});

test('it is what the fleet measures, scenario included', (t) => {
  const scenario = demoScenario(from);
  const fleet = createFleet({ seed: 4, scenario });
  for (const record of history({ seed: 4, from, to: from + 10 * cadence, scenario }))
    t.deepEqual(record, fleet.readingsAt(record.station, record.time));
});

test('the same seed writes the same bytes, plain and gzipped', async (t) => {
  const path = await folder(t);
  const write = async (name: string, seed: number) => {
    t.is(await writeCsv(join(path, name), history({ seed, from, to })), 3 * 144 * 8);
    return readFile(join(path, name));
  };
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const first = await write('a.csv.gz', 1);
  t.is(digest(first), digest(await write('b.csv.gz', 1)));
  t.not(digest(first), digest(await write('c.csv.gz', 2)));
  t.deepEqual(gunzipSync(first), await write('a.csv', 1));
});

test('rows have the columns of the header and read back as they were', async (t) => {
  const path = join(await folder(t), 'history.csv');
  const records = [...history({ seed: 9, from, to: from + 3 * cadence })];
  await writeCsv(path, records);
  const [header, ...rows] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  t.is(header, 'time,station,airTemperature,waterTemperature,salinity,chlorophyll,dissolvedOxygen');
  t.is(header, csvHeader);
  t.deepEqual(rows, records.map(csvRow));
  const [time, station, ...values] = rows[0]!.split(',');
  t.is(time, '2026-03-01T00:00:00Z');
  t.is(station, 'B01');
  t.deepEqual(values.map(Number), Object.values(records[0]!.values));
});

test('a folder that is not there is said', async (t) => {
  const path = join(await folder(t), 'nowhere', 'history.csv');
  await t.throwsAsync(writeCsv(path, history({ seed: 1, from, to })), { code: 'ENOENT' });
});
