import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import type { ConfigInput } from '../../src/config/schema.ts';
import { redtide, temporaryFolder, until } from '../process.ts';
import { freePort, startMosquitto } from '../servers.ts';
import { configure, logOf } from './shore.ts';

/** A gateway that keeps what it has sent, and sends again what it is asked for. */
async function heard(t: ExecutionContext, url: string, broker: ConfigInput['broker']) {
  const folder = temporaryFolder(t);
  const file = configure(folder, 'edge', {
    ...{ data: folder, broker },
    backfill: { topic: 'buoys/{station}/backfill', wait: '1s', retry: '1h' },
  });
  const edge = redtide(t, 'edge', file);
  await edge.line(/"state":"connected"/);
  const gateway = await mqtt.connectAsync(url);
  t.teardown(() => gateway.endAsync(true));
  const begin = Date.now() - 600_000;
  const send = (sequence: number) => {
    const time = new Date(begin + sequence * 1000).toISOString();
    const values = { waterTemperature: 12 };
    return gateway.publishAsync('buoys/B01/telemetry', JSON.stringify({ sequence, time, values }), {
      qos: 1,
    });
  };
  const asked: Record<string, unknown>[] = [];
  gateway.on('message', (_, payload) => asked.push(JSON.parse(payload.toString())));
  await gateway.subscribeAsync('buoys/B01/backfill', { qos: 1 });
  for (const sequence of [1, 2, 5]) await send(sequence);
  await until('the request', () => asked.length > 0, 120_000);
  t.like(asked[0], { station: 'B01', sequence: { stream: '', first: 3, last: 4 }, attempt: 1 });
  t.is(Date.parse(String(asked[0]!['from'])), begin + 2000);
  t.is(Date.parse(String(asked[0]!['to'])), begin + 5000);
  for (const sequence of [3, 4]) await send(sequence);
  await edge.line(/what was missing of B01 has come/);
  t.is(asked.length, 1);
  t.false(logOf(edge).some(({ msg }) => /quarantine/.test(String(msg))));
}

test('a gateway behind Mosquitto is asked for what never arrived, and sends it', async (t) => {
  t.timeout(240_000);
  const broker = await startMosquitto(t);
  if (broker) await heard(t, broker.url, { url: broker.url });
});

test('a gateway at the embedded broker is asked likewise', async (t) => {
  t.timeout(240_000);
  const port = await freePort();
  await heard(t, `mqtt://127.0.0.1:${port}`, { embedded: { host: '127.0.0.1', port } });
});
