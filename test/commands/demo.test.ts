import { once } from 'node:events';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { type Program, redtide, temporaryFolder, until } from '../process.ts';

const anyPorts = ['--port', '0', '--http-port', '0'];
const forecastAlert = /FIRING .* forecast [\d.]+ .* \[model [0-9a-f]{12}\]$/;

interface Running {
  readonly program: Program;
  readonly broker: string;
  readonly page: string;
}

/** Resolves once the demonstration has printed its addresses. */
async function start(t: ExecutionContext, ...args: string[]): Promise<Running> {
  const program = redtide(t, 'demo', ...args);
  const page = /(http:\S+\/)$/.exec(await program.line(/^status page/))![1]!;
  const broker = /(mqtt:\/\/[\d.]+:\d+)/.exec(await program.line(/^MQTT broker/))![1]!;
  return { program, broker, page };
}

/** The sum over all series of a metric whose labels fit. */
async function metric({ page }: Running, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`${page}metrics`)).text();
  const series = text
    .split('\n')
    .filter((line) => new RegExp(`^${name}[{ ]`).test(line) && line.includes(labels));
  return series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Values received, as the last summary says. */
const valuesSaid = ({ program }: Running) =>
  Number([...program.text().matchAll(/; (\d+) values, /g)].at(-1)![1]);

test('a forecast of the shipped model raises an alert, and the next start goes on from disk', async (t) => {
  const data = temporaryFolder(t);
  const first = await start(t, '--data', data, '--speed', '8000', ...anyPorts);
  const heard = await listen(t, first.broker);
  const alert = await first.program.line(forecastAlert);

  t.true([...heard.keys()].filter((topic) => /^buoys\/B0\d\/telemetry$/.test(topic)).length === 8, 'MQTT');
  await until('the alert over MQTT', () => heard.has('redtide/alerts/events/B04/chlorophyll-forecast'));
  t.true((await metric(first, 'redtide_values_settled_total', 'quarantined')) > 0, 'the wrong clock');
  t.true((await metric(first, 'redtide_values_settled_total', '"stored"')) > 5000);
  t.is((await fetch(`${first.page}health`)).status, 200);
  t.deepEqual(await (await fetch(`${first.page}ready`)).json(), { ok: true, reasons: [] });
  const page = await (await fetch(first.page)).text();
  t.true(page.includes('Fish farm north') && page.includes('Bloom conditions are forecast'));

  const { code, took } = await first.program.stop('SIGINT');
  t.is(code, 0);
  t.true(took < 5000, `${took} ms`);
  t.regex(first.program.lines.at(-1)!.text, /^stopped; the next start goes on from here$/);
  await restart(t, data, { received: valuesSaid(first), alert });
});

async function restart(t: ExecutionContext, data: string, before: { received: number; alert: string }) {
  const second = await start(t, '--data', data, '--speed', '2000', ...anyPorts);
  t.regex(await second.program.line(/going on from disk/), /, [23]\d h into the story$/);
  t.true((await metric(second, 'redtide_values_received_total')) >= before.received, 'the counts go on');
  await until(
    'new values',
    async () => (await metric(second, 'redtide_values_received_total')) > before.received + 40,
  );
  t.is((await second.program.stop('SIGINT')).code, 0);
  t.true(valuesSaid(second) > before.received + 40);
  const what = before.alert.replace(/^.*FIRING/, 'FIRING').replace(/: forecast .*$/, '');
  t.false(second.program.text().includes(what), 'an alert that is known is announced again');
}

test('without an artifact there is no forecast and no alert from one, in the same stretch', async (t) => {
  const models = temporaryFolder(t);
  const args = ['--data', temporaryFolder(t), '--models', models, '--speed', '8000', '--hours', '36'];
  const program = redtide(t, 'demo', ...args, ...anyPorts);
  const { code, out } = await program.ended;
  t.is(code, 0);
  t.regex(out, /^model +none: there will be no forecast, and no warning from one$/m);
  t.regex(out, /FIRING severe: Bloom conditions are observed at Fish farm north/, 'it came to the bloom');
  t.notRegex(out, /\[model /);
  t.regex(program.lines.at(-2)!.text, /; 0 forecasts/);
});

test('whoever read its output may go away', async (t) => {
  const running = await start(t, '--data', temporaryFolder(t), '--speed', '8000', ...anyPorts);
  running.program.deafen();
  const before = await metric(running, 'redtide_values_received_total');
  await until(
    'values go on',
    async () => (await metric(running, 'redtide_values_received_total')) > before + 2000,
  );
  t.is((await running.program.stop('SIGTERM')).code, 0);
});

test('a busy port is said, and the next free one taken', async (t) => {
  const [port, httpPort] = [await occupiedPort(t), await occupiedPort(t)];
  const args = ['--data', temporaryFolder(t), '--port', `${port}`, '--http-port', `${httpPort}`];
  const running = await start(t, ...args);
  const taken = Number(new URL(running.broker).port);
  t.true(taken > port);
  t.regex(running.program.text(), new RegExp(`^MQTT broker .*:${taken} \\(${port} was busy\\)`, 'm'));
  t.regex(running.program.text(), new RegExp(`^port ${httpPort} is busy, so it is \\d+$`, 'm'));
  t.is((await fetch(`${running.page}health`)).status, 200);
  await (await mqtt.connectAsync(running.broker, { reconnectPeriod: 0 })).endAsync();
  t.is((await running.program.stop('SIGTERM')).code, 0);
});

test('a port that nobody asked for by its number is not called busy', async (t) => {
  const { program } = await start(t, '--data', temporaryFolder(t), '--hours', '0', ...anyPorts);
  t.is((await program.ended).code, 0);
  t.notRegex(program.text(), /busy/);
});

/** Messages of the broker by topic, how many. */
async function listen(t: ExecutionContext, url: string): Promise<ReadonlyMap<string, number>> {
  const heard = new Map<string, number>();
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  t.teardown(() => client.end(true));
  client.on('message', (topic) => heard.set(topic, (heard.get(topic) ?? 0) + 1));
  await client.subscribeAsync(['buoys/#', 'redtide/alerts/#'], { qos: 1 });
  return heard;
}

async function occupiedPort(t: ExecutionContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}
