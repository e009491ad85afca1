import type { Compose } from './message.ts';
import type { Delivery, Notifier } from './notifier.ts';
import { networks, openAddresses, type Resolve } from './webhook-address.ts';
import { type PostAnswer, post } from './webhook-request.ts';
import { signedHeaders } from './webhook-signature.ts';

export interface WebhookOptions {
  readonly name?: string;
  readonly url: string;
  readonly secret: string;
  readonly compose: Compose;
  /** Wall clock, ms since the epoch: dates the signature, and a Retry-After that is a date. */
  readonly now: () => number;
  /** Networks that may be reached though they are not on the public Internet. */
  readonly allow?: readonly string[];
  /** ms from the first packet to the head of the answer. */
  readonly deadline?: number;
  readonly ca?: string | undefined;
  readonly resolve?: Resolve;
}

/**
 * POSTs the message as JSON, signed. 2xx is a receipt of the receiver's program, 429 and 5xx ask for another try,
 * other 4xx and any redirect refuse the message. An address that is barred is tried again: names change, and a
 * warning must not be lost to an hour of wrong DNS.
 */
export function createWebhookNotifier(options: WebhookOptions): Notifier {
  const { name = 'webhook', secret, compose, now, deadline = 10_000, ca, resolve } = options;
  const url = new URL(options.url);
  const allowed = networks(options.allow ?? []);
  return {
    name,
    async send(transition, because) {
      const message = await compose(transition, because);
      const body = JSON.stringify(message);
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'redtide',
        ...signedHeaders(secret, message.id, now(), body),
      };
      try {
        const addresses = await openAddresses(url.hostname, allowed, resolve);
        return answered(await post({ url, headers, body, addresses, deadline, ca }), now());
      } catch (error) {
        return { outcome: 'retry', reason: `${url.host}: ${(error as Error).message}` };
      }
    },
    close: async () => {},
  };
}

const worthAnotherTry = new Set([408, 425, 429]);

/** Pure: what an answer means for the message. */
export function answered({ status, retryAfter }: PostAnswer, now: number): Delivery {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const reason = `answered ${status}`;
  if (status >= 300 && status < 400)
    return { outcome: 'refused', reason: `${reason}: redirects are not followed; give the address itself` };
  if (status >= 400 && status < 500 && !worthAnotherTry.has(status)) return { outcome: 'refused', reason };
  const after = waitOf(retryAfter, now);
  return { outcome: 'retry', reason, ...(after !== undefined && { after }) };
}

/** RFC 9110, 10.2.3: seconds or a date; an hour at most, or one answer could silence a channel for days. */
function waitOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 3_600_000);
}
