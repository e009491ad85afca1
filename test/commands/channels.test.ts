import test from 'ava';
import { composeWith } from '../../src/alerts/message.ts';
import { channelsOf } from '../../src/commands/channels.ts';
import { checkConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';

const voices = { lines: process.stderr, mqtt: () => ({ publish: async () => {} }) };
const compose = composeWith({ rules: [] });
const channels = (notify: ConfigInput['notify']) =>
  channelsOf(checkConfig({ notify }, 'test'), voices)(compose);
const mail = { kind: 'mail', host: 'smtp.example.org', from: 'redtide@example.org' } as const;

test('each recipient of a mail is a channel of its own, also where a receipt names them', (t) => {
  const found = channels([
    {
      ...mail,
      name: 'duty',
      to: ['a@example.org', 'b@example.org'],
      receipt: { within: '5m', tell: ['heads'] },
    },
    { ...mail, name: 'heads', to: ['c@example.org', 'd@example.org'], escalation: true },
    { kind: 'mqtt', severity: 'severe' },
  ]);
  t.deepEqual(
    found.map(({ notifier }) => notifier.name),
    ['duty:a@example.org', 'duty:b@example.org', 'heads:c@example.org', 'heads:d@example.org', 'mqtt'],
  );
  const heads = ['heads:c@example.org', 'heads:d@example.org'];
  t.deepEqual(found[1]?.receipt, { within: 300_000, tell: heads });
  t.deepEqual([found[2]?.escalation, found[4]?.severity, found[4]?.receipt], [true, 'severe', undefined]);
});

test('a secret that is not there is named before anything starts', (t) => {
  const webhook = {
    kind: 'webhook',
    url: 'https://a.example.org',
    secret: { env: 'NOBODY_SETS_THIS' },
  } as const;
  t.throws(() => channels([webhook]), { message: /environment variable NOBODY_SETS_THIS is not set/ });
  t.throws(() => channels([{ ...mail, to: ['a@example.org'], ca: '/nowhere.pem' }]), {
    message: /^notify\/mail\/ca: \/nowhere\.pem cannot be read/,
  });
});
