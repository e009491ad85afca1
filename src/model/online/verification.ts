/**
 * One horizon of a first-issued forecast beside what was measured. Identity is (station, variable, issuedAt, horizon,
 * step). What is measured is the mean of the step that the horizon is for, in its last revision at the time when the
 * windows of the station have gone `revisable` beyond its end: what comes later changes no verdict.
 */
export interface Verification {
  readonly kind: 'verification';
  readonly station: string;
  readonly variable: string;
  /** ms since the epoch. */
  readonly issuedAt: number;
  /** Steps ahead. */
  readonly horizon: number;
  /** ms */
  readonly step: number;
  /** Which model made it, and of what kind that is. */
  readonly model: string;
  readonly network: string;
  /**
   * The median, what was measured, the last valid value at the time of issue, and the mean of that hour of the day over
   * the last 30 days before (absent in the first days): in the variable's unit.
   */
  readonly forecast: number;
  readonly measured: number;
  readonly persistence: number;
  readonly climatology?: number | undefined;
  /** What was measured stood at its sensor's ceiling: the true value is this or more. */
  readonly censored?: boolean | undefined;
  /** Whether the 80 % interval held what was measured; absent where the forecast had none. */
  readonly within?: boolean | undefined;
  /** Of this station, variable and horizon up to and with this one; see rolling.ts. */
  readonly verified: number;
  /** Over persistence, and over climatology. */
  readonly skill?: number | undefined;
  readonly skillOverClimatology?: number | undefined;
  readonly coverage?: number | undefined;
  /** Mean of forecast minus measured, in the variable's unit. */
  readonly bias: number;
  /** Page-Hinkley over its threshold: 1 and more says that the errors have grown for good. */
  readonly drift: number;
}

/** Start of the step that it is about, ms since the epoch. */
export const timeOf = ({ issuedAt, horizon, step }: Verification): number => issuedAt + (horizon - 1) * step;
