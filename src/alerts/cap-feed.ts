import type { CapKind } from './cap-alert.ts';
import { nest, tag } from './xml.ts';

/** A published CAP file, as the feed and later messages refer to it. */
export interface CapEntry {
  readonly identifier: string;
  /** The same for all messages of an alert. */
  readonly alert: string;
  readonly sequence: number;
  readonly kind: CapKind;
  readonly sent: string;
  readonly expires: string;
  /** Name of the file in the folder. */
  readonly file: string;
  readonly title: string;
  readonly summary: string;
}

export interface FeedOptions {
  readonly sender: string;
  readonly title: string;
}

/** Atom (RFC 4287), the newest first. An entry's identifier is that of its CAP document. */
export function capFeed(entries: readonly CapEntry[], { sender, title }: FeedOptions): string {
  const newest = [...entries].sort(
    (a, b) => Date.parse(b.sent) - Date.parse(a.sent) || b.sequence - a.sequence,
  );
  const updated = newest[0] ? atomTime(newest[0].sent) : '1970-01-01T00:00:00Z';
  const feed = nest(
    'feed',
    [
      tag('id', `urn:x-redtide:${sender}`),
      tag('title', title),
      tag('updated', updated),
      nest('author', [tag('name', sender)]),
      ...newest.map(entryOf),
    ],
    { xmlns: 'http://www.w3.org/2005/Atom' },
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${feed}\n`;
}

function entryOf({ identifier, kind, sent, file, title, summary }: CapEntry): string {
  const link = `<link rel="alternate" type="application/cap+xml" href="${encodeURI(file)}"/>`;
  return nest('entry', [
    tag('id', `urn:x-redtide:${identifier}`),
    tag('title', title),
    tag('updated', atomTime(sent)),
    tag('summary', summary),
    link,
    `<category term="${kind}"/>`,
  ]);
}

/** RFC 3339 has no `-00:00` for a known time in UTC. */
const atomTime = (sent: string) => sent.replace(/-00:00$/, 'Z');
