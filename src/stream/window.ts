/**
 * The last `lookback` steps of a station, what a model sees. Identity is (station, end, revision).
 * Arrays are row-major [lookback, variables.length], oldest step first.
 */
export interface Window {
  readonly kind: 'window';
  readonly station: string;
  /** End of the newest step, exclusive, ms since the epoch: the time a forecast of this window is issued for. */
  readonly end: number;
  /** 0 for the first; one more each time late data or a correction changed a step inside it. */
  readonly revision: number;
  /** ms of a step. */
  readonly step: number;
  readonly lookback: number;
  /** Names from the table of variables, in the order of the columns. */
  readonly variables: readonly string[];
  /** Step means in the variables' units; 0 where `mask` is 0. */
  readonly values: Float64Array;
  /** 1 where the step has a mean from readings that did not fail, else 0. */
  readonly mask: Uint8Array;
  /** Coverage of each cell, 0 to 1. */
  readonly coverage: Float64Array;
}
