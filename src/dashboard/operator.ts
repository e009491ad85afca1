import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Who may give orders over HTTP, each with a token of their own. */
export interface Operator {
  readonly name: string;
  readonly token: string;
}

export interface OperatorParts {
  readonly operators: readonly Operator[];
  /** Carries an order out; rejects, with the reason, where it can't. `author` names the operator. */
  readonly order: (order: OrderGiven) => Promise<object>;
  /** ms since the epoch. */
  readonly now?: () => number;
}

export interface OrderGiven {
  readonly action: string;
  readonly author: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const longest = 100_000;
/** Wrong tokens that are heard in a minute; then nobody is heard until it is over. */
const patience = 10;
const minute = 60_000;

/**
 * `POST /api/orders` with `Authorization: Bearer TOKEN` (RFC 6750) and an order as JSON. A browser sends neither of
 * both to a foreign site by itself, so a foreign page can't give orders in a reader's name.
 */
export class OperatorApi {
  readonly #parts: OperatorParts;
  readonly #hashes: readonly { readonly name: string; readonly hash: Buffer }[];
  #wrong: number[] = [];

  constructor(parts: OperatorParts) {
    this.#parts = parts;
    this.#hashes = parts.operators.map(({ name, token }) => ({ name, hash: sha256(token) }));
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { code, content } = await this.#take(request).catch((error: Error) => refused(400, error.message));
    response.writeHead(code, {
      'Content-Type': 'application/json',
      ...(code === 401 && { 'WWW-Authenticate': 'Bearer realm="redtide"' }),
      ...(code === 429 && { 'Retry-After': '60' }),
    });
    response.end(`${JSON.stringify(content)}\n`);
  }

  async #take(request: IncomingMessage): Promise<{ code: number; content: object }> {
    if (request.method !== 'POST') return refused(405, 'orders are given by POST');
    if (this.#hashes.length === 0)
      return refused(403, 'no operator is configured; add http/operators to the configuration');
    const now = (this.#parts.now ?? Date.now)();
    this.#wrong = this.#wrong.filter((at) => at > now - minute);
    if (this.#wrong.length >= patience) return refused(429, 'too many wrong tokens; try again in a minute');
    const operator = this.#operatorOf(request.headers.authorization);
    if (operator === undefined) {
      this.#wrong.push(now);
      return refused(401, 'the token is not one of an operator of this edge');
    }
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
      return refused(415, 'an order is JSON: Content-Type must be application/json');
    const order = orderOf(JSON.parse(await bodyOf(request)), operator);
    const content = await this.#parts.order(order);
    const refusal = refusalIn(content);
    return refusal === undefined ? { code: 200, content } : refused(409, refusal);
  }

  /** All are compared, each in the same time, so that the time tells nothing. */
  #operatorOf(authorization: string | undefined): string | undefined {
    const given = sha256(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '');
    return this.#hashes.filter(({ hash }) => timingSafeEqual(hash, given)).at(0)?.name;
  }
}

/** The pipeline answers an order that it can't carry out with why. */
function refusalIn(content: { readonly outcomes?: unknown }): string | undefined {
  type Answer = { readonly kind: string; readonly accepted?: boolean; readonly text?: string };
  const outcomes = Array.isArray(content.outcomes) ? (content.outcomes as Answer[]) : [];
  const answer = outcomes.find(({ kind }) => kind === 'answer');
  return answer?.accepted === false ? (answer.text ?? 'it was refused') : undefined;
}

/** The author is who the token says, with the name that a person gave besides. */
function orderOf(value: unknown, operator: string): OrderGiven {
  const { action, author, details = {} } = (value ?? {}) as Partial<OrderGiven>;
  if (typeof action !== 'string' || action === '') throw new Error('action must say what is to be done');
  if (details === null || typeof details !== 'object') throw new Error('details must be an object');
  const person = typeof author === 'string' && author.trim() !== '' ? author.trim().slice(0, 200) : undefined;
  return { action, author: person ? `${person} (${operator})` : operator, details };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= longest) chunks.push(chunk);
    // Read to its end all the same, or the answer would not be heard; a flood is cut off.
    else if (bytes > 100 * longest) break;
  }
  if (bytes > longest) throw new Error(`an order may have ${longest} bytes, not more`);
  return Buffer.concat(chunks).toString();
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const refused = (code: number, error: string) => ({ code, content: { error } });
