import test from 'ava';
import { type ConfigError, parseConfig } from '../../src/config/load.ts';

function problems(text: string): readonly string[] {
  try {
    parseConfig(text, 'x.yaml');
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

const webhook = (more: string) =>
  `notify: [{kind: webhook, url: 'https://a.example.org', secret: {env: A}, ${more}}]`;
const mail = (more: string) => `{kind: mail, host: h, from: r@example.org, to: [a@example.org], ${more}}`;
const cap = (more: string) => `notify: [{kind: cap, folder: f, sender: r@example.org, ${more}}]`;

test('channels that name each other must be there, and have names of their own', (t) => {
  t.deepEqual(problems(`notify: [${mail('receipt: {within: 5m, tell: [boss]}')}]`), [
    'notify/0/receipt/tell/0: "boss" is no other channel (mail)',
  ]);
  t.regex(
    problems(`notify: [${mail('')}, ${mail('')}]`).join(),
    /notify\/1\/name: .*is the name of notify\/0 too/,
  );
  t.deepEqual(
    problems(`notify: [${mail('receipt: {within: 5m, tell: [b]}')}, ${mail('name: b, escalation: true')}]`),
    [],
  );
  t.regex(problems('notify: [{kind: terminal, areas: [x]}]').join(), /notify\/0\/areas\/0: "x" is neither/);
});

test('a secret stands in a file or the environment; written in place it is refused, and not shown', (t) => {
  const said = problems("notify: [{kind: webhook, url: 'https://a.b', secret: hunter2}]").join();
  t.regex(said, /^notify\/0\/secret: /);
  t.notRegex(said, /hunter2/);
});

test('a webhook to a private address must be meant', (t) => {
  const to = (url: string, allow: string) =>
    problems(`notify: [{kind: webhook, url: '${url}', secret: {env: A}, allow: [${allow}]}]`);
  t.regex(to('http://192.168.1.5/hook', '').join(), /notify\/0\/url: .* is not on the public Internet/);
  t.deepEqual(to('http://192.168.1.5/hook', '192.168.0.0/16'), []);
  t.regex(to('https://a.example.org', '10.0.0.0/99').join(), /10\.0\.0\.0\/99 is no network/);
  t.deepEqual(problems(webhook('')), []);
});

test('mail and CAP say what they cannot do without', (t) => {
  const of = (more: string) => problems(`notify: [${mail(more)}]`).join();
  t.regex(of('receiptLink: true'), /receiptLink: .*needs http\/public/);
  t.deepEqual(
    problems(`http: {public: 'https://e.example.org'}\nnotify: [${mail('receiptLink: true')}]`),
    [],
  );
  t.regex(of('username: u'), /password: .*is missing/);
  t.regex(of('username: u, password: {env: P}, tls: none'), /tls: .*must be required or implicit/);
  t.regex(problems(cap('scope: Private')).join(), /addresses: .*is missing/);
  t.regex(problems(cap('scope: Restricted')).join(), /restriction: .*is missing/);
  t.deepEqual(problems(cap('scope: Public')), []);
  t.regex(problems(cap('scope: Public').replace('r@example.org', "'a b'")).join(), /sender: .*no space/);
});
