import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import test, { type ExecutionContext } from 'ava';
import mqtt from 'mqtt';
import { composeWith, messageId } from '../../src/alerts/message.ts';
import {
  connectMqttPublisher,
  createMqttNotifier,
  type MqttPublisherOptions,
  type Publish,
} from '../../src/alerts/mqtt-notifier.ts';
import { type NotifierSetup, testNotifierContract } from '../contracts/notifier.ts';
import { startMosquitto } from '../servers.ts';
import { ruleWith } from './evidence.ts';
import { transitionOf } from './transition.ts';

const topic = 'redtide/alerts';
const compose = composeWith({ rules: [ruleWith({ on: 'forecast' })], units: { chlorophyll: 'ug/L' } });

interface Arrival {
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
}

/** Listens as an agency does; what has arrived, once it is `count` messages. */
async function listen(t: ExecutionContext, port: number, filter: string) {
  const arrivals: Arrival[] = [];
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 });
  t.teardown(() => client.endAsync(true));
  client.on('message', (topic, payload, { retain }) => {
    arrivals.push({ topic, text: String(payload), retain: Boolean(retain) });
  });
  await client.subscribeAsync(filter, { qos: 1 });
  return async (count: number) => {
    for (let tries = 0; arrivals.length < count && tries < 300; tries++) await sleep(10);
    return arrivals;
  };
}

async function publisherTo(t: ExecutionContext, port: number, more: Partial<MqttPublisherOptions> = {}) {
  const url = `mqtt://127.0.0.1:${port}`;
  const publisher = connectMqttPublisher({ url, protocol: 5, clientId: 'redtide-alerts', ...more });
  t.teardown(publisher.close);
  const knock = () => publisher.publish('test/ready', '', { qos: 1, retain: false });
  while (await knock().catch((error: Error) => error)) await sleep(10);
  return publisher;
}

async function aedes(
  t: ExecutionContext,
): Promise<{ port: number; publish: Publish; stop: () => Promise<void> }> {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => new Promise<void>((resolve) => broker.close(() => server.close(() => resolve())));
  t.teardown(() => (broker.closed ? undefined : stop()));
  const publish: Publish = (topic, payload, { qos, retain }) =>
    new Promise((resolve, reject) => {
      if (broker.closed) return reject(new Error('the broker is closed'));
      const packet = {
        cmd: 'publish',
        topic,
        payload: Buffer.from(payload),
        qos,
        retain,
        dup: false,
      } as const;
      broker.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  return { port: (server.address() as AddressInfo).port, publish, stop };
}

async function setupOf(
  t: ExecutionContext,
  port: number,
  publish: Publish,
  more: { close?: () => Promise<void>; break: () => Promise<void> },
): Promise<NotifierSetup> {
  const arrivals = await listen(t, port, `${topic}/events/#`);
  return {
    notifier: createMqttNotifier({ topic, publish, compose, ...more }),
    received: async (count) => (await arrivals(count)).map(({ text }) => JSON.parse(text).id),
    break: more.break,
  };
}

testNotifierContract(
  test,
  'mqtt over a broker in the process',
  async (t) => {
    const { port, publish, stop } = await aedes(t);
    return setupOf(t, port, publish, { break: stop });
  },
  messageId,
);

for (const protocol of [4, 5] as const)
  testNotifierContract(
    test,
    `mqtt ${protocol === 4 ? '3.1.1' : '5'} over mosquitto`,
    async (t) => {
      const broker = await startMosquitto(t);
      if (!broker) return undefined;
      const { publish, close } = await publisherTo(t, broker.port, { protocol });
      return setupOf(t, broker.port, publish, { close, break: () => broker.stop() });
    },
    messageId,
  );

test('who listens gets the event, and who comes later the present state of each rule and station', async (t) => {
  const { port, publish } = await aedes(t);
  const notifier = createMqttNotifier({ topic, publish, compose });
  const now = await listen(t, port, 'redtide/#');
  const over = transitionOf(0, 'resolved');
  for (const transition of [transitionOf(0), over]) await notifier.send(transition);
  t.deepEqual(
    (await now(4)).map(({ topic }) => topic),
    ['state', 'events', 'state', 'events'].map((kind) => `redtide/alerts/${kind}/buoy-1/bloom`),
  );
  const [state, ...more] = await (await listen(t, port, 'redtide/#'))(1);
  t.deepEqual([state!.topic, state!.retain], ['redtide/alerts/state/buoy-1/bloom', true]);
  t.deepEqual(JSON.parse(state!.text), JSON.parse(JSON.stringify(compose(over))));
  t.deepEqual(more, []);
});

test('a name that a topic cannot hold is one level all the same', async (t) => {
  const topics: string[] = [];
  const publish: Publish = async (topic) => void topics.push(topic);
  const notifier = createMqttNotifier({ topic, publish, compose });
  await notifier.send({ ...transitionOf(0), area: 'bay/#1+2', rule: '100%' });
  t.is(topics[0], 'redtide/alerts/state/bay%2F%231%2B2/100%25');
});

for (const [code, outcome] of [
  [135, 'retry'],
  [151, 'retry'],
  [149, 'refused'],
] as const)
  test(`the broker's reason ${code} means ${outcome}`, async (t) => {
    const publish = () => Promise.reject(Object.assign(new Error('Publish error'), { code }));
    t.is((await createMqttNotifier({ topic, publish, compose }).send(transitionOf(0))).outcome, outcome);
  });

test('without a broker the reason says so; with one again, messages flow again', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const { publish } = await publisherTo(t, broker.port, { reconnectPeriod: 20 });
  const notifier = createMqttNotifier({ topic, publish, compose });
  await broker.stop();
  await sleep(100);
  const refused = await notifier.send(transitionOf(0));
  t.like(refused, { outcome: 'retry' });
  t.regex(refused.outcome === 'retry' ? refused.reason : '', new RegExp(`127.0.0.1:${broker.port}: .+`));
  await broker.start();
  while ((await notifier.send(transitionOf(0))).outcome !== 'delivered') await sleep(20);
  t.pass();
});

test('the broker says that we are gone when we die, and when we leave', async (t) => {
  const broker = await startMosquitto(t);
  if (!broker) return;
  const arrivals = await listen(t, broker.port, 'redtide/alerts/edge');
  const first = await publisherTo(t, broker.port, { presence: 'redtide/alerts/edge' });
  await arrivals(1);
  await first.close();
  // Another client of the same name takes the connection over: to the broker the first one died.
  await publisherTo(t, broker.port, { presence: 'redtide/alerts/edge' });
  await publisherTo(t, broker.port, { reconnectPeriod: 0 });
  t.deepEqual(
    (await arrivals(4)).map(({ text }) => text),
    ['online', 'offline', 'online', 'offline'],
  );
});
