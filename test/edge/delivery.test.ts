import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import type { AlertMessage } from '../../src/alerts/message.ts';
import { isSigned } from '../../src/alerts/webhook-signature.ts';
import { openData } from '../../src/commands/shore.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { temporaryFolder } from '../process.ts';
import { configOf, recording } from './recording.ts';

const child = new URL('edge-child.ts', import.meta.url).pathname;
const entries = recording();

/** An agency's program that fails every second time: it answers 503, or takes the message and resets, or hangs up. */
async function receiver(t: ExecutionContext) {
  const arrivals: AlertMessage[] = [];
  let requests = 0;
  let unsigned = 0;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    if (!isSigned('a secret of the test', request.headers, body, Date.now())) unsigned++;
    const turn = requests++ % 6;
    if (turn === 0) return void response.writeHead(503).end();
    if (turn === 2) return void request.socket.destroy();
    arrivals.push(JSON.parse(body));
    if (turn === 4) request.socket.resetAndDestroy();
    else response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return { url, arrivals, requests: () => requests, unsigned: () => unsigned };
}

/** One life of an edge that tells `url`; resolves when it has ended, however. */
function live(data: string, url: string, from: number, until: number, end: string): Promise<void> {
  const args = [
    '--import=tsx',
    '--no-warnings',
    child,
    data,
    join(data, 'acknowledged'),
    `${from}`,
    `${until}`,
    end,
  ];
  const env = { ...process.env, RECEIVER: url };
  return new Promise((resolve, reject) =>
    execFile(process.execPath, args, { encoding: 'utf8', env }, (error, _, err) =>
      error && error.signal !== 'SIGKILL' ? reject(new Error(err || error.message)) : resolve(),
    ),
  );
}

async function stored(data: string): Promise<AlertTransition[]> {
  const disk = openData(configOf(data));
  const alerts: AlertTransition[] = [];
  const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  for await (const transition of new LmdbStore(disk).alerts(all)) alerts.push(transition);
  await disk.close();
  return alerts;
}

/** What an agency must hear of: that it began, and everything after, but for what was only pending or quiet. */
function announced(transitions: readonly AlertTransition[]): string[] {
  const told = new Set<string>();
  const heard = [...transitions].sort((a, b) => a.time - b.time || a.sequence - b.sequence);
  return heard.flatMap(({ id, sequence, to, quiet }) => {
    if (quiet !== undefined || (to !== 'firing' && to !== 'stale' && !told.has(id))) return [];
    told.add(id);
    return [`${id}/${sequence}`];
  });
}

test('killed while alerts rise, clear and go to a receiver that fails half the time: each is delivered, none under a second identifier', async (t) => {
  const data = temporaryFolder(t);
  const log = join(data, 'acknowledged');
  writeFileSync(log, '');
  const done = () => readFileSync(log, 'utf8').split('\n').length - 1;
  const { url, arrivals, requests, unsigned } = await receiver(t);
  const share = Math.ceil(entries.length / 5);
  for (const [i, end] of ['kill:150', 'kill:400', 'kill:900', 'kill:2500'].entries())
    await live(data, url, done(), share * (i + 1), end);
  await live(data, url, done(), entries.length, 'drain');

  const transitions = await stored(data);
  const expected = announced(transitions);
  t.true(expected.length > 8, `${expected.length} messages`);
  t.true(transitions.some(({ to }) => to === 'firing') && transitions.some(({ to }) => to === 'resolved'));
  t.deepEqual([...new Set(arrivals.map(({ id }) => id))].sort(), [...expected].sort());
  const said = new Map<string, string>();
  for (const { id, alert, state, cause, when, what } of arrivals) {
    const key = JSON.stringify([alert, state, cause, when.changed, what.reason]);
    t.is(said.get(key) ?? id, id, 'one transition, one identifier');
    said.set(key, id);
  }
  t.is(said.size, expected.length, 'one identifier, one transition');
  t.is(unsigned(), 0);
  t.log(`${requests()} requests, ${expected.length} messages, ${arrivals.length - expected.length} repeats`);
});
