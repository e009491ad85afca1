/** A message as a source handed it over: bytes, not yet understood. Times are ms since 1970-01-01T00:00Z. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** When we received it, by the clock of the source; the only place where an arrival time enters the pipeline. */
  readonly receivedAt: number;
}

/** Milliseconds since the epoch, UTC. Handed in wherever time is needed, so that tests and replay own it. */
export type Clock = () => number;
