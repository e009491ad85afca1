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
  /** ms of a step. */
  readonly step: number;
  /** Steps ahead, rising; horizon h is the mean over [issuedAt + (h-1) step, issuedAt + h step). */
  readonly horizons: readonly number[];
  /** Levels, rising; a point forecast has [0.5]. */
  readonly quantiles: readonly number[];
  /** [horizons.length][quantiles.length], in the variable's unit. */
  readonly values: readonly (readonly number[])[];
}

/** Said instead of a forecast; silence is not an answer. */
export interface NoForecast {
  readonly kind: 'no-forecast';
  readonly station: string;
  readonly variable: string;
  readonly issuedAt: number;
  readonly revision: number;
  readonly reason: 'no-model' | 'coverage' | 'out-of-range' | 'failed';
  readonly detail: string;
}
