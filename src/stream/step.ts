import type { Flag } from '../ingest/reading.ts';

/**
 * One cell of the fixed time grid for one sensor's variable: the half-open interval [start, start + length).
 * Identity is (station, sensor, variable, start). Readings flagged 4 (fail) are not counted in the statistics.
 */
export interface Step {
  readonly kind: 'step';
  readonly station: string;
  readonly sensor: string;
  readonly variable: string;
  /** ms since the epoch, a multiple of `length`. */
  readonly start: number;
  /** ms */
  readonly length: number;
  /** In the variable's unit; NaN where `count` is 0, as are minimum, maximum and deviation. */
  readonly mean: number;
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Population standard deviation. */
  readonly deviation: number;
  /** Readings counted over readings expected from the station's cadence, 0 to 1. */
  readonly coverage: number;
  /** The worst flag of its readings, failed ones included: 4 > 3 > 1 > 2 > 9. */
  readonly flag: Flag;
  /** 0 when the step first closed; one more each time that late data or a correction changed it. */
  readonly revision: number;
}

/** Nothing of this station before `time` is waited for any longer. Moves forward only. */
export interface Watermark {
  readonly kind: 'watermark';
  readonly station: string;
  readonly time: number;
  /** Why it moved: a newer reading, or the release of a silent station. */
  readonly cause: 'reading' | 'idle';
}

/**
 * All steps of a station for one cell of the grid, once the watermark has passed its end (revision 0) or when
 * late data changed it. Sensors without a reading in the cell are absent.
 */
export interface StepBatch {
  readonly kind: 'steps';
  readonly station: string;
  readonly start: number;
  readonly length: number;
  readonly revision: number;
  readonly steps: readonly Step[];
  /** True when the station was released from silence: no reading closed this step. */
  readonly idle: boolean;
}
