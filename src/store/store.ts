import type { AlertTransition } from '../alerts/alert.ts';
import type { Reading } from '../ingest/reading.ts';
import type { Forecast } from '../model/forecast.ts';
import type { Verification } from '../model/online/verification.ts';
import type { Step } from '../stream/step.ts';

/** What is stored, each by its identity: writing one again overwrites it, so repeats are harmless. */
export type Stored = Reading | Step | Forecast | Verification | AlertTransition;

const kinds: ReadonlySet<string> = new Set<Stored['kind']>([
  'reading',
  'step',
  'forecast',
  'verification',
  'alert',
]);

export const isPoint = (item: { readonly kind: string }): item is Stored => kinds.has(item.kind);

export type Refusal = { readonly point: Stored; readonly reason: string };

/** `stored` were written durably; `refused` never will be (they are quarantined by the caller). */
export interface WriteResult {
  readonly stored: number;
  readonly refused: readonly Refusal[];
}

/** Thrown by `write` when nothing is known to be stored and trying again may help. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** ms to wait at least, where the server said so. */
  readonly after: number | undefined;
  constructor(message: string, after?: number, cause?: unknown) {
    super(message, { cause });
    this.after = after;
  }
}

/** Half-open interval of time [from, to), ms since the epoch, with optional names to narrow it. */
export interface Query {
  readonly from: number;
  readonly to: number;
  readonly station?: string;
  readonly variable?: string;
}

/**
 * PORT. A time-series store. Time of a reading is its observation time, of a step its start, of a forecast value
 * the time it is for, of an alert the time of its transition.
 *
 * `open` creates what is missing and throws StoreUnavailable while the server can't be reached. `write` takes any
 * number of points in any order and resolves when they are durable. Reads give points in order of station, sensor,
 * variable, time.
 */
export interface Store {
  readonly name: string;
  open(): Promise<void>;
  write(points: readonly Stored[]): Promise<WriteResult>;
  readings(query: Query): AsyncIterable<Reading>;
  steps(query: Query): AsyncIterable<Step>;
  /** By issue time; each forecast whole. */
  forecasts(query: Query): AsyncIterable<Forecast>;
  /** By the start of the step that was measured; then by horizon and length of the step. */
  verifications(query: Query): AsyncIterable<Verification>;
  alerts(query: Query): AsyncIterable<AlertTransition>;
  close(): Promise<void>;
}
