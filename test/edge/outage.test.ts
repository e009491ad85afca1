import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { folderOf, historyOf } from '../../src/commands/shore.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { dataFile, openDisk } from '../../src/disk.ts';
import { pending } from '../../src/ledger.ts';
import { limitFiles, redtide, temporaryFolder, until } from '../process.ts';
import { startInflux, startMosquitto } from '../servers.ts';
import { Buoys, everything, lastStep, minute, settingsOf, startShore, stored } from './shore-edge.ts';

const hour = 60 * minute;

/** As in deploy/mosquitto. */
const durable = 'max_queued_bytes 0\nmax_inflight_bytes 0\nautosave_interval 5';

/** What it measures in steps of 10 min, `ago` before the last step and since. */
type Course = readonly [ago: number, value: number][];

/** Two days of these stations at once, in order of time. */
async function publishTwoDays(buoys: Buoys, courses: Readonly<Record<string, Course>>): Promise<void> {
  for (let time = lastStep - 48 * hour; time <= lastStep; time += 10 * minute) {
    const all = Object.entries(courses).map(([station, course]) => {
      const [, value] = course.findLast(([ago]) => time >= lastStep - ago)!;
      return buoys.publish(station, time + 5000, value + (time % 7) / 100);
    });
    await Promise.all(all);
  }
}

test.serial(
  'after two days away all is stored, and people are told of what is true now and of nothing else',
  async (t) => {
    t.timeout(400_000);
    const [broker, influx] = [await startMosquitto(t, durable), await startInflux(t)];
    if (!broker || !influx) return;
    const settings = { ...settingsOf(broker.url, influx.url), data: join(temporaryFolder(t), 'data') };
    await (await startShore(t, settings)).stop();
    const buoys = await Buoys.connect(t, broker.url);
    await publishTwoDays(buoys, {
      S0: [
        [48 * hour, 3],
        [40 * hour, 9],
        [30 * hour, 3],
      ],
      S1: [
        [48 * hour, 3],
        [20 * hour, 9],
      ],
      S2: [
        [48 * hour, 3],
        [20 * minute, 9],
      ],
      S3: [[48 * hour, 3]],
    });
    const { edge, told } = await startShore(t, settings);
    await until('all messages', () => edge.ledger.total().received === buoys.sent.length);
    await until('the warnings', () => told.length >= 2);
    await edge.drained();
    t.deepEqual(told.map(({ station, to }) => `${station} ${to}`).sort(), ['S1 firing', 'S2 firing']);
    for (const { time, evidence } of told) {
      t.true(Date.now() - time < hour, 'told as of now');
      t.true(Date.now() - evidence.time < 2 * hour, 'by what is measured now');
    }
    t.is(
      told.find(({ station }) => station === 'S1')!.onset,
      lastStep - 20 * hour,
      'since when it has been so',
    );
    t.deepEqual(await stored(influx.url), [...buoys.sent].sort());
    t.is(pending(edge.ledger.total()), 0);
  },
);

test.serial(
  'a broker that is killed, and one that is stopped, cost nothing that it had handed on',
  async (t) => {
    t.timeout(400_000);
    const [broker, influx] = [await startMosquitto(t, durable), await startInflux(t)];
    if (!broker || !influx) return;
    const { edge } = await startShore(t, settingsOf(broker.url, influx.url));
    const buoys = await Buoys.connect(t, broker.url);
    const arrives = () => until('all of it', () => edge.ledger.total().received === buoys.sent.length);
    for (const [n, end] of ['kill', 'stop', 'kill'].entries()) {
      await buoys.series(`S${n}`, lastStep, [4, 5, 6]);
      await arrives();
      await (end === 'kill' ? broker.kill() : broker.stop());
      await until('the loss', () => edge.status().source.state !== 'connected');
      await broker.start();
      await until('the connection', () => edge.status().source.state === 'connected');
    }
    await buoys.series('S3', lastStep, [4, 5, 6]);
    await arrives();
    await edge.drained();
    t.deepEqual(await stored(influx.url), [...buoys.sent].sort());
  },
);

