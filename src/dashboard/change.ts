import type { Verdict } from './probe.ts';
import type { StationStatus, Status } from './status.ts';

/** What pages are told at once: the whole status, or what changed since the event before. */
export interface Change {
  /** All but the stations. */
  readonly edge: Omit<Status, 'stations'> & { readonly ready: Verdict };
  /** Those that changed, whole. */
  readonly stations: readonly StationStatus[];
}
