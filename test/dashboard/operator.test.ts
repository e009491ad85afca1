import test, { type ExecutionContext } from 'ava';
import { startHttpServer } from '../../src/dashboard/http-server.ts';
import { createMetrics } from '../../src/dashboard/metrics.ts';
import type { Operator, OrderGiven } from '../../src/dashboard/operator.ts';
import { exampleStatus } from './example-status.ts';

const operators = [
  { name: 'day shift', token: 'first-secret' },
  { name: 'night shift', token: 'second-secret' },
];

async function serve(t: ExecutionContext, allowed: readonly Operator[] = operators) {
  const orders: OrderGiven[] = [];
  let now = 0;
  const server = await startHttpServer({
    port: 0,
    status: () => exampleStatus(),
    metrics: createMetrics(),
    operator: {
      operators: allowed,
      now: () => now,
      order: async (order) => {
        if (order.action === 'impossible') throw new Error('no alert has that id');
        if (order.action === 'refused')
          return { outcomes: [{ kind: 'answer', accepted: false, text: 'it is only pending' }] };
        orders.push(order);
        return { outcomes: [{ kind: 'answer', accepted: true, text: 'done' }] };
      },
    },
  });
  t.teardown(() => server.stop());
  const post = (token: string | undefined, body: unknown, type = 'application/json') =>
    fetch(`${server.url}api/orders`, {
      method: 'POST',
      headers: { 'Content-Type': type, ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const pass = (ms: number) => {
    now += ms;
  };
  return { post, orders, pass, url: server.url };
}

const order = { action: 'acknowledge', author: 'A. Officer', details: { alert: 'r/B01/2026' } };

test('an order with a token is carried out in the name of its operator', async (t) => {
  const { post, orders } = await serve(t);
  t.is((await post('second-secret', order)).status, 200);
  t.is((await post('first-secret', { action: 'silence' })).status, 200);
  t.deepEqual(orders, [
    { ...order, author: 'A. Officer (night shift)' },
    { action: 'silence', author: 'day shift', details: {} },
  ]);
});

test('without a right token nothing is carried out, and guessing soon ends', async (t) => {
  const { post, orders, pass } = await serve(t);
  for (const token of [undefined, '', 'first-secre', 'first-secrett', 'Bearer', 'FIRST-SECRET'])
    t.is((await post(token, order)).status, 401, token);
  for (let guess = 0; guess < 4; guess++) await post(`${guess}`, order);
  t.is((await post('first-secret', order)).status, 429);
  t.is(orders.length, 0);
  pass(61_000);
  t.is((await post('first-secret', order)).status, 200);
});

test('what is no order, or cannot be carried out, is answered with the reason', async (t) => {
  const { post, orders, url } = await serve(t);
  for (const [body, reason] of [
    ['{', /JSON/],
    [{}, /action must say what is to be done/],
    [{ action: 'a', details: null }, /details must be an object/],
    [{ action: 'impossible' }, /no alert has that id/],
    [`"${'x'.repeat(200_000)}"`, /may have 100000 bytes/],
  ] as const) {
    const answer = await post('first-secret', body);
    t.is(answer.status, 400);
    t.regex(((await answer.json()) as { error: string }).error, reason);
  }
  t.is((await post('first-secret', order, 'text/plain')).status, 415);
  t.is((await fetch(`${url}api/orders`)).status, 405);
  t.is(orders.length, 0);
});

test('what the pipeline refuses is not called done', async (t) => {
  const { post } = await serve(t);
  const answer = await post('first-secret', { ...order, action: 'refused' });
  t.is(answer.status, 409);
  t.deepEqual(await answer.json(), { error: 'it is only pending' });
});

test('where no operator is configured nobody may give orders', async (t) => {
  const { post, orders } = await serve(t, []);
  const answer = await post('', order);
  t.is(answer.status, 403);
  t.regex(((await answer.json()) as { error: string }).error, /add http\/operators/);
  t.is(orders.length, 0);
});
