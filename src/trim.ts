import type { Journal } from './ingest/journal.ts';

export interface TrimBounds {
  /** Records received since then are kept, ms since the epoch. */
  readonly since: number;
  /** Bytes that the journal may take; when it is nearly there, the older half of what is not needed goes as well. */
  readonly maximum: number;
  /** Sequence of the last record that the checkpoint covers: what follows is always kept. */
  readonly saved: number;
}

/** Records looked at in one go; the next checkpoint goes on from there. */
const reach = 50_000;
const nearly = 0.9;

/** The first record of the journal that must stay. */
export function firstToKeep(
  journal: Pick<Journal, 'first' | 'bytes' | 'read'>,
  { since, maximum, saved }: TrimBounds,
): number {
  const { first } = journal;
  let keep = first;
  for (const record of journal.read(first, Math.min(saved, first + reach))) {
    if ((record.kind === 'message' ? record.receivedAt : record.time) >= since) break;
    keep = record.sequence + 1;
  }
  const half = first + Math.ceil((saved - first) / 2);
  return journal.bytes > nearly * maximum ? Math.max(keep, half) : keep;
}
