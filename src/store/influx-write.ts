import { judge, type Verdict } from './influx-answer.ts';
import { encodeLine, type Line, reasonAgainst } from './line-protocol.ts';
import { readingText, stepText } from './point-text.ts';
import { linesOf, refusalOf } from './schema.ts';
import { type Refusal, type Stored, StoreUnavailable, type WriteResult } from './store.ts';
import type { UnderWay } from './under-way.ts';

export interface InfluxWriteOptions {
  /** `http://127.0.0.1:8086`, with a path where a proxy wants one. */
  readonly url: string;
  readonly database: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Lines in one request. */
  readonly batch: number;
  /** ms for a request to be answered, body and all. */
  readonly deadline: number;
  readonly underWay: UnderWay;
  readonly createDatabase: () => Promise<void>;
  /** Wall clock, for a Retry-After that is a date. */
  readonly now: () => number;
}

/** A point with its lines: they are sent, refused and counted together. */
interface Encoded {
  readonly point: Stored;
  readonly time: number;
  readonly text: string;
  readonly lines: number;
}

/**
 * The writing half of InfluxStore. It does without the client: that has no way to send lines already encoded, never
 * settles when an answer is cut in its body, and hides Retry-After and what a 5xx says. So a write is a plain POST
 * with a deadline that ends the connection, and `judge` reads the answer.
 *
 * A server that stalls may still carry out a request that was given up, after the ones that came later; InfluxDB 1.x
 * has no means against that. It takes a correction of the same point within the deadline to notice.
 */
export class InfluxWrite {
  readonly #options: InfluxWriteOptions;

  constructor(options: InfluxWriteOptions) {
    this.#options = options;
  }

  /** @throws {StoreUnavailable} where the server can't be reached or is not ready for this database. */
  async probe(): Promise<void> {
    this.#demand(await this.#post(''));
  }

  async write(points: readonly Stored[]): Promise<WriteResult> {
    const refused: Refusal[] = [];
    const accepted: Encoded[] = [];
    for (const point of points) {
      const encoded = encode(point);
      if ('reason' in encoded) refused.push(encoded);
      else accepted.push(encoded);
    }
    // One after the other: of two values of one key, the later must be written later.
    for (const batch of batchesOf(accepted, this.#options.batch)) refused.push(...(await this.#send(batch)));
    return { stored: points.length - refused.length, refused };
  }

  /** Lines that nothing is kept of: where they can't be stored, they are gone. @throws {StoreUnavailable} */
  async gauges(lines: readonly Line[]): Promise<void> {
    const good = lines.filter((line) => reasonAgainst(line) === undefined);
    this.#demand(await this.#post(good.map(encodeLine).join('\n')));
  }

  /** Resolves with what was refused; everything else is stored. */
  async #send(batch: readonly Encoded[]): Promise<Refusal[]> {
    let verdict = await this.#post(batch.map(({ text }) => text).join('\n'));
    if (verdict.kind === 'no-database') {
      await this.#options.createDatabase();
      verdict = await this.#post(batch.map(({ text }) => text).join('\n'));
    }
    if (verdict.kind === 'refused' || verdict.kind === 'too-large') return this.#narrow(batch, verdict);
    this.#demand(verdict);
    return [];
  }

  /**
   * The answer does not say which points it means, so halves are sent again until a half is taken or is one point.
   * By time, because most refusals go by age: then the old ones are together, and few requests find them.
   */
  async #narrow(
    batch: readonly Encoded[],
    verdict: Verdict & { readonly kind: 'refused' | 'too-large' },
  ): Promise<Refusal[]> {
    const lines = batch.reduce((sum, one) => sum + one.lines, 0);
    const all = verdict.kind === 'refused' && verdict.dropped >= lines;
    if (all || batch.length === 1) return batch.map(({ point }) => ({ point, reason: verdict.reason }));
    const sorted = batch.toSorted((a, b) => a.time - b.time);
    const middle = sorted.length >> 1;
    return [...(await this.#send(sorted.slice(0, middle))), ...(await this.#send(sorted.slice(middle)))];
  }

  #demand(verdict: Verdict): void {
    if (verdict.kind === 'stored') return;
    const after = verdict.kind === 'unavailable' ? verdict.after : undefined;
    throw new StoreUnavailable(`InfluxDB at ${this.#options.url} answered ${verdict.reason}`, after);
  }

  #post(body: string): Promise<Verdict> {
    const { url, database, username, password, deadline, underWay, now } = this.#options;
    const parameters = new URLSearchParams({ db: database, precision: 'ms' });
    const account = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
    return underWay.within(deadline, async (signal) => {
      const response = await fetch(`${url}/write?${parameters}`, {
        method: 'POST',
        body,
        headers: username === undefined ? {} : { authorization: `Basic ${account}` },
        redirect: 'manual',
        signal,
      });
      const retryAfter = response.headers.get('retry-after');
      return judge({ status: response.status, body: await response.text(), retryAfter }, now());
    });
  }
}

function encode(point: Stored): Encoded | Refusal {
  if (point.kind === 'reading') {
    const text = readingText(point);
    if (text !== undefined) return { point, time: point.time, text, lines: 1 };
  } else if (point.kind === 'step') {
    const text = stepText(point);
    if (text !== undefined) return { point, time: point.start, text, lines: 1 };
  }
  const lines = linesOf(point);
  const reason = refusalOf(point, lines);
  if (reason) return { point, reason };
  return { point, time: lines[0]!.time, text: lines.map(encodeLine).join('\n'), lines: lines.length };
}

function* batchesOf(points: readonly Encoded[], most: number): Generator<Encoded[]> {
  let batch: Encoded[] = [];
  let lines = 0;
  for (const point of points) {
    if (lines + point.lines > most && batch.length > 0) {
      yield batch;
      batch = [];
      lines = 0;
    }
    batch.push(point);
    lines += point.lines;
  }
  if (batch.length > 0) yield batch;
}
