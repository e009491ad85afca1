import type { AlertTransition } from './alerts/alert.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Journal } from './ingest/journal.ts';
import type { JournalRecord } from './ingest/journal-record.ts';
import type { Rejection } from './ingest/reading.ts';
import type { Outcome } from './pipeline.ts';
import { isPoint, type Stored } from './store/store.ts';

export interface DriveParts {
  readonly journal: Journal;
  /** The records in order; without it as the journal has them. */
  readonly follow?: Journal['follow'];
  readonly checkpoint: Checkpoint;
  /** The pipeline as a function. */
  readonly push: (record: JournalRecord) => readonly Outcome[];
  /** Called before a `model` record is pushed, so that the model is there when the pipeline asks. */
  readonly activate: (id: string) => Promise<void>;
  /** Called before a `configuration` record is pushed. */
  readonly configure: (text: string) => void;
  /** Must not block: the store is a side branch. */
  readonly store: (points: readonly Stored[]) => void;
  /** Resolves once the transition is durable in the outbox. */
  readonly announce: (transition: AlertTransition) => Promise<void>;
  /** Resolves once the message is durable in the quarantine. */
  readonly quarantine: (record: JournalRecord, rejections: readonly Rejection[]) => Promise<void>;
  /** Looks on: counts, metrics, the status page. */
  readonly observe: (outcomes: readonly Outcome[], record: JournalRecord) => void;
  /** Records have come, or have gone through. */
  readonly onProgress: () => void;
  /** After each checkpoint: drops what the journal need not keep. */
  readonly trim: () => Promise<void>;
}

/**
 * Records between two turns of the event loop, so that sockets and timers get theirs. An answer of the store takes
 * several turns to arrive: with longer ones it would seem slow while the journal is caught up with.
 */
const turn = 64;

/**
 * Follows the journal and pushes each record through the pipeline, until `signal`. What comes out goes to its side
 * branches; a checkpoint is written only after what must be durable is.
 */
export async function drive(parts: DriveParts, signal: AbortSignal): Promise<void> {
  const { journal, checkpoint } = parts;
  requireContinuity(journal, checkpoint.position);
  const follow = parts.follow ?? journal.follow.bind(journal);
  for await (const batch of follow(checkpoint.position + 1, signal)) {
    parts.onProgress();
    for (let from = 0; from < batch.length && !signal.aborted; from += turn) {
      await pushAll(batch.slice(from, from + turn), parts);
      parts.onProgress();
      if (checkpoint.due()) {
        await checkpoint.save();
        await parts.trim();
      }
      await new Promise(setImmediate);
    }
  }
  await checkpoint.save();
}

/** A journal that does not join on to the checkpoint would lose records in silence. */
function requireContinuity({ first, head }: Journal, position: number): void {
  if (position <= head && first <= position + 1) return;
  throw new Error(
    `the journal holds the records ${first} to ${head} and does not join on to the checkpoint at ${position}: the data ` +
      'folder is damaged. Keep a copy of it, check the disk, and restore it from a backup or start with an empty one',
  );
}

async function pushAll(records: readonly JournalRecord[], parts: DriveParts): Promise<void> {
  const durable: Promise<void>[] = [];
  for (const record of records) {
    if (record.kind === 'model') await parts.activate(record.id);
    if (record.kind === 'configuration') parts.configure(record.text);
    const outcomes = parts.push(record);
    for (const work of distribute(outcomes, record, parts)) {
      // Waited for below; a failure before that must not count as unheard.
      work.catch(() => {});
      durable.push(work);
    }
    parts.observe(outcomes, record);
    parts.checkpoint.reached(record.sequence);
  }
  await Promise.all(durable);
}

function distribute(outcomes: readonly Outcome[], record: JournalRecord, parts: DriveParts): Promise<void>[] {
  const durable: Promise<void>[] = [];
  const rejections: Rejection[] = [];
  const points: Stored[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === 'rejection') rejections.push(outcome);
    else if (outcome.kind === 'steps') points.push(...outcome.steps);
    else if (outcome.kind === 'alert') {
      points.push(outcome);
      durable.push(parts.announce(outcome));
    } else if (isPoint(outcome)) points.push(outcome);
  }
  if (points.length > 0) parts.store(points);
  if (rejections.length > 0) durable.push(parts.quarantine(record, rejections));
  return durable;
}
