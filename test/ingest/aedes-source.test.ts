import { once } from 'node:events';
import { connect as connectSocket, createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { AedesSource, type AedesSourceOptions } from '../../src/ingest/aedes-source.ts';
import {
  acknowledgesOnlyWhatIsAccepted,
  Gate,
  redeliversWhatIsRejected,
  type SourceUnderTest,
  stopsWithEverythingSettled,
} from '../contracts/source.ts';

const topic = 'buoys/b1/telemetry';
const event = (client: MqttClient, name: 'connect' | 'close' | 'error' | 'message') =>
  new Promise<unknown[]>((resolve) => client.once(name, (...values: unknown[]) => resolve(values)));

function newSource(t: ExecutionContext, options: Partial<AedesSourceOptions> = {}): AedesSource {
  const source = new AedesSource({
    host: '127.0.0.1',
    port: 0,
    topics: ['buoys/{station}/telemetry'],
    clock: () => 1000,
    ...options,
  });
  t.teardown(() => source.stop());
  return source;
}

async function gateway(
  t: ExecutionContext,
  source: AedesSource,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: source.address!.port,
    reconnectPeriod: 50,
    ...options,
  });
  t.teardown(() => client.end(true));
  client.on('error', () => {});
  if (!client.connected) await Promise.race([event(client, 'connect'), event(client, 'close')]);
  return client;
}

function underTest(t: ExecutionContext): SourceUnderTest {
  const source = newSource(t);
  let acknowledged = 0;
  let client: MqttClient | undefined;
  return {
    source,
    acknowledged: () => acknowledged,
    async send(payloads) {
      client ??= await gateway(t, source);
      const ours = client;
      await Promise.all(
        payloads.map((payload) => ours.publishAsync(topic, payload, { qos: 1 }).then(() => acknowledged++)),
      );
    },
  };
}

test('acknowledges only what is accepted, in order', (t) => acknowledgesOnlyWhatIsAccepted(t, underTest(t)));
test('a gateway sends again what was rejected', (t) => redeliversWhatIsRejected(t, underTest(t)));
test('stops with everything settled', (t) => stopsWithEverythingSettled(t, underTest(t)));

test('PUBACKs keep the order of receipt, whatever becomes durable first', async (t) => {
  const source = newSource(t);
  const gate = new Gate();
  await source.start(gate.accept);
  const client = await gateway(t, source);
  const order: number[] = [];
  client.on('packetreceive', (packet) => packet.cmd === 'puback' && order.push(packet.messageId!));
  const sent = Promise.all(
    Array.from({ length: 10 }, (_, at) => client.publishAsync(topic, `${at}`, { qos: 1 })),
  );
  while (gate.received.length < 10) await new Promise(setImmediate);
  gate.resolveAll();
  await sent;
  t.is(order.length, 10);
  t.deepEqual(
    order,
    order.map((_, at) => order[0]! + at),
  );
});

test('QoS 2 is completed once accepted; QoS 0 is taken', async (t) => {
  const source = newSource(t);
  const gate = new Gate();
  gate.open();
  await source.start(gate.accept);
  const client = await gateway(t, source);
  await client.publishAsync(topic, 'two', { qos: 2 });
  await client.publishAsync(topic, 'zero', { qos: 0 });
  while (gate.received.length < 2) await new Promise(setImmediate);
  t.deepEqual(gate.received, ['two', 'zero']);
});

test('only topics that are ours are accepted; others pass, and $ topics end the connection', async (t) => {
  const source = newSource(t);
  const gate = new Gate();
  gate.open();
  await source.start(gate.accept);
  const client = await gateway(t, source);
  await client.publishAsync('elsewhere', 'x', { qos: 1 });
  t.deepEqual(gate.received, []);
  client.publish('$SYS/broker/x', 'x', { qos: 0 });
  await event(client, 'close');
  t.deepEqual(gate.received, []);
});

test('a busy port gives the next free one, and says so', async (t) => {
  const busy = createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  t.teardown(() => busy.close());
  const { port } = busy.address() as { port: number };
  const source = newSource(t, { port });
  await source.start(async () => {});
  t.is(source.address!.requestedPort, port);
  t.true(source.address!.port > port);
});

test('without users it listens on loopback only', async (t) => {
  await t.throwsAsync(
    newSource(t, { host: '0.0.0.0' }).start(async () => {}),
    { message: /set users/ },
  );
});

test('with users, a password is needed and a station cannot publish as another', async (t) => {
  const source = newSource(t, { users: { b1: 'right', b2: 'other' } });
  const gate = new Gate();
  gate.open();
  await source.start(gate.accept);
  const refused = async (options: IClientOptions) => {
    const client = mqtt.connect({
      host: '127.0.0.1',
      port: source.address!.port,
      reconnectPeriod: 0,
      ...options,
    });
    t.teardown(() => client.end(true));
    const [error] = await event(client, 'error');
    return (error as Error).message;
  };
  t.regex(await refused({}), /Not authorized/);
  t.regex(await refused({ username: 'b1', password: 'wrong' }), /Not authorized/);
  t.regex(await refused({ username: 'constructor', password: 'x' }), /Not authorized/);

  const client = await gateway(t, source, { username: 'b1', password: 'right', reconnectPeriod: 0 });
  await client.publishAsync(topic, 'mine', { qos: 1 });
  client.publish('buoys/b2/telemetry', 'theirs', { qos: 1 });
  await event(client, 'close');
  t.deepEqual(gate.received, ['mine']);
});

test('a packet that is too large ends the connection before it is read', async (t) => {
  const source = newSource(t, { maxPacket: 1000 });
  const gate = new Gate();
  gate.open();
  await source.start(gate.accept);
  const client = await gateway(t, source, { reconnectPeriod: 0 });
  await client.publishAsync(topic, 'x'.repeat(900), { qos: 1 });
  client.publish(topic, 'x'.repeat(1100), { qos: 1 });
  await event(client, 'close');
  t.is(gate.received.length, 1);
});

test('bytes that are no MQTT end their own connection and no other', async (t) => {
  const source = newSource(t);
  const gate = new Gate();
  gate.open();
  await source.start(gate.accept);
  const client = await gateway(t, source);
  for (const bytes of [
    'GET / HTTP/1.1\r\n\r\n',
    '\x10\x00',
    '\x30\x02\x00\x00',
    '\xff\xff\xff\xff\xff\xff',
  ]) {
    const socket = connectSocket(source.address!.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end(Buffer.from(bytes, 'latin1'));
    await once(socket, 'close');
  }
  await client.publishAsync(topic, 'still here', { qos: 1 });
  t.deepEqual(gate.received, ['still here']);
});

test('publishes to its own subscribers, retained where asked, without taking it in', async (t) => {
  const source = newSource(t);
  const gate = new Gate();
  await source.start(gate.accept);
  await source.publish('redtide/alerts/a', 'bloom', { retain: true });
  const client = await gateway(t, source);
  await client.subscribeAsync('redtide/alerts/#', { qos: 1 });
  const [at, payload] = await event(client, 'message');
  t.is(`${at} ${payload}`, 'redtide/alerts/a bloom');
  t.deepEqual(gate.received, []);
});
