import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What a link must carry to confirm that a message was read: nobody can make one without the key, and one for a
 * message on a channel is good for no other.
 */
export function receiptToken(key: Uint8Array, channel: string, messageId: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([channel, messageId]))
    .digest('base64url');
}

export function isReceiptToken(key: Uint8Array, channel: string, messageId: string, given: string): boolean {
  const expected = Buffer.from(receiptToken(key, channel, messageId));
  const offered = Buffer.from(given);
  return offered.length === expected.length && timingSafeEqual(offered, expected);
}

/** Below `base`, the address at which people reach the edge. */
export function receiptUrl(base: string, key: Uint8Array, channel: string, messageId: string): string {
  const url = new URL('receipt', base.endsWith('/') ? base : `${base}/`);
  const token = receiptToken(key, channel, messageId);
  url.search = new URLSearchParams({ channel, id: messageId, token }).toString();
  return url.href;
}
