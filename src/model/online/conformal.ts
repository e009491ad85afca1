import { quantile } from '../quantile.ts';

/** Levels that a point forecast is given once its errors are known; 80 and 95 % intervals are among them. */
export const levels: readonly number[] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

/** Errors that are remembered; so many are needed before a forecast is calibrated: 1 / 40 is the outermost level. */
const memory = 200;
const enough = 40;
/** Of the adaption: gamma, as Gibbs and Candès chose it. */
const rate = 0.005;

/** What the last errors of one horizon say, at one station, of one variable. */
export interface Conformal {
  /** What it is about: forecasts of another network, or of other levels, begin anew. */
  readonly network: string;
  /** Of the quantiles that are issued. */
  readonly levels: readonly number[];
  /** (measured - median) / spread, oldest first. */
  readonly scores: number[];
  /** For each level, where in the distribution of the scores its quantile is looked for. */
  readonly aims: number[];
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
  return { network, levels: own, scores: [], aims: [...own] };
}

export const isOf = (state: Conformal, network: string, given: readonly number[]): boolean =>
  state.network === network && state.levels.join() === levelsFor(given).join();

/** A forecast keeps the levels it has; one without an interval gets ours. */
const levelsFor = (given: readonly number[]) => (given.length >= 3 ? given : levels);

/** What errors are measured by: the distance of the outermost quantiles, or 1 unit where there is none. */
export function spreadOf({ values }: Quantiles): number {
  const width = values.at(-1)! - values[0]!;
  return width > 0 ? width : 1;
}

/**
 * Adaptive conformal inference (Gibbs and Candès 2021, "Adaptive conformal inference under distribution shift",
 * equation 2), one-sided for each level: the quantile is the median plus the spread times the quantile of the last
 * scores at the level's aim. The median stays the model's, and none crosses it, so that intervals of a forecast that is
 * far off to one side cover more than they say. An aim beyond 0 or 1, which the paper answers with infinity, goes on
 * from the outermost score by the span of all of them for each 1: with a bound there, intervals of far horizons covered
 * 55 to 60 % instead of 80 (docs/serving.md). Undefined until there are enough scores.
 */
export function calibrated(
  { scores, aims, levels: own }: Conformal,
  forecast: Quantiles,
): Calibrated | undefined {
  const median = medianOf(forecast);
  if (scores.length < enough || median === undefined) return undefined;
  const sorted = Float64Array.from(scores).sort();
  const spread = spreadOf(forecast);
  const values = own.map((level, i) => {
    const value = median + spread * scoreAt(sorted, aims[i]!);
    if (level === 0.5) return median;
    return level < 0.5 ? Math.min(median, value) : Math.max(median, value);
  });
  return { levels: own, values: values.toSorted((a, b) => a - b), made: values };
}

function scoreAt(sorted: Float64Array, aim: number): number {
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  const within = Math.min(1, Math.max(0, aim));
  return quantile(sorted, within) + (aim - within) * (last - first);
}

/**
 * alpha' = alpha + gamma (alpha - err) with alpha = 1 - level, where err says that the measured value is above. The aim
 * of a quantile that the median holds back does not move on: it would take as long to come back.
 */
export function adapt({ aims, levels: own }: Conformal, made: readonly number[], measured: number): void {
  const median = made[own.indexOf(0.5)];
  own.forEach((level, i) => {
    const below = measured <= made[i]! ? 1 : 0;
    const heldBack = made[i] === median && below === (level < 0.5 ? 0 : 1);
    if (!heldBack) aims[i]! += rate * (level - below);
  });
}

export function remember({ scores }: Conformal, score: number): void {
  scores.push(score);
  if (scores.length > memory) scores.shift();
}

export function medianOf({ levels: given, values }: Quantiles): number | undefined {
  return values[given.indexOf(0.5)];
}
