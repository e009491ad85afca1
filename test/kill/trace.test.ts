/**
 * By the system calls of the process itself: each PUBACK that it writes to a socket comes after the end of a sync
 * that began after the message's record had been written. The same process made to acknowledge at once is found out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { temporaryFolder, until } from '../process.ts';
import { freePort, requireServer, startMosquitto } from '../servers.ts';
import { acknowledgedTooEarly, pubacksIn, traced } from './trace.ts';

const entry = new URL('ingest-entry.ts', import.meta.url).pathname;
const payloads = Array.from({ length: 60 }, (_, number) => `reading ${String(number).padStart(5, '0')}.`);

test('own broker: each PUBACK follows a sync that covers it', async (t) => {
  t.deepEqual(await early(t, undefined), []);
});

test('own broker: PUBACKs before the sync are noticed', async (t) => {
  const found = await early(t, undefined, 'early');
  if (found) t.true(found.length > 0);
});

test('Mosquitto: each PUBACK follows a sync that covers it', async (t) => {
  const broker = await startMosquitto(t);
  if (broker) t.deepEqual(await early(t, broker.url), []);
});

test('Mosquitto: PUBACKs before the sync are noticed', async (t) => {
  const broker = await startMosquitto(t);
  if (broker) t.true((await early(t, broker.url, 'early')).length > 0);
});

/** Messages acknowledged too early by the process, behind the broker at `url` or as a broker itself. */
async function early(t: ExecutionContext, url: string | undefined, mutant = ''): Promise<number[]> {
  const strace = requireServer(t, 'strace', ['/usr/bin/strace', '/usr/local/bin/strace']);
  if (!strace) return mutant ? [0] : [];
  const folder = temporaryFolder(t);
  const log = join(folder, 'trace');
  const port = url ? undefined : await freePort();
  const look = ['-f', '-yy', '-xx', '-s', '10000000', '-o', log, '-e', `trace=${traced}`];
  const run = [process.execPath, '--import=tsx', '--no-warnings', entry, join(folder, 'data')];
  const child = spawn(strace, [...look, ...run, url ?? `${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, REDTIDE_MUTANT: mutant },
    // Of a group of its own, so that what is traced ends with it.
    detached: true,
  });
  let running = true;
  child.once('close', () => (running = false));
  const end = (signal: NodeJS.Signals) => running && process.kill(-child.pid!, signal);
  const ended = once(child, 'close');
  process.once('exit', () => end('SIGKILL'));
  t.teardown(() => void end('SIGKILL'));
  await once(child.stdout, 'data');
  await publish(url ?? `mqtt://127.0.0.1:${port}`);
  await until('the PUBACKs in the trace', () => pubacksIn(readFileSync(log, 'latin1')) >= payloads.length);
  end('SIGTERM');
  await ended;
  return acknowledgedTooEarly(readFileSync(log, 'latin1'), payloads);
}

/** Ten under way at a time, so that some share a sync. */
async function publish(url: string): Promise<void> {
  const client = await mqtt.connectAsync(url, { clientId: 'gateway' });
  for (let from = 0; from < payloads.length; from += 10)
    await Promise.all(
      payloads.slice(from, from + 10).map((text) => client.publishAsync('n', text, { qos: 1 })),
    );
  await client.endAsync();
}
