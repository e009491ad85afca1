/** Where a process can be ended: within a step of the way of a reading, or between it and the next. */
export const points = [
  /** Given to the journal, not synced, or just. */
  'append',
  /** Synced, not acknowledged. */
  'sync',
  /** Acknowledged. */
  'puback',
  /** Within the transaction of a checkpoint. */
  'checkpoint',
  /** It is on the disk, and nobody has heard of it. */
  'checkpointed',
  /** Points that wait for the store go to the disk. */
  'spill',
  /** A write is on its way to the store. */
  'store',
  /** The store has it, and the edge does not know. */
  'stored',
  /** On its way to the outbox. */
  'announce',
  /** In the outbox, and the pipeline does not know. */
  'announced',
] as const;

/** `random`: from outside, at any moment. */
export type Point = (typeof points)[number] | 'random' | 'never';
