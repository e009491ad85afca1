import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { isReceiptToken, receiptToken, receiptUrl } from '../../src/alerts/receipt-token.ts';
import { documentsIn } from '../../src/dashboard/documents.ts';
import { type HttpOptions, startHttpServer } from '../../src/dashboard/http-server.ts';
import { createMetrics } from '../../src/dashboard/metrics.ts';
import type { ReceiptClaim } from '../../src/dashboard/receipt-page.ts';
import { temporaryFolder } from '../process.ts';
import { exampleStatus } from './example-status.ts';

const key = Buffer.from('a key of thirty-two bytes, or so');
const id = 'bloom/bay & <b>/2026-03-01T00:00:00.000Z/1';

async function serve(t: ExecutionContext, more: Partial<HttpOptions> = {}) {
  const received: ReceiptClaim[] = [];
  const clock = { now: 0 };
  const server = await startHttpServer({
    port: 0,
    status: () => exampleStatus(),
    metrics: createMetrics(),
    receipts: {
      isTrue: ({ channel, id, token }) => isReceiptToken(key, channel, id, token),
      receive: async (claim) => {
        if (claim.channel === 'gone') return false;
        received.push(claim);
        return true;
      },
      now: () => clock.now,
    },
    ...more,
  });
  t.teardown(() => server.stop());
  return { url: server.url, received, clock };
}

test('to open the link confirms nothing, the button does', async (t) => {
  const { url, received } = await serve(t);
  const link = receiptUrl(url, key, 'mail', id);
  const opened = await fetch(link);
  t.is(opened.status, 200);
  const page = await opened.text();
  t.regex(page, /<form method="post"><button>I have read this message<\/button><\/form>/);
  t.true(page.includes('bay &amp; &lt;b&gt;'), 'escaped');
  t.regex(opened.headers.get('content-security-policy')!, /form-action 'self'/);
  t.deepEqual(received, []);
  t.is((await fetch(link, { method: 'HEAD' })).status, 200);
  t.deepEqual(received, [], 'as a mail server that looks for harm');
  const confirmed = await fetch(link, { method: 'POST' });
  t.is(confirmed.status, 200);
  t.regex(await confirmed.text(), /It is noted/);
  t.like(received, [{ channel: 'mail', id }]);
});

test('a token is good for its message on its channel alone', async (t) => {
  const token = receiptToken(key, 'mail', id);
  t.true(isReceiptToken(key, 'mail', id, token));
  t.false(isReceiptToken(key, 'mail', `${id}0`, token));
  t.false(isReceiptToken(key, 'boss', id, token));
  t.false(isReceiptToken(Buffer.from('another'), 'mail', id, token));
  t.false(isReceiptToken(key, 'mail', id, ''));
  t.not(receiptToken(key, 'a', 'b/c'), receiptToken(key, 'a/b', 'c'));
  const { url, received } = await serve(t);
  const link = new URL(receiptUrl(url, key, 'mail', id));
  link.searchParams.set('id', 'another');
  t.is((await fetch(link, { method: 'POST' })).status, 403);
  t.is((await fetch(`${url}receipt`, { method: 'POST' })).status, 403);
  t.deepEqual(received, []);
});

test('whoever guesses is not heard for a minute', async (t) => {
  const { url, clock } = await serve(t);
  for (let i = 0; i < 30; i++) t.is((await fetch(`${url}receipt?token=${i}`)).status, 403);
  const good = receiptUrl(url, key, 'mail', id);
  const refused = await fetch(good);
  t.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '60']);
  clock.now = 60_001;
  t.is((await fetch(good)).status, 200);
});

test('a message that is no longer known is 404, another method 405', async (t) => {
  const { url } = await serve(t);
  t.is((await fetch(receiptUrl(url, key, 'gone', id), { method: 'POST' })).status, 404);
  t.is((await fetch(receiptUrl(url, key, 'mail', id), { method: 'DELETE' })).status, 405);
});

test('the address may have a path of a proxy before it', (t) => {
  t.regex(
    receiptUrl('https://a.example.org/tide', key, 'mail', id),
    /^https:\/\/a\.example\.org\/tide\/receipt\?channel=mail&id=bloom%2F/,
  );
});

test('CAP files and their feed are served, and nothing else that lies there', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'cap'));
  for (const file of ['cap/feed.atom', 'cap/a-1_2.xml', 'cap/index.json', 'secret.xml'])
    writeFileSync(join(folder, file), `<x>${file}</x>`);
  const { url } = await serve(t, { documents: documentsIn(new Map([['cap', join(folder, 'cap')]])) });
  const feed = await fetch(`${url}cap/feed.atom`);
  t.deepEqual([feed.status, feed.headers.get('content-type')], [200, 'application/atom+xml; charset=utf-8']);
  const document = await fetch(`${url}cap/a-1_2.xml?x=1`);
  t.is(document.headers.get('content-type'), 'application/cap+xml; charset=utf-8');
  t.is(await document.text(), '<x>cap/a-1_2.xml</x>');
  for (const path of [
    'cap/index.json',
    'cap/none.xml',
    'cap/..%2fsecret.xml',
    'cap/%2e%2e/secret.xml',
    'other/feed.atom',
  ])
    t.is((await fetch(`${url}${path}`)).status, 404, path);
  t.is((await fetch(`${url}cap/feed.atom`, { method: 'POST' })).status, 405);
});

test('the open alerts are at /api/alerts', async (t) => {
  const { url } = await serve(t);
  const { alerts } = (await (await fetch(`${url}api/alerts`)).json()) as { alerts: unknown[] };
  t.deepEqual(alerts, JSON.parse(JSON.stringify(exampleStatus().alerts)));
});
