import { createHash } from 'node:crypto';
import { createTransport, type SentMessageInfo } from 'nodemailer';
import { png } from '../picture/resvg-png.ts';
import { chartPicture } from './chart-picture.ts';
import { html, pictureText, plainText, type ReceiptLink, subjectOf } from './mail-text.ts';
import type { AlertMessage, Compose } from './message.ts';
import type { Delivery, Notifier } from './notifier.ts';

export interface MailOptions {
  readonly name?: string;
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first byte (465). `required`: STARTTLS or nothing (587). `none`: in the clear. */
  readonly tls: 'implicit' | 'required' | 'none';
  /** PEM of the authority that signed the server's certificate, where that is not a public one. */
  readonly ca?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly from: string;
  /** One address: each recipient is a channel of its own, so that one that fails delays and repeats no other. */
  readonly to: string;
  readonly replyTo?: string | undefined;
  /** ms for each step of the conversation. */
  readonly deadline?: number;
  readonly compose: Compose;
  /** Where reading is confirmed; no link where absent. */
  readonly receipt?: ((messageId: string) => ReceiptLink) | undefined;
}

/**
 * Sends the message as text and HTML with its picture, one connection for each. The server's 250 is the delivery: from
 * there on the mail is the server's matter. A repeat has the same Message-ID, by which mail readers show it once, and
 * all messages of an alert make one thread.
 */
export function createMailNotifier(options: MailOptions): Notifier {
  const { name = 'mail', compose } = options;
  const transport = createTransport(transportOf(options));
  return {
    name,
    async send(transition, because) {
      const message = await compose(transition, because);
      try {
        await (transport.sendMail(letterOf(message, options)) as Promise<SentMessageInfo>);
        return { outcome: 'delivered' };
      } catch (error) {
        return failed(error as SmtpError, options);
      }
    },
    close: async () => transport.close(),
  };
}

function transportOf({ host, port, tls, ca, username, password, deadline = 20_000 }: MailOptions) {
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    connectionTimeout: deadline,
    greetingTimeout: deadline,
    socketTimeout: deadline,
    dnsTimeout: deadline,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(ca !== undefined && { tls: { ca } }),
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
  };
}

/** Pure: what is sent, to the letter but for the date of sending. */
export function letterOf(message: AlertMessage, { from, to, replyTo, receipt }: MailOptions) {
  const domain = domainOf(from);
  const svg = chartPicture(message);
  const picture = svg && `chart.${hash(message.id)}@${domain}`;
  const link = receipt?.(message.id);
  const urgent = message.state === 'firing' && message.mode === 'actual';
  return {
    from,
    to,
    ...(replyTo !== undefined && { replyTo }),
    subject: subjectOf(message),
    messageId: `<${hash(message.id)}@${domain}>`,
    references: [`<alert.${hash(message.alert)}@${domain}>`],
    inReplyTo: `<alert.${hash(message.alert)}@${domain}>`,
    text: plainText(message, link),
    html: html(message, picture, link),
    priority: urgent ? ('high' as const) : ('normal' as const),
    headers: {
      // RFC 3834, 5: nobody's absence notice may answer, and start a loop.
      'Auto-Submitted': 'auto-generated',
      'X-Redtide-Id': encodeURI(message.id),
      'X-Redtide-Mode': message.mode,
    },
    attachments: svg
      ? [
          {
            filename: 'forecast.png',
            content: png(svg),
            contentType: 'image/png',
            cid: picture!,
            contentDisposition: 'inline' as const,
            headers: { 'Content-Description': pictureText(message) },
          },
        ]
      : [],
  };
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Of `Redtide <redtide@example.org>`. */
function domainOf(from: string): string {
  return /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? 'redtide.invalid';
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
}

/** Errors of nodemailer that are the server's word on this mail; others are about reaching it (a password, TLS). */
const aboutTheMail = new Set<string | undefined>(['EENVELOPE', 'EMESSAGE']);

/** RFC 5321, 4.2.1: 5xx is for good. What somebody will put right, such as a password, is for now. */
function failed({ code, responseCode, message }: SmtpError, { host, port }: MailOptions): Delivery {
  const reason = `${host}:${port}: ${message}`;
  const lasting = responseCode !== undefined && responseCode >= 500 && aboutTheMail.has(code);
  return lasting ? { outcome: 'refused', reason } : { outcome: 'retry', reason };
}
