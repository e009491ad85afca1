import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import test, { type ExecutionContext } from 'ava';
import mqtt, { type MqttClient } from 'mqtt';
import { generate, type Packet, parser } from 'mqtt-packet';
import { MqttSource, type MqttSourceOptions } from '../../src/ingest/mqtt-source.ts';
import {
  acknowledgesOnlyWhatIsAccepted,
  Gate,
  numbered,
  redeliversWhatIsRejected,
  type SourceUnderTest,
  stopsWithEverythingSettled,
  until,
} from '../contracts/source.ts';
import { startMosquitto } from '../servers.ts';
import { MqttProxy } from './mqtt-proxy.ts';

const topic = 'buoys/b1/telemetry';
const topics = ['buoys/+/telemetry'];

function newSource(t: ExecutionContext, options: Partial<MqttSourceOptions> & { url: string }): MqttSource {
  const source = new MqttSource({
    protocol: 4,
    clientId: 'redtide-test',
    topics,
    clock: () => 1000,
    reconnectPeriod: 50,
    ...options,
  });
  t.teardown(() => source.stop());
  return source;
}

async function publisher(t: ExecutionContext, url: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 50 });
  t.teardown(() => client.end(true));
  return client;
}

const publishAll = async (client: MqttClient, payloads: readonly string[]) => {
  for (const payload of payloads) await client.publishAsync(topic, payload, { qos: 1 });
};

/**
 * What a broker holds as unacknowledged: a second session of the same client takes over and is sent it all again.
 */
async function stillOwed(t: ExecutionContext, url: string, protocol: 4 | 5): Promise<string[]> {
  const owed = new Gate();
  owed.open();
  const source = newSource(t, { url, protocol });
  await source.start(owed.accept);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await source.stop();
  return owed.received;
}

for (const protocol of [4, 5] as const) {
  const name = protocol === 4 ? 'MQTT 3.1.1' : 'MQTT 5';

  const contract = async (
    t: ExecutionContext,
    suite: (t: ExecutionContext, under: SourceUnderTest) => Promise<void>,
  ) => {
    const broker = await startMosquitto(t);
    if (!broker) return;
    const proxy = await MqttProxy.start(t, broker.port, protocol);
    const client = await publisher(t, broker.url);
    await suite(t, {
      source: newSource(t, { url: proxy.url, protocol }),
      send: (payloads) => publishAll(client, payloads),
      acknowledged: () => proxy.count('puback'),
    });
  };

  test(`${name}: acknowledges only what is accepted, in order`, (t) =>
    contract(t, acknowledgesOnlyWhatIsAccepted));
  test(`${name}: the broker sends again what was rejected`, (t) => contract(t, redeliversWhatIsRejected));
  test(`${name}: stops with everything settled`, (t) => contract(t, stopsWithEverythingSettled));

  test(`${name}: what was acknowledged is not sent again, what was not is`, async (t) => {
    const broker = await startMosquitto(t);
    if (!broker) return;
    const gate = new Gate();
    const source = newSource(t, { url: broker.url, protocol });
    await source.start(gate.accept);
    const client = await publisher(t, broker.url);
    await publishAll(client, numbered(50));
    await until('50 messages', () => gate.received.length === 50);
    gate.resolveAll();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await publishAll(client, ['a', 'b', 'c']);
    await until('3 more', () => gate.received.length === 53);
    await source.stop();
    t.deepEqual(await stillOwed(t, broker.url, protocol), ['a', 'b', 'c']);
    t.deepEqual(await stillOwed(t, broker.url, protocol), []);
  });

  test(`${name}: messages queued while away come right after connecting, and none is lost`, async (t) => {
    const broker = await startMosquitto(t);
    if (!broker) return;
    await stillOwed(t, broker.url, protocol);
    await publishAll(await publisher(t, broker.url), numbered(1500));
    t.deepEqual(await stillOwed(t, broker.url, protocol), numbered(1500));
  });

  test(`${name}: an acknowledgement never crosses to another connection`, async (t) => {
    const broker = await startMosquitto(t);
    if (!broker) return;
    const gate = new Gate();
    const source = newSource(t, { url: broker.url, protocol });
    await source.start(gate.accept);
    await publishAll(await publisher(t, broker.url), numbered(3));
    await until('3 messages', () => gate.received.length === 3);
    await broker.stop();
    await until('the loss of the connection', () => source.state === 'disconnected');
    await broker.start();
    await until('the same messages again', () => gate.received.length === 6);
    gate.resolveFirst(3);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await source.stop();
    t.deepEqual(await stillOwed(t, broker.url, protocol), numbered(3));
  });
}

