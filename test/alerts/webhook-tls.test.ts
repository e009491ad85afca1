import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { composeWith } from '../../src/alerts/message.ts';
import { createWebhookNotifier, type WebhookOptions } from '../../src/alerts/webhook-notifier.ts';
import { makeCertificates, pem } from '../ingest/certificates.ts';
import { transitionOf } from './transition.ts';

/** A receiver behind TLS whose certificate is for localhost and 127.0.0.1; undefined where there is no openssl. */
async function receiver(t: ExecutionContext) {
  const certificates = makeCertificates(t);
  if (!certificates) return undefined;
  const names: (string | false | undefined)[] = [];
  const tls = { cert: pem(certificates.server.certificate), key: pem(certificates.server.key) };
  const server = createServer(tls, (request, response) => {
    names.push((request.socket as unknown as { servername?: string | false }).servername);
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const to = (host: string, more: Partial<WebhookOptions> = {}) =>
    createWebhookNotifier({
      url: `https://${host}:${port}/`,
      secret: 'x',
      compose: composeWith({ rules: [] }),
      now: () => 0,
      allow: ['127.0.0.1'],
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      ca: pem(certificates.ca),
      ...more,
    }).send(transitionOf(0));
  return { names, to };
}

test('the certificate must be that of the name, though the address is connected to', async (t) => {
  const far = await receiver(t);
  if (!far) return;
  t.is((await far.to('localhost')).outcome, 'delivered');
  t.deepEqual(far.names, ['localhost'], 'the name is asked for');
  const other = await far.to('hooks.example.org');
  t.is(other.outcome, 'retry');
  t.regex(other.outcome === 'retry' ? other.reason : '', /hooks\.example\.org.*altnames/i);
  t.is((await far.to('localhost', { ca: undefined })).outcome, 'retry', 'an authority that nobody trusts');
  t.is(far.names.length, 1);
});
