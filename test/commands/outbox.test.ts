import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { askEdge } from '../../src/commands/door.ts';
import { FaultServer } from '../fault-server.ts';
import { MailServer } from '../mail-server.ts';
import { redtide, temporaryFolder, until } from '../process.ts';
import { freePort } from '../servers.ts';
import { run } from './in-process.ts';
import { configure } from './shore.ts';

/** A real edge that tells an agency's program, a duty officer by mail, and a CAP folder. */
async function alerting(t: ExecutionContext) {
  const data = temporaryFolder(t);
  const [agency, mail, port] = [await FaultServer.start(t), await MailServer.start(t), await freePort()];
  process.env['WEBHOOK_SECRET'] = 'a secret of the test';
  const file = configure(data, 'edge', {
    data,
    broker: { embedded: { port: 0 } },
    model: { folder: join(data, 'models') },
    stations: [{ id: 'B01', name: 'Harbour mouth', latitude: 22.41, longitude: 114.22 }],
    rules: [{ id: 'bloom', text: 'Bloom conditions', variable: 'chlorophyll', level: 20, clear: 15 }],
    http: { port, public: `http://127.0.0.1:${port}` },
    notify: [
      {
        kind: 'webhook',
        name: 'agency',
        url: agency.url,
        secret: { env: 'WEBHOOK_SECRET' },
        allow: ['127.0.0.1'],
      },
      {
        kind: 'mail',
        host: '127.0.0.1',
        port: mail.port,
        tls: 'none',
        from: 'redtide@example.org',
        to: ['duty@example.org'],
        receiptLink: true,
        receipt: { within: '1h', tell: ['agency'] },
      },
      { kind: 'cap', folder: join(data, 'cap'), sender: 'redtide@example.org', scope: 'Public' },
    ],
  });
  const edge = redtide(t, 'edge', file);
  await edge.line(/status page/);
  const list = async () => {
    const { out } = await run('outbox', 'list', file, '--json');
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };
  const order = (action: string, details: Record<string, unknown>) =>
    askEdge(join(data, 'edge'), { action, author: 'mei', details });
  return { agency, mail, file, edge, list, order, url: `http://127.0.0.1:${port}/` };
}

test('a test alert reaches every channel, marked; what was refused is listed and resent; a mail is confirmed by its link', async (t) => {
  const { agency, mail, file, edge, list, order, url } = await alerting(t);
  agency.always({ status: 400 });
  await order('test', { rule: 'bloom', area: 'B01' });
  await until('two mails', () => mail.mails.length === 2);
  t.regex(mail.mails[0]!.subject, /TEST, not real: .* at Harbour mouth \(B01\)/);
  const feed = await (await fetch(`${url}cap/feed.atom`)).text();
  const [, name] = /href="([^"]+)"/.exec(feed)!;
  t.regex(await (await fetch(`${url}cap/${name}`)).text(), /<status>Test<\/status>/);

  await until(
    'two dead letters',
    async () => (await list()).filter(({ state }) => state === 'dead').length === 2,
  );
  const dead = (await list()).filter(({ state }) => state === 'dead');
  t.like(dead[0], { channel: 'agency', reason: 'answered 400' });
  agency.always({ status: 204 });
  const before = agency.seen.length;
  t.is((await run('outbox', 'resend', file, 'agency', dead[0].id)).out, '1 messages wait again\n');
  await until('it is there', () => agency.seen.length === before + 1);
  t.is(agency.seen.at(-1)!.headers['webhook-id'], dead[0].id);

  const [link] = /http:\S+\/receipt\S+/.exec(mail.mails[0]!.text)!;
  t.is((await fetch(link, { method: 'POST' })).status, 200);
  t.is((await run('outbox', 'receipt', file, dead[0].id, 'mail')).out, `${dead[0].id}: noted\n`);
  const unknown = await run('outbox', 'receipt', file, 'no/such/message');
  t.deepEqual([unknown.code, /no message no\/such\/message was sent/.test(unknown.err)], [3, true]);

  await edge.stop('SIGTERM');
  t.is((await run('outbox', 'resend', file)).out, '1 messages wait again; start the edge\n');
  t.like(await list(), [{ state: 'waiting', channel: 'agency' }]);
});

test('an action that there is not, or no file, is a usage error', async (t) => {
  t.is((await run('outbox', 'burn', 'x.yaml')).code, 2);
  t.is((await run('outbox', 'list')).code, 2);
});
