import test, { type ExecutionContext } from 'ava';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { chartOf } from '../../src/alerts/chart.ts';
import { createMailNotifier, type MailOptions } from '../../src/alerts/mail-notifier.ts';
import { type Compose, composeWith } from '../../src/alerts/message.ts';
import { testNotifierContract } from '../contracts/notifier.ts';
import { MailServer } from '../mail-server.ts';
import { until } from '../process.ts';
import { forecastAt, ruleWith, stepAt } from './evidence.ts';
import { transitionOf } from './transition.ts';

const composeNow = composeWith({
  rules: [ruleWith({ on: 'forecast', text: 'Bloom conditions <are> forecast', hazard: 'bloom' })],
  areas: [{ id: 'bay', name: 'Tolo Harbour', stations: ['buoy-1'], languages: ['en', 'zh'] }],
  units: { chlorophyll: 'ug/L' },
});
const steps = [8, 9, 11, 14].map((mean, i) => stepAt(i - 4, mean));
const forecast = forecastAt(0, [0], {
  horizons: [1, 2, 3],
  quantiles: [0.05, 0.5, 0.95],
  values: [
    [12, 16, 20],
    [13, 20, 27],
    [14, 24.1, 33],
  ],
});
const chart = chartOf('chlorophyll', steps, forecast);
const compose: Compose = (transition, because) => composeNow(transition, because, { chart });
const inBay = (change: Partial<AlertTransition> = {}) => ({ ...transitionOf(0), area: 'bay', ...change });

function mailTo(port: number, more: Partial<MailOptions> = {}) {
  return createMailNotifier({
    host: '127.0.0.1',
    port,
    tls: 'none',
    from: 'Redtide <redtide@edge.example.org>',
    to: 'duty@agency.example.org',
    compose,
    ...more,
  });
}

async function oneMail(t: ExecutionContext, transition: AlertTransition, more: Partial<MailOptions> = {}) {
  const server = await MailServer.start(t);
  t.deepEqual(await mailTo(server.port, more).send(transition), { outcome: 'delivered' });
  return server.mails[0]!;
}

testNotifierContract(
  test,
  'mail',
  async (t) => {
    const server = await MailServer.start(t);
    return {
      notifier: mailTo(server.port),
      received: async (count) => {
        await until(`${count} mails`, () => server.mails.length >= count);
        return server.mails.map(({ headers }) => String(headers.get('x-redtide-id')));
      },
      break: () => server.stop(),
    };
  },
  ({ id, sequence }) => `${id}/${sequence}`,
);

test('the mail is whole as text and as HTML, in all languages, with the forecast as a picture in it', async (t) => {
  const mail = await oneMail(t, inBay());
  t.is(mail.subject, '[moderate] Bloom conditions <are> forecast at Tolo Harbour');
  t.deepEqual(
    [mail.from.text, mail.to.text],
    ['"Redtide" <redtide@edge.example.org>', 'duty@agency.example.org'],
  );
  for (const said of [
    'Where: Tolo Harbour',
    'How sure: ',
    'Model: lstm-7f3a',
    'What to do: ',
    'Not known: ',
    '未知事项',
  ])
    t.true(mail.text.includes(said), said);
  t.true(mail.html.includes('Bloom conditions &lt;are&gt; forecast at Tolo Harbour'), 'escaped');
  t.true(mail.html.includes('<div lang="zh">'));
  const [picture, ...more] = mail.attachments;
  t.deepEqual([picture!.contentType, picture!.contentDisposition, more.length], ['image/png', 'inline', 0]);
  t.is(picture!.content.toString('latin1', 1, 4), 'PNG');
  // The parser puts the image in place of its cid where that is the one that the HTML asks for.
  t.true(mail.html.includes('src="data:image/png;base64,'));
});

test('a repeat has the same Message-ID, another message of the alert is in the same thread', async (t) => {
  const server = await MailServer.start(t);
  const notifier = mailTo(server.port);
  for (const transition of [
    inBay(),
    inBay(),
    { ...transitionOf(0, 'resolved'), area: 'bay' },
    transitionOf(9),
  ])
    await notifier.send(transition);
  const [first, repeat, end, other] = server.mails;
  t.is(first!.messageId, repeat!.messageId);
  t.not(first!.messageId, end!.messageId);
  t.regex(first!.messageId, /^<[0-9a-f]{32}@edge\.example\.org>$/);
  t.is(first!.inReplyTo, end!.inReplyTo);
  t.deepEqual(first!.references, end!.references);
  t.not(first!.inReplyTo, other!.inReplyTo);
});

for (const mode of ['exercise', 'test'] as const)
  test(`${mode} is marked in subject, text, HTML and header`, async (t) => {
    const mail = await oneMail(t, inBay({ mode }));
    const mark = `${mode.toUpperCase()}, not real: `;
    t.true(mail.subject.startsWith(`[moderate] ${mark}`));
    t.true(mail.text.startsWith(mark));
    t.true(mail.html.includes(`<strong>${mode.toUpperCase()}: this is not a real event.</strong>`));
    t.is(mail.headers.get('x-redtide-mode'), mode);
  });

test('a receipt link is there only where one is configured', async (t) => {
  const url = 'https://edge.example.org/receipt?id=a&token=b';
  const mail = await oneMail(t, inBay(), { receipt: () => ({ url }) });
  t.true(mail.text.includes(url));
  t.true(mail.html.includes('href="https://edge.example.org/receipt?id=a&amp;token=b"'));
  t.notRegex((await oneMail(t, inBay())).text, /confirm/i);
});

test('without a chart the mail says that there is none', async (t) => {
  const mail = await oneMail(t, inBay(), { compose: (transition) => composeNow(transition) });
  t.is(mail.attachments.length, 0);
  t.regex(mail.html, /There is no picture/);
});

test('words of a configuration add no header, and no absence notice is to answer', async (t) => {
  const rules = [ruleWith({ on: 'forecast', text: 'Bloom\r\nBcc: all@example.org' })];
  const mail = await oneMail(t, inBay(), { compose: composeWith({ rules }) });
  t.is(mail.headers.get('bcc'), undefined);
  t.is(mail.headers.get('auto-submitted'), 'auto-generated');
});

for (const [reception, outcome] of [
  ['take', 'delivered'],
  [451, 'retry'],
  [421, 'retry'],
  [550, 'refused'],
  ['hang', 'retry'],
] as const)
  test(`a server that answers "${reception}" means ${outcome}`, async (t) => {
    const server = await MailServer.start(t);
    server.always(reception);
    const deadline = reception === 'hang' ? 500 : 20_000;
    t.is((await mailTo(server.port, { deadline }).send(inBay())).outcome, outcome);
    server.always('take');
    if (outcome === 'retry') t.is((await mailTo(server.port).send(inBay())).outcome, 'delivered');
  });

test('a wrong password is tried again, and said', async (t) => {
  const onAuth = (_auth: unknown, _session: unknown, done: (error: Error) => void) =>
    done(new Error('wrong'));
  const server = await MailServer.start(t, { onAuth, authOptional: false, allowInsecureAuth: true });
  const delivery = await mailTo(server.port, { username: 'redtide', password: 'x' }).send(inBay());
  t.is(delivery.outcome, 'retry');
  t.regex(delivery.outcome === 'retry' ? delivery.reason : '', new RegExp(`127.0.0.1:${server.port}: .*535`));
});

test('a server without TLS gets nothing where TLS is required', async (t) => {
  const server = await MailServer.start(t);
  const delivery = await mailTo(server.port, { tls: 'required' }).send(inBay());
  t.deepEqual([delivery.outcome, server.mails.length], ['retry', 0]);
});
