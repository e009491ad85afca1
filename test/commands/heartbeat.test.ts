import test from 'ava';
import mqtt from 'mqtt';
import { redtide, temporaryFolder, until } from '../process.ts';
import { startMosquitto } from '../servers.ts';
import { configure } from './shore.ts';

test('an edge says that it lives and when it says so again; killed, the broker says that it does not', async (t) => {
  t.timeout(180_000);
  const broker = await startMosquitto(t);
  if (!broker) return;
  const client = await mqtt.connectAsync(broker.url);
  t.teardown(() => client.endAsync(true));
  const said: Record<string, unknown>[] = [];
  client.on('message', (_, payload) => said.push(JSON.parse(payload.toString())));
  await client.subscribeAsync('redtide/alerts/heartbeat', { qos: 1 });
  const folder = temporaryFolder(t);
  const file = configure(folder, 'edge', {
    ...{ data: folder, broker: { url: broker.url }, heartbeat: { every: '2s' } },
  });
  const edge = redtide(t, 'edge', file);
  await until('two heartbeats', () => said.length >= 2, 120_000);
  for (const { state, time, next, ready, reasons } of said) {
    t.is(state, 'online');
    t.is(Date.parse(String(next)) - Date.parse(String(time)), 2000);
    t.false(ready);
    t.regex(String(reasons), /no model is loaded/);
  }
  edge.signal('SIGKILL');
  await until('the last will', () => said.at(-1)?.['state'] === 'offline', 60_000);
  t.pass();
});
