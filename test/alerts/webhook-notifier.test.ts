import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { composeWith, messageId } from '../../src/alerts/message.ts';
import { isOpen, networks, openAddresses } from '../../src/alerts/webhook-address.ts';
import { answered, createWebhookNotifier, type WebhookOptions } from '../../src/alerts/webhook-notifier.ts';
import { isSigned, signedHeaders } from '../../src/alerts/webhook-signature.ts';
import { testNotifierContract } from '../contracts/notifier.ts';
import { FaultServer } from '../fault-server.ts';
import { until } from '../process.ts';
import { ruleWith } from './evidence.ts';
import { transitionOf } from './transition.ts';

const secret = 'correct horse battery staple';
const now = Date.UTC(2026, 2, 1);
const compose = composeWith({ rules: [ruleWith({ on: 'forecast' })], units: { chlorophyll: 'ug/L' } });

const webhookTo = (url: string, more: Partial<WebhookOptions> = {}) =>
  createWebhookNotifier({ url, secret, compose, now: () => now, allow: ['127.0.0.1'], ...more });

testNotifierContract(
  test,
  'webhook',
  async (t) => {
    const receiver = await FaultServer.start(t);
    return {
      notifier: webhookTo(receiver.url),
      received: async (count) => {
        await until(`${count} messages`, () => receiver.seen.length >= count);
        return receiver.seen.map(({ body }) => JSON.parse(body).id);
      },
      break: async () => receiver.always('reset'),
    };
  },
  messageId,
);

test('the body is the message, signed so that the receiver can tell who sent it and when', async (t) => {
  const receiver = await FaultServer.start(t);
  await webhookTo(`${receiver.url}/hooks/tide?area=1`).send(transitionOf(0));
  const [{ method, path, body, headers }] = receiver.seen as [(typeof receiver.seen)[0]];
  t.deepEqual([method, path, headers['content-type']], ['POST', '/hooks/tide?area=1', 'application/json']);
  t.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(await compose(transitionOf(0)))));
  t.is(headers['webhook-id'], messageId(transitionOf(0)));
  t.true(isSigned(secret, headers, body, now));
  t.false(isSigned('another', headers, body, now), 'another secret');
  t.false(isSigned(secret, headers, `${body} `, now), 'another body');
  t.false(isSigned(secret, headers, body, now + 600_000), 'played again later');
  t.false(isSigned(secret, { ...headers, 'webhook-id': 'x' }, body, now), 'another identifier');
});

