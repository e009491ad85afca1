import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Html, html } from './html.ts';

/** A message that somebody was sent, by what the link to this page carries. */
export interface ReceiptClaim {
  readonly channel: string;
  readonly id: string;
  readonly token: string;
}

export interface ReceiptParts {
  /** Whether the token is that of the message on the channel. */
  readonly isTrue: (claim: ReceiptClaim) => boolean;
  /** Resolves with false where no such message was sent. */
  readonly receive: (claim: ReceiptClaim) => Promise<boolean>;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** Wrong links that are heard in a minute; then nobody is heard until it is over. */
const patience = 30;
const minute = 60_000;

/** Only to ourselves: the rest of the page's policy stands. */
const policy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * `/receipt?channel=...&id=...&token=...`, as a mail carries it. To open it confirms nothing, since mail servers open
 * links to look for harm; the button does, by POST to the same address.
 */
export class ReceiptPage {
  readonly #parts: ReceiptParts;
  #wrong: number[] = [];

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { code, body } = await this.#take(request).catch(() =>
      page(500, 'That could not be noted; try again.'),
    );
    response.writeHead(code, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      ...(code === 405 && { Allow: 'GET, HEAD, POST' }),
      ...(code === 429 && { 'Retry-After': '60' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    request.resume();
  }

  async #take({ method = 'GET', url = '/' }: IncomingMessage): Promise<{ code: number; body: string }> {
    if (!['GET', 'HEAD', 'POST'].includes(method)) return page(405, 'Open the link, and press the button.');
    const now = (this.#parts.now ?? Date.now)();
    this.#wrong = this.#wrong.filter((at) => at > now - minute);
    if (this.#wrong.length >= patience) return page(429, 'Too many wrong links; try again in a minute.');
    const claim = claimOf(url);
    if (!this.#parts.isTrue(claim)) {
      this.#wrong.push(now);
      return page(403, 'This link is not whole; copy all of it.');
    }
    if (method !== 'POST') return page(200, `Message ${claim.id}`, button);
    if (await this.#parts.receive(claim))
      return page(200, 'Thank you. It is noted that you have read this message.');
    return page(404, 'This message is no longer known here.');
  }
}

function claimOf(url: string): ReceiptClaim {
  const { searchParams } = new URL(url, 'http://receipt');
  const [channel = '', id = '', token = ''] = ['channel', 'id', 'token'].map(
    (name) => searchParams.get(name) ?? '',
  );
  return { channel, id, token };
}

/** Without an action, a form goes to the address of its page. */
const button = html`<form method="post"><button>I have read this message</button></form>`;

function page(code: number, said: string, more?: Html): { code: number; body: string } {
  const { text } = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Redtide: receipt</title></head>
<body><main><h1>Redtide</h1><p>${said}</p>${more}</main></body></html>
`;
  return { code, body: text };
}
