import { readFileSync } from 'node:fs';
import { createCapNotifier } from '../alerts/cap-notifier.ts';
import type { Channel } from '../alerts/channel.ts';
import { createMailNotifier } from '../alerts/mail-notifier.ts';
import type { Compose } from '../alerts/message.ts';
import { createMqttNotifier, type Farewell, type Publish } from '../alerts/mqtt-notifier.ts';
import type { Notifier } from '../alerts/notifier.ts';
import { createTerminalNotifier, type TerminalOptions } from '../alerts/terminal-notifier.ts';
import { createWebhookNotifier } from '../alerts/webhook-notifier.ts';
import type { Config } from '../config/schema.ts';
import { readSecret } from '../config/secret.ts';
import { secretOf } from './adapters.ts';

type Notify = Config['notify'][number];
type Of<K extends Notify['kind']> = Extract<Notify, { kind: K }>;

/** How the configured channels reach people: the terminal's lines, and a way to publish over MQTT. */
export interface Voices {
  readonly lines: TerminalOptions['stream'];
  readonly mqtt: (topic: string) => { readonly publish: Publish; readonly close?: () => Promise<void> };
  /** A way to publish heartbeats, with what the broker says when it loses us. */
  readonly beating?: (farewell: Farewell) => {
    readonly publish: Publish;
    readonly close?: () => Promise<void>;
  };
  /** Address at which the reading of a message on a channel is confirmed; there is none where absent. */
  readonly receiptUrl?: ((channel: string, messageId: string) => string) | undefined;
}

/** @throws where a secret or a certificate can't be read, naming it. */
export function channelsOf({ notify }: Config, voices: Voices): (compose: Compose) => readonly Channel[] {
  const named = namesByConfigured(notify);
  return (compose) =>
    notify.flatMap((channel) => routed(channel, named, notifiersOf(channel, voices, compose)));
}

/** Each recipient of a mail is a channel of its own, so that one that fails delays and repeats no other. */
function namesOf(channel: Notify): string[] {
  if (channel.kind !== 'mail' || channel.to.length === 1) return [channel.name];
  return channel.to.map((to) => `${channel.name}:${to}`);
}

const namesByConfigured = (notify: readonly Notify[]) =>
  new Map(notify.map((channel) => [channel.name, namesOf(channel)]));

function routed(
  { severity, areas, escalation, expires, receipt }: Notify,
  named: ReadonlyMap<string, readonly string[]>,
  notifiers: readonly Notifier[],
): Channel[] {
  const tell = receipt?.tell.flatMap((name) => named.get(name) ?? []);
  const answered = receipt && { within: receipt.within, tell: tell ?? [] };
  return notifiers.map((notifier) => ({ notifier, severity, areas, escalation, expires, receipt: answered }));
}

function notifiersOf(channel: Notify, voices: Voices, compose: Compose): Notifier[] {
  const { name } = channel;
  if (channel.kind === 'terminal') return [createTerminalNotifier({ name, stream: voices.lines, compose })];
  if (channel.kind === 'mqtt')
    return [createMqttNotifier({ name, topic: channel.topic, compose, ...voices.mqtt(channel.topic) })];
  if (channel.kind === 'webhook') return [webhook(channel, compose)];
  if (channel.kind === 'mail') return mails(channel, voices, compose);
  return [createCapNotifier({ ...channel, compose })];
}

function webhook({ name, url, secret, allow, deadline, ca }: Of<'webhook'>, compose: Compose): Notifier {
  return createWebhookNotifier({
    name,
    url,
    secret: readSecret(secret),
    allow,
    deadline,
    compose,
    now: Date.now,
    ca: certificate(ca, name),
  });
}

function mails(channel: Of<'mail'>, { receiptUrl }: Voices, compose: Compose): Notifier[] {
  const { host, port, tls, ca, username, password, from, to, replyTo, deadline, receiptLink } = channel;
  const names = namesOf(channel);
  const link = receiptLink ? receiptUrl : undefined;
  return to.map((address, i) =>
    createMailNotifier({
      name: names[i]!,
      host,
      port,
      tls,
      username,
      password: secretOf(password),
      from,
      to: address,
      replyTo,
      deadline,
      compose,
      ca: certificate(ca, channel.name),
      receipt: link && ((id) => ({ url: link(names[i]!, id) })),
    }),
  );
}

function certificate(path: string | undefined, name: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`notify/${name}/ca: ${path} cannot be read (${(error as Error).message})`);
  }
}
