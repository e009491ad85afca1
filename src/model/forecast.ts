/**
 * What a model says about one variable of one station. Identity is (station, variable, issuedAt, revision); the
 * first one issued is never overwritten, late data make a revision beside it.
 */
export interface Forecast {
  readonly kind: 'forecast';
  readonly station: string;
  readonly variable: string;
  /** End of the window it was made from, ms since the epoch. */
  readonly issuedAt: number;
  readonly revision: number;
  /** Version of the model: the artifact's identity. */
  readonly model: string;
  /** Which kind of model that is: the artifact's `network`. */
  readonly network: string;
  /** Where the model chooses among others: which one made each horizon. */
  readonly makers?: readonly Maker[] | undefined;
  /** What other members of a line-up said, until one of them is chosen: never outside the model room. */
  readonly beside?: readonly Forecast[] | undefined;
  /** How the forecasts of this variable have done here up to the time of issue; not before the first is verified. */
  readonly record?: TrackRecord | undefined;
  /** ms of a step. */
  readonly step: number;
  /** Steps ahead, rising; horizon h is the mean over [issuedAt + (h-1) step, issuedAt + h step). */
  readonly horizons: readonly number[];
  /** Levels, rising; a point forecast has [0.5]. */
  readonly quantiles: readonly number[];
  /** [horizons.length][quantiles.length], in the variable's unit. */
  readonly values: readonly (readonly number[])[];
}

export interface Maker {
  readonly model: string;
  readonly network: string;
}

/** Of the forecasts issued lately at this station for this variable, over all horizons. */
export interface TrackRecord {
  /** How many forecast values were compared with what was measured. */
  readonly verified: number;
  /** 1 - RMSE / RMSE of persistence: above 0 is better than the last value. Absent where persistence made no error. */
  readonly skill?: number | undefined;
  /** Share of the measured values within the 80 % interval; absent for point forecasts. */
  readonly coverage?: number | undefined;
}

/** Said instead of a forecast; silence is not an answer. */
export interface NoForecast {
  readonly kind: 'no-forecast';
  readonly station: string;
  readonly variable: string;
  readonly issuedAt: number;
  readonly revision: number;
  readonly reason: 'no-model' | 'coverage' | 'out-of-range' | 'sensor' | 'failed';
  readonly detail: string;
}