test('QoS 2 and QoS 0 publications, and retained messages, are taken', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const client = await publisher(t, broker.url);
  await client.publishAsync(topic, 'retained', { qos: 1, retain: true });
  const gate = new Gate();
  gate.open();
  await newSource(t, { url: broker.url }).start(gate.accept);
  await client.publishAsync(topic, 'two', { qos: 2 });
  await client.publishAsync(topic, 'zero', { qos: 0 });
  await until('3 messages', () => gate.received.length === 3);
  t.deepEqual(gate.received, ['retained', 'two', 'zero']);
});

test('QoS 2 deliveries of an older subscription are completed only once accepted', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const clientId = 'redtide-test';
  const older = await mqtt.connectAsync(broker.url, { clientId, clean: false });
  await older.subscribeAsync(topics[0]!, { qos: 2 });
  await older.endAsync();
  const proxy = await MqttProxy.start(t, broker.port, 4);
  const gate = new Gate();
  const memory = { read: () => topics, write: async () => {} };
  await newSource(t, { url: proxy.url, clientId, memory }).start(gate.accept);
  await (await publisher(t, broker.url)).publishAsync(topic, 'two', { qos: 2 });
  await until('the message', () => gate.received.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(proxy.count('pubcomp'), 0);
  gate.rejectAll();
  await until('the message again', () => gate.received.length === 2);
  t.is(proxy.count('pubcomp'), 0);
  gate.open();
  await until('its completion', () => proxy.count('pubcomp') === 1);
});

test('at the bound on what is pending it stops reading, and goes on once there is room', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const gate = new Gate();
  const source = newSource(t, { url: broker.url, maxPending: 10 });
  await source.start(gate.accept);
  await publishAll(await publisher(t, broker.url), numbered(50));
  await until('10 messages', () => gate.received.length === 10);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(gate.received.length, 10);
  t.is(source.pending, 10);
  gate.resolveFirst(4);
  await until('4 more', () => gate.received.length === 14);
  gate.open();
  await until('all', () => gate.received.length === 50);
  t.deepEqual(gate.received, numbered(50));
});

test('topics that the configuration changes are told to a session that lives on', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  let known: readonly string[] | undefined;
  const memory = { read: () => known, write: async (filters: readonly string[]) => void (known = filters) };
  const first = newSource(t, { url: broker.url, topics: ['a', 'b'], memory });
  await first.start(async () => {});
  await first.stop();
  const client = await publisher(t, broker.url);
  for (const name of ['a', 'b', 'c']) await client.publishAsync(name, `${name} while away`, { qos: 1 });

  const gate = new Gate();
  gate.open();
  await newSource(t, { url: broker.url, topics: ['b', 'c'], memory }).start(gate.accept);
  for (const name of ['a', 'b', 'c']) await client.publishAsync(name, `${name} now`, { qos: 1 });
  await until('the last', () => gate.received.includes('c now'));
  t.deepEqual(gate.received, ['a while away', 'b while away', 'b now', 'c now']);
  t.deepEqual(known, ['b', 'c']);
});

