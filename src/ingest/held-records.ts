import type { ClockEvent } from './clock-trust.ts';
import type { Journal } from './journal.ts';
import type { JournalRecord } from './journal-record.ts';

/** Records up to `to` were stamped by a clock that was wrong by `shift`, ms. */
export interface Correction {
  readonly to: number;
  readonly shift: number;
}

/** A start with a clock that was not believed: its records up to the next one, and their raw times. */
interface Stretch {
  readonly begun: number;
  to: number;
  newest: number;
}

const timeOf = (record: JournalRecord) => (record.kind === 'message' ? record.receivedAt : record.time);

export function clockEventOf(record: JournalRecord): ClockEvent | undefined {
  return record.kind === 'clock' ? (JSON.parse(record.text) as ClockEvent) : undefined;
}

/** What is remembered of a hold between a checkpoint and the next start. */
export interface HoldMemory {
  read(): readonly Correction[];
  write(corrections: readonly Correction[]): void;
}

/**
 * The records of the journal in order, those of a clock that was not believed only once it is: then with the times that
 * they should have had. Until then they stay where they are, in the journal, and nothing behind it goes on.
 */
export async function* heldRecords(
  journal: Pick<Journal, 'follow'>,
  memory: HoldMemory,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<readonly JournalRecord[], void, undefined> {
  let corrections = memory.read();
  for await (const batch of journal.follow(from, signal)) {
    for (const part of splitAtClocks(batch)) {
      if (isHeld(part[0]!, corrections)) {
        const found = await resolveHold(journal, part[0]!.sequence, signal);
        if (!found) return;
        memory.write((corrections = found));
      }
      yield corrections.length === 0 ? part : part.map((record) => corrected(record, corrections));
      if (corrections.length > 0 && part.at(-1)!.sequence >= corrections.at(-1)!.to)
        memory.write((corrections = []));
    }
  }
}

/** Holds begin at a record of the clock, and the record before one is the last that they correct. */
function* splitAtClocks(batch: readonly JournalRecord[]): Generator<readonly JournalRecord[]> {
  let from = 0;
  for (let at = 1; at < batch.length; at++)
    if (batch[at]!.kind === 'clock') {
      yield batch.slice(from, at);
      from = at;
    }
  yield from === 0 ? batch : batch.slice(from);
}

const isHeld = (record: JournalRecord, known: readonly Correction[]) =>
  clockEventOf(record)?.state === 'held' && record.sequence > (known.at(-1)?.to ?? 0);

/** Looks ahead for the record that says what the time is; undefined where `signal` comes first. */
async function resolveHold(
  journal: Pick<Journal, 'follow'>,
  from: number,
  signal: AbortSignal,
): Promise<readonly Correction[] | undefined> {
  const stretches: Stretch[] = [];
  for await (const batch of journal.follow(from, signal))
    for (const record of batch) {
      const event = clockEventOf(record);
      if (event?.state === 'trusted' || event?.state === 'started')
        return correctionsOf(stretches, event, timeOf(record));
      if (event?.state === 'held')
        stretches.push({ begun: timeOf(record), to: record.sequence, newest: timeOf(record) });
      const last = stretches.at(-1)!;
      last.to = record.sequence;
      last.newest = Math.max(last.newest, timeOf(record));
    }
  return undefined;
}

/**
 * The last stretch is put right by what its own clock turned out to be wrong by. A stretch that ended without that,
 * because the host was started again, is put as late as it can have been: its end at the beginning of the next one.
 */
function correctionsOf(
  stretches: readonly Stretch[],
  { state, shift }: ClockEvent,
  time: number,
): Correction[] {
  const found: Correction[] = [];
  let next = state === 'trusted' ? undefined : time;
  for (const { to, begun, newest } of stretches.toReversed()) {
    const own = next === undefined ? shift : next - newest;
    found.unshift({ to, shift: own });
    next = begun + own;
  }
  return found;
}

function corrected(record: JournalRecord, corrections: readonly Correction[]): JournalRecord {
  const shift = corrections.find(({ to }) => record.sequence <= to)?.shift ?? 0;
  if (shift === 0) return record;
  if (record.kind === 'message') return { ...record, receivedAt: record.receivedAt + shift };
  return { ...record, time: record.time + shift };
}
