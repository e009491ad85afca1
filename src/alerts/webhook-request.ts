import http from 'node:http';
import https from 'node:https';
import type { Address } from './webhook-address.ts';

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Connected to as they stand; the name in `url` is only said to the server. */
  readonly addresses: readonly Address[];
  /** ms from the first packet to the head of the answer. */
  readonly deadline: number;
  /** PEM of the authority that signed the receiver's certificate, where that is not a public one. */
  readonly ca?: string | undefined;
}

export interface PostAnswer {
  readonly status: number;
  readonly retryAfter?: string | undefined;
}

/**
 * Resolves with the head of the answer, whatever its status; its body is of no interest and is not read. Rejects
 * where no answer came in time. Follows nothing, and goes through no proxy.
 */
export function post({ url, headers, body, addresses, deadline, ca }: Post): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      // Its own connection, so that none that was opened to another address is used again.
      agent: false,
      lookup: (_hostname, { all }, found) =>
        all ? found(null, [...addresses]) : found(null, addresses[0]!.address, addresses[0]!.family),
      signal: AbortSignal.timeout(deadline),
      ...(ca !== undefined && { ca }),
    });
    outgoing.on('response', (incoming) => {
      const { statusCode = 0, headers } = incoming;
      resolve({ status: statusCode, retryAfter: headers['retry-after'] });
      incoming.destroy();
    });
    outgoing.on('error', (error) =>
      reject(error.name === 'AbortError' ? new Error(`no answer within ${deadline} ms`) : error),
    );
    outgoing.end(body);
  });
}
