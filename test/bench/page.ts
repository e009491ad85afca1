import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { formatsOf } from '../../src/commands/adapters.ts';
import { openData, serve, storeOf, version } from '../../src/commands/shore.ts';
import { checkConfig } from '../../src/config/load.ts';
import { startEdge } from '../../src/edge.ts';
import type { Accept, Source } from '../../src/ingest/source.ts';

/**
 * What 200 open pages on 1,000 stations cost the pipeline: messages a second through journal, pipeline and embedded
 * store, with and without pages, in turn. The pages are in another process, on the same cores. Limit: 0.9.
 */
const stations = 1000;
const pages = 200;
const rounds = 3;
/** Of the data, ms. */
const minute = 60_000;

export async function run(print: (line: object) => void): Promise<void> {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const alone = await rate(0);
    const watched = await rate(pages);
    ratios.push(watched.cost / alone.cost);
    print({ case: 'round', round, alone, watched, ratio: watched.perSecond / alone.perSecond });
  }
  const sorted = ratios.sort((a, b) => a - b);
  print({ case: `${pages} pages, ${stations} stations`, ratio: 1 / sorted[1]!, limit: 0.9 });
}

/** Messages a second of the edge's own CPU time, which other processes of a busy machine do not change. */
async function rate(open: number) {
  const data = mkdtempSync(join(tmpdir(), 'redtide-bench-'));
  const config = checkConfig({ data, log: 'silent', unknownStations: 'accept', http: { port: 0 } }, 'bench');
  const disk = openData(config);
  const store = storeOf(config, disk);
  let accept: Accept | undefined;
  const source: Source = {
    state: 'connected',
    ended: new Promise(() => {}),
    start: async (given) => {
      accept = given;
    },
    stop: async () => {},
  };
  let now = Date.UTC(2026, 4, 1);
  const edge = await startEdge({
    config,
    formats: formatsOf(config),
    disk,
    source: () => source,
    address: () => 'by hand',
    store,
    model: { current: undefined, activate: async () => {}, wanted: async () => undefined, dispose: () => {} },
    channels: () => [],
    clock: () => now,
    log: pino({ level: 'silent' }),
    version,
  });
  await edge.started;
  const http = await serve(config, edge, store, () => {});
  const clients = open > 0 ? await watch(http.url, open) : undefined;
  const started = performance.now();
  const cpu = process.cpuUsage();
  let messages = 0;
  // For long enough that several events are sent, whatever the machine.
  while (performance.now() - started < 6000) {
    now += 10 * minute;
    const sent = Array.from({ length: stations }, (_, at) => accept!(messageOf(`S${at}`, now)));
    await Promise.all(sent);
    messages += stations;
    await edge.tick(now);
    await sleep(0);
  }
  await edge.drained();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const events = clients?.events() ?? 0;
  clients?.stop();
  await http.stop();
  await edge.stop();
  await disk.close();
  rmSync(data, { recursive: true, force: true });
  return { perSecond: messages / seconds, cost: (user + system) / messages, events };
}

const messageOf = (station: string, now: number) => ({
  topic: `buoys/${station}/telemetry`,
  payload: Buffer.from(
    JSON.stringify({
      time: new Date(now).toISOString(),
      values: { chlorophyll: 3 + Math.sin(now), salinity: 30 },
    }),
  ),
  receivedAt: now,
});

async function watch(url: string, count: number) {
  const child = fork(new URL('page/clients.ts', import.meta.url), [url, `${count}`], {
    execArgv: ['--import=tsx'],
  });
  let events = 0;
  child.on('message', (count) => (events = count as number));
  while (events < count) await sleep(50);
  // Until what was sent at the start has been read.
  await sleep(1500);
  return { events: () => events, stop: () => child.kill() };
}
