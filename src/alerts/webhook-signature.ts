import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The headers of Standard Webhooks 1.0 (standardwebhooks.com), for which receivers find ready-made checks:
 * HMAC-SHA256 over `id.timestamp.body`. `time` is ms since the epoch and is sent as whole seconds, so that a
 * receiver can refuse what somebody recorded and plays again.
 */
export function signedHeaders(
  secret: string,
  id: string,
  time: number,
  body: string,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(time / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature(secret, `${id}.${timestamp}.${body}`)}`,
  };
}

/** What a receiver does: one of the signatures (there are two while a secret changes) must fit, and be fresh. */
export function isSigned(
  secret: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
  now: number,
  tolerance = 300_000,
): boolean {
  const [id, timestamp, given] = ['id', 'timestamp', 'signature'].map((name) => headers[`webhook-${name}`]);
  if (Math.abs(now - Number(timestamp) * 1000) > tolerance) return false;
  const expected = Buffer.from(`v1,${signature(secret, `${id}.${timestamp}.${body}`)}`);
  return String(given)
    .split(' ')
    .some((one) => one.length === expected.length && timingSafeEqual(Buffer.from(one), expected));
}

/** A secret that begins with `whsec_` is base64 behind it; any other is taken as it is. */
function signature(secret: string, text: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return createHmac('sha256', key).update(text).digest('base64');
}
