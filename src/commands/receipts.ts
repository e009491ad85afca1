import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReceiptToken, receiptUrl } from '../alerts/receipt-token.ts';
import type { Config } from '../config/schema.ts';
import type { ReceiptParts } from '../dashboard/receipt-page.ts';
import type { Edge } from '../edge.ts';

/** The key of the links in mails; made once, and kept in the data folder for its owner alone. */
export function receiptKey(config: Config): Buffer {
  const path = join(config.data, 'edge', 'receipt.key');
  try {
    writeFileSync(path, randomBytes(32).toString('base64'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return Buffer.from(readFileSync(path, 'utf8'), 'base64');
}

/** Where a mail's reader confirms; undefined where people have no way to reach this edge. */
export function receiptLinks(
  config: Config,
  key: Buffer,
): ((channel: string, id: string) => string) | undefined {
  const { public: base } = config.http;
  return base === undefined ? undefined : (channel, id) => receiptUrl(base, key, channel, id);
}

export function receiptParts(edge: Edge, key: Buffer): ReceiptParts {
  return {
    isTrue: ({ channel, id, token }) => isReceiptToken(key, channel, id, token),
    receive: ({ channel, id }) => edge.outbox.receive(id, `the reader at ${channel}`, channel),
  };
}
