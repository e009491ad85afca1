import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openDisk } from '../../src/disk.ts';
import { type Journal, openJournal } from '../../src/ingest/journal.ts';
import { cadence, fleetMessages, stationsOf } from './pipeline/fleet-messages.ts';
import { median, onStage, round, type Stage, until } from './pipeline/stage.ts';

/**
 * From the start of the process until it is ready, the status page up and every record gone through, in seconds, with a day of journal: 500 stations, five values each ten minutes,
 * a tick each ten seconds. Without a checkpoint all of it goes through anew; after a kill what came since the last
 * checkpoint, after a stop nothing. Beside each an edge with nothing in its folder, on the same stage.
 */
const stations = 500;
const values = 5;
const day = 86_400_000;
const tick = 10_000;
/** Appended at once; the journal refuses more than it may hold in memory. */
const batch = 1000;

export async function run(print: (line: object) => void): Promise<void> {
  const starts: Starts[] = [];
  for (let pair = 0; pair < Number(process.env['REDTIDE_BENCH_PAIRS'] ?? 3); pair++)
    starts.push(await onStage(measure));
  const records = (stations * day) / cadence + day / tick;
  for (const name of ['empty', 'whole day', 'after a kill', 'after a stop'] as const)
    print({
      case: name,
      seconds: round(median(starts.map((one) => one[name]))),
      ratio: round(median(starts.map((one) => one[name] / one.empty))),
      ...(name === 'whole day' && {
        recordsPerSecond: Math.round(median(starts.map((one) => records / (one[name] - one.empty)))),
      }),
      records,
      pairs: starts.length,
    });
}

type Starts = Record<'empty' | 'whole day' | 'after a kill' | 'after a stop', number>;

async function measure(stage: Stage): Promise<Starts> {
  const [none, full] = [configuration(stage, 'none'), configuration(stage, 'full')];
  await fill(full.data);
  const empty = await started(stage, none.path, 'stop');
  const wholeDay = await started(stage, full.path, 'kill');
  const killed = await started(stage, full.path, 'stop');
  return {
    ...{ empty, 'whole day': wholeDay },
    ...{ 'after a kill': killed, 'after a stop': await started(stage, full.path, 'stop') },
  };
}

function configuration({ folder }: Stage, name: string) {
  const [path, data] = [join(folder, `${name}.yaml`), join(folder, name)];
  const config = {
    data,
    broker: { embedded: { port: 0 } },
    stations: stationsOf(stations).map((id) => ({ id, cadence: '10m' })),
    clock: { trust: 'always' },
    model: { folder: join(folder, 'models') },
    http: { port: 0 },
  };
  writeFileSync(path, stringify(config));
  return { path, data };
}

/** A day of journal that ends now, which nothing has gone through. */
async function fill(data: string): Promise<void> {
  const disk = openDisk(join(data, 'edge'));
  const journal = openJournal(disk);
  const start = Math.floor((Date.now() - day) / tick) * tick;
  for (let at = 0; at < day / cadence; at++) await fillRound(journal, start + at * cadence, at);
  await journal.close();
  await disk.close();
}

async function fillRound(journal: Journal, from: number, at: number): Promise<void> {
  const messages = [...fleetMessages(stations, values, from - cadence, 1)];
  const ticks = cadence / tick;
  const share = Math.ceil(messages.length / ticks);
  const entries = Array.from({ length: ticks }, (_, n) => [
    { kind: 'tick' as const, time: from + n * tick },
    ...messages.slice(n * share, (n + 1) * share).map(({ topic, payload }) => ({
      ...{
        kind: 'message' as const,
        topic,
        payload: Buffer.from(payload.replace('{"', `{"sequence":${at},"`)),
      },
      receivedAt: from + n * tick + 1,
    })),
  ]).flat();
  for (let first = 0; first < entries.length; first += batch)
    await Promise.all(entries.slice(first, first + batch).map((entry) => journal.append(entry)));
}

/** Until all records have gone through and the status page is up. */
async function started(stage: Stage, path: string, end: 'stop' | 'kill'): Promise<number> {
  const begun = performance.now();
  const edge = stage.spawn('bin/redtide.js', 'edge', path);
  const { url } = JSON.parse(await edge.lineWith('status page')) as { url: string };
  await Promise.race([until(() => caughtUp(url), 20), edge.died]);
  const seconds = (performance.now() - begun) / 1000;
  await edge[end]();
  return seconds;
}

/** Where nothing goes wrong, all that `/ready` waits for: it asks for a model and for readings besides. */
async function caughtUp(url: string): Promise<boolean> {
  const text = await (await fetch(new URL('metrics', url))).text();
  const of = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return of('redtide_journal_position_sequence') === of('redtide_journal_head_sequence');
}