test('a topic that the broker refuses is told, and the others flow', async (t) => {
  const broker = await Aedes.createBroker({
    authorizeSubscribe: (_, wanted, done) => done(null, wanted.topic === 'closed' ? null : wanted),
  });
  const server = createServer(broker.handle).listen(0, '127.0.0.1');
  t.teardown(() => {
    broker.close();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reports: string[] = [];
  const gate = new Gate();
  gate.open();
  let known: readonly string[] = [];
  const memory = {
    read: () => undefined,
    write: async (filters: readonly string[]) => void (known = filters),
  };
  const report = (_: string, what: string) => reports.push(what);
  await newSource(t, { url, topics: ['open', 'closed'], memory, report }).start(gate.accept);
  t.regex(reports.join(), /the broker refuses closed: check its access rules/);
  t.deepEqual(known, ['open']);
  await (await publisher(t, url)).publishAsync('open', 'one', { qos: 1 });
  await until('the message', () => gate.received.length === 1);
});

test('reconnecting while nothing becomes durable takes no more than the bound', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const gate = new Gate();
  const source = newSource(t, { url: broker.url, maxPending: 3 });
  await source.start(gate.accept);
  await publishAll(await publisher(t, broker.url), numbered(10));
  await until('3 messages', () => gate.received.length === 3);
  for (let times = 0; times < 3; times++) {
    await broker.stop();
    await until('the loss of the connection', () => source.state === 'disconnected');
    await broker.start();
    await until('the next connection', () => source.state === 'connected');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  t.is(source.pending, 3);
  gate.open();
  await until('all', () => new Set(gate.received).size === 10);
});

test('a broker that is away at the start is waited for; stop ends the wait', async (t) => {
  const reports: string[] = [];
  const source = newSource(t, { url: 'mqtt://127.0.0.1:1', report: (_, what) => reports.push(what) });
  const starting = source.start(async () => {});
  await until('several attempts', () => reports.length >= 2);
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.is(reports.filter((what) => what.includes('ECONNREFUSED')).length, 1, 'an outage is told once');
  await source.stop();
  await t.throwsAsync(starting, { message: /stopped before/ });
  t.is(source.state, 'stopped');
});

test('a wrong password is told, and tried again', async (t) => {
  const broker = await startMosquitto(t, 'allow_anonymous false');
  if (!broker) return;
  const reports: string[] = [];
  const source = newSource(t, { url: broker.url, report: (_, what) => reports.push(what) });
  const starting = source.start(async () => {});
  await until('the report', () => reports.some((what) => /Not authorized/i.test(what)));
  await source.stop();
  await t.throwsAsync(starting);
});

test('what becomes durable while the next connection is being made is not acknowledged on it', async (t) => {
  const gate = new Gate();
  const seen: string[][] = [];
  const server = createServer((socket) => {
    const connection: string[] = [];
    seen.push(connection);
    const packets = parser({ protocolVersion: 4 });
    const write = (packet: Packet) => socket.write(generate(packet));
    packets.on('packet', (packet: Packet) => {
      connection.push(packet.cmd);
      // Only the first connection is answered: the second stays on its way.
      if (packet.cmd === 'connect' && seen.length === 1)
        write({ cmd: 'connack', returnCode: 0, sessionPresent: false });
      if (packet.cmd !== 'subscribe') return;
      write({ cmd: 'suback', messageId: packet.messageId!, granted: [1] });
      write({ cmd: 'publish', topic, payload: 'one', qos: 1, messageId: 1, dup: false, retain: false });
    });
    socket.on('data', (chunk) => packets.parse(chunk)).on('error', () => {});
    sockets.push(socket);
  });
  const sockets: Socket[] = [];
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await newSource(t, { url: `mqtt://127.0.0.1:${port}` }).start(gate.accept);
  await until('the message', () => gate.received.length === 1);
  sockets[0]!.destroy();
  await until('the second connection', () => seen[1]?.length === 1);
  gate.resolveAll();
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.deepEqual(seen, [['connect', 'subscribe'], ['connect']]);
});
