import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { type HttpOptions, startHttpServer } from '../../src/dashboard/http-server.ts';
import { createMetrics } from '../../src/dashboard/metrics.ts';
import { exampleStatus } from './example-status.ts';

async function serve(t: ExecutionContext, more: Partial<HttpOptions> = {}) {
  const server = await startHttpServer({
    port: 0,
    status: () => exampleStatus(),
    metrics: createMetrics(),
    ...more,
  });
  t.teardown(() => server.stop());
  return server;
}

/** The raw answer to raw bytes, for what `fetch` would not send. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

test('answers the four addresses', async (t) => {
  const { url } = await serve(t);
  const get = (path: string) => fetch(new URL(path, url));
  const home = await get('/');
  t.is(home.status, 200);
  t.is(home.headers.get('content-type'), 'text/html; charset=utf-8');
  t.regex(await home.text(), /1 alert firing, 2 of 4 stations reporting/);
  for (const path of ['/health', '/ready', '/ready?verbose=1']) {
    const answer = await get(path);
    t.is(answer.status, 200);
    t.deepEqual(await answer.json(), { ok: true, reasons: [] });
  }
  const metrics = await get('/metrics');
  t.regex(metrics.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  t.regex(await metrics.text(), /^redtide_journal_head_sequence 12345$/m);
});

test('the status is asked for anew each time', async (t) => {
  let messages = 0;
  const status = () => exampleStatus({ produced: { ...exampleStatus().produced, messages: ++messages } });
  const { url } = await serve(t, { status });
  for (const expected of [1, 2, 3])
    t.true((await (await fetch(`${url}metrics`)).text()).includes(`messages_received_total ${expected}\n`));
});

test('503 with the reasons when not ready, while health stays 200', async (t) => {
  const { url } = await serve(t, { status: () => exampleStatus({ model: undefined, stations: [] }) });
  const ready = await fetch(`${url}ready`);
  t.is(ready.status, 503);
  t.deepEqual(await ready.json(), {
    ok: false,
    reasons: [
      { check: 'model', detail: 'no model is loaded, so nothing is forecast' },
      { check: 'data', detail: 'no station has been heard yet' },
    ],
  });
  t.is((await fetch(`${url}health`)).status, 200);
  t.is((await fetch(url)).status, 200);
});

test('503 from health when the pipeline stands still, by the limit given', async (t) => {
  const status = () => exampleStatus({ journal: { head: 2, position: 1, stalled: 500 } });
  const { url } = await serve(t, { status, limits: { stalled: 100, dataAge: 1e9 } });
  t.is((await fetch(`${url}health`)).status, 503);
});

test('a status that fails is answered with 500, reported, and no detail leaves', async (t) => {
  const said: string[] = [];
  const status = () => {
    throw new Error('secret detail');
  };
  const { url } = await serve(t, { status, report: (what) => said.push(what) });
  const answer = await fetch(`${url}health`);
  t.is(answer.status, 500);
  t.false((await answer.text()).includes('secret'));
  t.regex(said.join(), /\/health could not be answered: .*secret detail/);
});

test('the policy allows our own scripts and styles and nothing else', async (t) => {
  const { url } = await serve(t);
  const answer = await fetch(url);
  const [, style] = (await answer.text()).match(/<style>(.*?)<\/style>/s)!;
  const hash = createHash('sha256').update(style!).digest('base64');
  t.is(
    answer.headers.get('content-security-policy'),
    `default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  t.is(answer.headers.get('x-content-type-options'), 'nosniff');
  t.is(answer.headers.get('cache-control'), 'no-store');
});

test('other addresses are not found, whatever their name', async (t) => {
  const { port } = await serve(t);
  for (const path of [
    '/nothing',
    '/metrics/',
    '/../etc/passwd',
    '//',
    '/constructor',
    '/__proto__',
    '*',
    '/%00',
  ])
    t.regex(
      await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      /^HTTP\/1.1 404 /,
      path,
    );
});

test('only GET and HEAD are answered', async (t) => {
  const { url, port } = await serve(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await fetch(`${url}health`, { method });
    t.is(answer.status, 405);
    t.is(answer.headers.get('allow'), 'GET, HEAD');
  }
  const head = await raw(port, 'HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  t.regex(head, /^HTTP\/1.1 200 /);
  t.regex(head, /content-length: [1-9]/i);
  t.true(head.endsWith('\r\n\r\n'));
});

test('what is no HTTP does not end it', async (t) => {
  const { url, port } = await serve(t);
  t.regex(await raw(port, '\x00\x01 no http at all\r\n\r\n'), /^HTTP\/1.1 400 /);
  t.is((await fetch(`${url}health`)).status, 200);
});

test('a busy port: the next free one is taken and said', async (t) => {
  const busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => busy.close());
  const { port } = busy.address() as AddressInfo;
  const said: string[] = [];
  const server = await serve(t, { port, report: (what) => said.push(what) });
  t.is(server.requestedPort, port);
  t.true(server.port > port && server.port < port + 20);
  t.deepEqual(said, [`port ${port} is busy, so it is ${server.port}`]);
  t.is(server.url, `http://127.0.0.1:${server.port}/`);
  t.is((await fetch(`${server.url}health`)).status, 200);
});

test('a host that is not ours is refused by name', async (t) => {
  await t.throwsAsync(serve(t, { host: '192.0.2.1', port: 8080 }), {
    message: /^the status page cannot listen on 192\.0\.2\.1:8080: /,
  });
});

test('only this machine reaches it unless it is told otherwise', async (t) => {
  const { port, host } = await serve(t);
  t.is(host, '127.0.0.1');
  const outer = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  if (outer) await t.throwsAsync(fetch(`http://${outer.address}:${port}/health`));
});

test('stops with connections open', async (t) => {
  const server = await serve(t);
  const idle = connect(server.port, '127.0.0.1');
  await new Promise((resolve) => idle.on('connect', resolve));
  const closed = new Promise((resolve) => idle.on('close', resolve));
  await server.stop();
  await closed;
  const refused = new Promise<Error>((resolve) => request(server.url).on('error', resolve).end());
  t.is(((await refused) as NodeJS.ErrnoException).code, 'ECONNREFUSED');
});