test.serial('a start gives back what an outage has made the data folder take', async (t) => {
  t.timeout(400_000);
  const broker = await startMosquitto(t, durable);
  if (!broker) return;
  const file = configure(t, broker.url);
  const folder = folderOf(loadConfig(file));
  const disk = openDisk(folder);
  const waiting = disk.database<Buffer, number>('store-waiting', { encoding: 'binary' });
  for (let at = 0; at < 80; at++) waiting.put(at, Buffer.alloc(1024 * 1024));
  await disk.synced();
  await waiting.clearAsync();
  await disk.close();
  const edge = redtide(t, 'edge', file);
  await edge.line(/"the data folder was compacted"/);
  await edge.line(/"running"/);
  t.true(statSync(join(folder, dataFile)).size < 4 * 1024 * 1024);
  t.is((await edge.stop('SIGTERM')).code, 0);
});

test.serial(
  'where the disk has too little left messages wait at the broker, and come in once there is room',
  async (t) => {
    t.timeout(400_000);
    const [broker, influx] = [await startMosquitto(t, durable), await startInflux(t)];
    if (!broker || !influx) return;
    const folder = temporaryFolder(t);
    const settings = { ...settingsOf(broker.url, influx.url), data: join(folder, 'data') };
    const reserve = `${Math.floor(roomIn(folder) - 700)} MiB`;
    const ballast = join(folder, 'ballast');
    execFileSync('fallocate', ['--length', '1500MiB', ballast]);
    const { edge, told } = await startShore(t, { ...settings, journal: { reserve } });
    const buoys = await Buoys.connect(t, broker.url);
    await buoys.series('S0', lastStep, [4, 9, 9]);
    const { head } = edge.journal;
    await until('time to pass', () => edge.journal.head > head + 3);
    t.is(edge.ledger.total().received, 0);
    t.regex(edge.status().journal.held ?? '', /MiB are to stay free/);
    rmSync(ballast);
    await until('the warning', () => told.length === 1);
    await until('all of it', () => edge.ledger.total().received === buoys.sent.length);
    t.is(edge.status().journal.held, undefined);
    await edge.drained();
    t.deepEqual(await stored(influx.url), [...buoys.sent].sort());
  },
);

/** MiB left on the disk. */
function roomIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 1024 / 1024;
}

async function readingsOf(file: string): Promise<string[]> {
  const { store, close } = historyOf(loadConfig(file));
  const found: string[] = [];
  for await (const { station, time, value } of store.readings(everything))
    found.push(`${station} ${time} ${value}`);
  await close();
  return found.sort();
}

/** With the store inside redtide, so that all that it writes is in its data folder. */
function configure(t: ExecutionContext, broker: string): string {
  const folder = temporaryFolder(t);
  const file = join(folder, 'edge.yaml');
  const settings: ConfigInput = {
    ...settingsOf(broker, ''),
    data: join(folder, 'data'),
    model: { folder: join(folder, 'models') },
    store: { kind: 'lmdb' },
    stream: { step: '10m', lateness: '1s', clock: { ahead: '10m', behind: '60d' } },
    notify: [],
    http: { port: 0 },
    log: 'info',
  };
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

test.serial(
  'an edge whose disk is full ends and says so; what it did not take waits at the broker',
  async (t) => {
    t.timeout(400_000);
    const broker = await startMosquitto(t, durable);
    if (!broker) return;
    const file = configure(t, broker.url);
    const disk = join(folderOf(loadConfig(file)), dataFile);
    const edge = redtide(t, 'edge', file);
    await edge.line(/"running"/);
    if (!limitFiles(t, edge.pid, statSync(disk).size + 128 * 1024)) return;
    const buoys = await Buoys.connect(t, broker.url);
    let ended = false;
    void edge.ended.then(() => (ended = true));
    for (let n = 0; !ended; n++) {
      if (n > 4000) return t.fail('the disk is never full');
      await Promise.all(
        ['S0', 'S1', 'S2', 'S3'].map((station) =>
          buoys.publish(station, lastStep - n * 10 * minute + 5000, 4 + (n % 7)),
        ),
      );
    }
    const { code, err } = await edge.ended;
    t.is(code, 1, err);
    t.regex(err, /Check the disk and its free space, then start again/);
    const again = redtide(t, 'edge', file);
    await again.line(/"running"/);
    await until('all of it', async () => (await readingsOf(file)).length >= buoys.sent.length);
    t.deepEqual(await readingsOf(file), [...buoys.sent].sort());
    t.is((await again.stop('SIGTERM')).code, 0);
  },
);
