/** Levels that a point forecast is given once its errors are known; 80 and 95 % intervals are among them. */
export const levels: readonly number[] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

/** So many errors are needed before a point forecast gets an interval, and over so many the mean error rolls. */
const enough = 40;
const memory = 200;
/** No quantile comes nearer to the median than an eighth of its distance, nor goes further than 64 times. */
const [least, most] = [-Math.log(8), Math.log(64)];

/** What the errors of one horizon say, at one station, of one variable. */
export interface Conformal {
  /** What it is about: forecasts of another network, or of other levels, begin anew. */
  readonly network: string;
  /** Of the quantiles that are issued. */
  readonly levels: readonly number[];
  /** For each level the logarithm of the factor by which its distance from the median is multiplied. */
  readonly scales: number[];
  /** How many errors there were, and their mean absolute size, in the variable's unit. */
  errors: number;
  error: number;
}

/** The quantiles of one horizon. */
export interface Quantiles {
  readonly levels: readonly number[];
  readonly values: readonly number[];
}

/** Quantiles in order, and as each level made its own: where two cross, each must learn from its own. */
export interface Calibrated extends Quantiles {
  readonly made: readonly number[];
}

export function begin(network: string, given: readonly number[]): Conformal {
  const own = levelsFor(given);
  return { network, levels: own, scales: own.map(() => 0), errors: 0, error: 0 };
}

export const isOf = (state: Conformal, network: string, given: readonly number[]): boolean =>
  state.network === network && state.levels.join() === levelsFor(given).join();

/** A forecast keeps the levels it has; one without an interval gets ours. */
const levelsFor = (given: readonly number[]) => (given.length >= 3 ? given : levels);

/**
 * The forecast with each quantile moved from or to the median by the factor that its own past asks for. The median
 * stays the model's, and none crosses it. A point forecast gets the quantiles of a Laplace distribution of its mean
 * absolute error, to begin with; undefined until there are enough errors for that.
 */
export function calibrated(state: Conformal, forecast: Quantiles): Calibrated | undefined {
  const median = medianOf(forecast);
  if (median === undefined) return undefined;
  const distances = distancesOf(state, forecast, median);
  if (!distances) return undefined;
  const made = distances.map((distance, i) => median + Math.exp(state.scales[i]!) * distance);
  return { levels: state.levels, values: made.toSorted((a, b) => a - b), made };
}

function distancesOf({ levels: own, errors, error }: Conformal, { values }: Quantiles, median: number) {
  if (values.length === own.length)
    return values.map((value, i) => {
      const distance = value - median;
      return own[i]! < 0.5 ? Math.min(0, distance) : Math.max(0, distance);
    });
  return errors >= enough ? own.map((level) => error * laplace(level)) : undefined;
}

/** Quantile of the distribution whose mean absolute deviation is 1. */
const laplace = (level: number) => (level < 0.5 ? Math.log(2 * level) : -Math.log(2 - 2 * level));

/**
 * Quantile tracking (Angelopoulos, Candès and Tibshirani 2023, "Conformal PID control for time series prediction",
 * section 2), for each level on its own: q' = q + eta (level - [measured <= quantile]), here with q the logarithm of the
 * factor, so that its steps fit every unit and no quantile changes sides. The farther the horizon, the longer the error
 * of one step is that of the next, and the smaller eta. docs/serving.md says what it replaced, and why.
 */
export function learn(
  state: Conformal,
  { horizon, median, made }: { horizon: number; median: number; made: readonly number[] },
  measured: number,
): void {
  state.errors++;
  state.error += (Math.abs(measured - median) - state.error) / Math.min(state.errors, memory);
  if (made.length !== state.levels.length) return;
  const eta = 0.03 / Math.sqrt(horizon);
  state.levels.forEach((level, i) => {
    const step = eta * (level - (measured <= made[i]! ? 1 : 0)) * Math.sign(level - 0.5);
    state.scales[i] = Math.min(most, Math.max(least, state.scales[i]! + step));
  });
}

export function medianOf({ levels: given, values }: Quantiles): number | undefined {
  return values[given.indexOf(0.5)];
}
