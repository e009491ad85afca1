import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CapSender, capAlert, capIdentifier, capKind, capTime } from './cap-alert.ts';
import { capFaults } from './cap-check.ts';
import { type CapEntry, capFeed } from './cap-feed.ts';
import type { AlertMessage, Compose } from './message.ts';
import type { Delivery, Notifier } from './notifier.ts';

export interface CapOptions extends CapSender {
  readonly name?: string;
  /** Gets NAME.xml for each message, feed.atom, and index.json, from which the feed is written anew. */
  readonly folder: string;
  readonly compose: Compose;
  /** ms for which a message stays after it expired. */
  readonly keep: number;
}

export const feedFile = 'feed.atom';
const indexFile = 'index.json';

/**
 * Publishes each message as a CAP 1.2 file and in an Atom feed, for whoever fetches the folder. Files appear whole:
 * they are written beside, synced, and renamed. A repeat writes the same file again.
 */
export function createCapNotifier(options: CapOptions): Notifier {
  const { name = 'cap', compose } = options;
  return {
    name,
    async send(transition, because) {
      const message = await compose(transition, because);
      try {
        return await publish(message, options);
      } catch (error) {
        return { outcome: 'retry', reason: `${options.folder}: ${(error as Error).message}` };
      }
    },
    close: async () => {},
  };
}

async function publish(message: AlertMessage, options: CapOptions): Promise<Delivery> {
  const { folder, sender, keep } = options;
  await mkdir(folder, { recursive: true });
  const index = await readIndex(folder);
  const earlier = index
    .filter(({ alert, sequence }) => alert === message.alert && sequence < message.sequence)
    .sort((a, b) => a.sequence - b.sequence);
  const over = message.state === 'resolved' || message.state === 'inactive';
  // Nobody has read of it here (a new folder, say), so there is nothing to take back.
  if (over && earlier.length === 0) return { outcome: 'delivered' };
  const { xml, faults } = documentOf(message, options, earlier);
  if (faults.length > 0) return { outcome: 'refused', reason: `no valid CAP: ${faults.join('; ')}` };
  const entry = entryOf(message, options, earlier.length);
  await write(folder, entry.file, xml);
  const others = index.filter(({ identifier }) => identifier !== entry.identifier);
  const { kept, gone } = sorted([...others, entry], Date.parse(message.when.changed) - keep);
  await write(folder, indexFile, JSON.stringify(kept, null, 1));
  await write(folder, feedFile, capFeed(kept, { sender, title: options.senderName ?? sender }));
  for (const { file } of gone) await rm(join(folder, file), { force: true });
  return { outcome: 'delivered' };
}

function documentOf(message: AlertMessage, sender: CapSender, earlier: readonly CapEntry[]) {
  try {
    const xml = capAlert(message, sender, earlier);
    return { xml, faults: capFaults(xml) };
  } catch (error) {
    return { xml: '', faults: [(error as Error).message] };
  }
}

/** What expired before `before` goes; the time is that of the message, so that a repeat does the same. */
function sorted(entries: readonly CapEntry[], before: number) {
  return {
    kept: entries.filter(({ expires }) => Date.parse(expires) >= before),
    gone: entries.filter(({ expires }) => Date.parse(expires) < before),
  };
}

function entryOf(message: AlertMessage, { valid }: CapOptions, earlier: number): CapEntry {
  const { id, alert, sequence, when, headline, what } = message;
  return {
    identifier: capIdentifier(id),
    alert,
    sequence,
    kind: capKind(message, earlier),
    sent: capTime(when.changed),
    expires: capTime(new Date(Date.parse(when.changed) + valid).toISOString()),
    file: fileOf(id),
    title: headline,
    summary: what.reason,
  };
}

/** Readable, and different for different identifiers whatever characters they have. */
function fileOf(id: string): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 8);
  return `${id.replace(/[^A-Za-z0-9-]+/g, '_').slice(0, 80)}-${hash}.xml`;
}

async function readIndex(folder: string): Promise<CapEntry[]> {
  try {
    return JSON.parse(await readFile(join(folder, indexFile), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function write(folder: string, file: string, text: string): Promise<void> {
  const beside = join(folder, `.${file}.part`);
  const handle = await open(beside, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, join(folder, file));
}
