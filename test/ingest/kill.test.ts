import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { openDisk } from '../../src/disk.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { until } from '../contracts/source.ts';
import { freePort, startMosquitto } from '../servers.ts';

const kills = 4;
const acknowledgedBetween = 300;

/** Starts the process, kills it at a random moment of work, and again. */
class Victim {
  readonly folder: string;
  readonly #address: string;
  #child: ChildProcess | undefined;

  constructor(t: ExecutionContext, address: string) {
    this.folder = mkdtempSync(join(tmpdir(), 'redtide-kill-'));
    this.#address = address;
    t.teardown(async () => {
      await this.kill();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  async start(): Promise<void> {
    const script = new URL('ingest-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import=tsx', script, this.folder, this.#address], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    await once(child.stdout!, 'data');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** What its journal holds, read beside it: the number of times that each payload is in it. */
  async journaled(): Promise<Map<string, number>> {
    const disk = openDisk(this.folder, { readOnly: true });
    const counts = new Map<string, number>();
    for (const record of openJournal(disk).read(1)) {
      const text = record.kind === 'message' ? Buffer.from(record.payload).toString() : record.kind;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    await disk.close();
    return counts;
  }
}

/** Publishes 0, 1, 2 and so on at QoS 1 from one client, 50 at a time under way, and remembers each PUBACK. */
async function publisher(t: ExecutionContext, url: string) {
  const acknowledged = new Set<string>();
  let sent = 0;
  let running = true;
  const client = mqtt.connect(url, { clientId: 'gateway', clean: false, reconnectPeriod: 20 });
  client.on('error', () => {});
  const lanes = Array.from({ length: 50 }, async () => {
    while (running) {
      const payload = `${sent++}`;
      // A connection that ends while another is being taken up rejects what waits for it: no PUBACK, no promise.
      await client.publishAsync('n', payload, { qos: 1 }).then(
        () => acknowledged.add(payload),
        () => {},
      );
    }
  });
  const stop = async () => {
    running = false;
    await Promise.all(lanes);
    await client.endAsync();
  };
  t.teardown(() => client.end(true));
  return { acknowledged, stop, sent: () => sent };
}

async function killAgainAndAgain(victim: Victim, acknowledged: ReadonlySet<string>): Promise<void> {
  for (let count = 0; count < kills; count++) {
    const before = acknowledged.size;
    await victim.start();
    await until('acknowledgements', () => acknowledged.size >= before + acknowledgedBetween);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
    await victim.kill();
  }
}

test('own broker: each message whose PUBACK the gateway has is in the journal, whenever it was killed', async (t) => {
  const port = await freePort();
  const victim = new Victim(t, `${port}`);
  const gateway = await publisher(t, `mqtt://127.0.0.1:${port}`);
  await killAgainAndAgain(victim, gateway.acknowledged);
  const journaled = await victim.journaled();
  const lost = [...gateway.acknowledged].filter((payload) => !journaled.has(payload));
  t.deepEqual(lost, []);
  t.true(gateway.acknowledged.size >= kills * acknowledgedBetween);
  t.deepEqual(
    [...journaled.keys()].filter((payload) => Number(payload) >= gateway.sent()),
    [],
    'invented',
  );
});

test('Mosquitto: each message that it has taken is in the journal in the end', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const victim = new Victim(t, broker.url);
  // The first start makes the session, from which on the broker keeps messages for us.
  await victim.start();
  await victim.kill();
  const gateway = await publisher(t, broker.url);
  await killAgainAndAgain(victim, gateway.acknowledged);
  await gateway.stop();
  await victim.start();
  await until('the last', async () => (await victim.journaled()).size >= gateway.sent());
  await victim.kill();
  const journaled = await victim.journaled();
  t.deepEqual(
    [...gateway.acknowledged].filter((payload) => !journaled.has(payload)),
    [],
  );
  t.is(gateway.acknowledged.size, gateway.sent());
  t.is(journaled.size, gateway.sent(), 'none is invented');
});
