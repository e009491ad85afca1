import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { formatsOf } from '../../src/commands/adapters.ts';
import { channelsOf } from '../../src/commands/channels.ts';
import { modelOf, openData, storeOf, version } from '../../src/commands/shore.ts';
import { checkConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { startEdge } from '../../src/edge.ts';
import type { Accept, Source, SourceState } from '../../src/ingest/source.ts';
import { type Stored, StoreUnavailable } from '../../src/store/store.ts';
import { configOf, recording } from './recording.ts';

/**
 * An edge with a hand-fed source: `edge-child.ts DATA ACKNOWLEDGED FROM UNTIL END`. It accepts the entries FROM to
 * UNTIL of the recording, writes the number of each accepted one to ACKNOWLEDGED, and then ends: `stop`, `drain`
 * (all stored and delivered first), or `kill` after a number of ms. Where RECEIVER is an address, alerts go there.
 */
const [data = '', acknowledged = '', from, until, end = 'stop'] = process.argv.slice(2);
const config = configOf(data);
const disk = openData(config);
const entries = recording();

class HandFed implements Source {
  state: SourceState = 'starting';
  readonly ended = new Promise<void>(() => {});
  accept: Accept | undefined;
  async start(accept: Accept): Promise<void> {
    this.accept = accept;
    this.state = 'connected';
  }
  async stop(): Promise<void> {
    this.state = 'stopped';
  }
}

const { RECEIVER: receiver } = process.env;

function telling(url: string): Config {
  process.env['SECRET'] = 'a secret of the test';
  const notify = [{ kind: 'webhook', url, secret: { env: 'SECRET' }, allow: ['127.0.0.1'] }];
  return { ...config, notify: checkConfig({ notify }, 'test').notify };
}
const mqtt = () => {
  throw new Error('nothing is told over MQTT here');
};

/** The store is away for a third of all writes, so that there is always something that waits. */
let writes = 0;
const store = storeOf(config, disk);
const flaky = Object.assign(Object.create(store), {
  name: 'flaky',
  write: async (points: readonly Stored[]) => {
    if (++writes % 3 === 1) throw new StoreUnavailable('away', 1);
    return store.write(points);
  },
  close: () => store.close(),
});

const source = new HandFed();
let now = 0;
const edge = await startEdge({
  config,
  formats: formatsOf(config),
  disk,
  source: () => source,
  address: () => 'by hand',
  store: flaky,
  model: Object.assign(await modelOf(config), { wanted: async () => undefined }),
  channels:
    receiver === undefined ? () => [] : channelsOf(telling(receiver), { lines: process.stderr, mqtt }),
  backoff: { first: 5, most: 50 },
  clock: () => now,
  log: pino({ level: 'silent' }),
  version,
});
await edge.started;
const [mode, after] = end.split(':');
if (mode === 'kill') setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(after));
for (let at = Number(from); at < Math.min(Number(until), entries.length); at++) {
  const entry = entries[at]!;
  now = entry.kind === 'message' ? entry.receivedAt : entry.time;
  if (entry.kind === 'message') await source.accept!(entry);
  else if (entry.kind === 'tick') await edge.tick(entry.time);
  else await edge.journal.append(entry);
  appendFileSync(acknowledged, `${at}\n`);
}
if (mode === 'kill') await sleep(60_000);
if (mode === 'drain') await edge.drained();
await edge.stop();
process.stdout.write(JSON.stringify({ total: edge.ledger.total(), produced: edge.status().produced }));
await disk.close();