test('the signature is that of Standard Webhooks', (t) => {
  // The example of the specification's reference libraries.
  const headers = signedHeaders(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330_000,
    '{"test": 2432232314}',
  );
  t.is(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

for (const [status, outcome] of [
  [200, 'delivered'],
  [202, 'delivered'],
  [301, 'refused'],
  [307, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [408, 'retry'],
  [410, 'refused'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
] as const)
  test(`${status} means ${outcome}`, async (t) => {
    const receiver = await FaultServer.start(t);
    receiver.next({ status, headers: { location: `${receiver.url}/elsewhere` } });
    t.is((await webhookTo(receiver.url).send(transitionOf(0))).outcome, outcome);
    t.is(receiver.seen.length, 1, 'and nothing is followed');
  });

test('Retry-After is heeded in seconds and as a date, up to an hour', (t) => {
  const waits = ['7', new Date(now + 9000).toUTCString(), '86400', 'soon', undefined].map((retryAfter) => {
    const delivery = answered({ status: 429, retryAfter }, now);
    return delivery.outcome === 'retry' ? delivery.after : delivery.outcome;
  });
  t.deepEqual(waits, [7000, 9000, 3_600_000, undefined, undefined]);
});

for (const fault of ['hang', 'reset', 'lost answer', { slow: 2000 }] as const)
  test(`a receiver that does "${JSON.stringify(fault)}" is tried again, within the deadline`, async (t) => {
    const receiver = await FaultServer.start(t);
    const far = fault === 'lost answer' ? await FaultServer.start(t, receiver.url) : receiver;
    far.next(fault);
    const delivery = await webhookTo(far.url, { deadline: 300 }).send(transitionOf(0));
    t.is(delivery.outcome, 'retry');
    t.is((await webhookTo(far.url).send(transitionOf(0))).outcome, 'delivered');
  });

for (const fault of ['reset in body', 'hang in body'] as const)
  test(`once the status says 200, "${fault}" changes nothing`, async (t) => {
    const receiver = await FaultServer.start(t);
    receiver.next(fault);
    t.is((await webhookTo(receiver.url).send(transitionOf(0))).outcome, 'delivered');
  });

test('an answer without an end is not read', async (t) => {
  let closed = false;
  const server = createServer((_request, response) => {
    const timer = setInterval(() => response.write('x'.repeat(1000)), 1);
    response.once('close', () => {
      clearInterval(timer);
      closed = true;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.is((await webhookTo(`http://127.0.0.1:${port}/`).send(transitionOf(0))).outcome, 'delivered');
  await until('the connection ends', () => closed);
});

const reasonOf = async (t: ExecutionContext, url: string, more: Partial<WebhookOptions>) => {
  const delivery = await webhookTo(url, more).send(transitionOf(0));
  t.is(delivery.outcome, 'retry');
  return delivery.outcome === 'retry' ? delivery.reason : '';
};

test('what is not on the public Internet is not connected to unless it is allowed', async (t) => {
  const receiver = await FaultServer.start(t);
  const { port } = new URL(receiver.url);
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1'])
    t.regex(
      await reasonOf(t, `http://${host}:${port}/`, { allow: ['10.0.0.0/8'] }),
      /not on the public Internet/,
      host,
    );
  t.deepEqual(receiver.seen, []);
});

test('a name that changes between two questions is asked for once, and connected to where it was first', async (t) => {
  const receiver = await FaultServer.start(t);
  const { port } = new URL(receiver.url);
  let asked = 0;
  const rebinding = async () =>
    asked++ === 0
      ? [{ address: '127.0.0.1', family: 4 as const }]
      : [{ address: '127.0.0.2', family: 4 as const }];
  const url = `http://hooks.example.org:${port}/`;
  const delivery = await webhookTo(url, { allow: ['127.0.0.1'], resolve: rebinding }).send(transitionOf(0));
  t.deepEqual([delivery.outcome, asked], ['delivered', 1]);
  t.is(receiver.seen[0]!.headers.host, `hooks.example.org:${port}`);
  const mixed = async () => [
    { address: '203.0.114.7', family: 4 as const },
    { address: '10.0.0.1', family: 4 as const },
  ];
  t.regex(await reasonOf(t, url, { resolve: mixed }), /is at 10\.0\.0\.1, which is not on the public/);
});

test('a name that cannot be resolved is tried again', async (t) => {
  const resolve = () => Promise.reject(new Error('getaddrinfo EAI_AGAIN hooks.example.org'));
  t.regex(await reasonOf(t, 'http://hooks.example.org/', { resolve }), /EAI_AGAIN/);
});

test('special networks of both families are told from public ones', async (t) => {
  const none = networks([]);
  const judged = (address: string) =>
    isOpen({ address, family: address.includes(':') ? 6 : 4 }, none) ? 'open' : 'closed';
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    t.is(judged(address), 'open', address);
  for (const address of [
    '0.0.0.0',
    '10.9.8.7',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:169.254.169.254',
    '64:ff9b::a00:1',
    'fd00::1',
    'fe80::1',
    'ff02::1',
  ])
    t.is(judged(address), 'closed', address);
  t.throws(() => networks(['10.0.0.0/33']), { message: /10\.0\.0\.0\/33 is no network/ });
  await t.throwsAsync(
    openAddresses('x', none, async () => []),
    { message: 'x has no address' },
  );
});
