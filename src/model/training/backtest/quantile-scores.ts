import { quantile } from '../../baselines/baseline.ts';
import { mean } from './point-scores.ts';
import { quantileColumn, type Scored } from './samples.ts';

/** The loss of which a quantile is the minimum (Koenker and Bassett 1978), in the variable's unit. */
export const pinball = (truth: number, forecast: number, level: number): number =>
  Math.max(level * (truth - forecast), (level - 1) * (truth - forecast));

/**
 * Continuous ranked probability score: twice the integral of the pinball loss over the levels (Gneiting and Ranjan
 * 2011, eq. 9), each level standing for those nearer to it than to its neighbours. With the median alone it is the
 * absolute error. `quantiles` are finite and go with `levels`, which rise.
 */
export function crps(truth: number, quantiles: ArrayLike<number>, levels: readonly number[]): number {
  const edge = (i: number) => (i === 0 ? 0 : i === levels.length ? 1 : (levels[i - 1]! + levels[i]!) / 2);
  return levels.reduce(
    (sum, level, i) => sum + 2 * (edge(i + 1) - edge(i)) * pinball(truth, quantiles[i]!, level),
    0,
  );
}

export interface Interval {
  /** Share of the truths within it. */
  readonly coverage: number;
  /** The same among the highest tenth of the truths. */
  readonly coverageTop: number;
  /** Mean width, in the variable's unit. */
  readonly width: number;
}

export interface QuantileScores {
  /** One number a level. */
  readonly pinball: readonly (number | null)[];
  readonly crps: number;
  /** Share of the truths at or below each level's forecast; for a reliable forecaster the level itself. */
  readonly below: readonly (number | null)[];
  /** Central intervals; absent for point forecasts. */
  readonly interval80?: Interval | undefined;
  readonly interval95?: Interval | undefined;
}

/** `name` must be among those that said something. */
export function quantileScores(scored: Scored, name: string): QuantileScores {
  const own = scored.said.get(name)!;
  const { truth, levels } = scored;
  const columns = levels.map((level) => quantileColumn(scored, own, level));
  const given = levels.flatMap((_, q) => (columns[q]!.every(Number.isFinite) ? [q] : []));
  const perLevel = (score: (value: number, forecast: number, level: number) => number) =>
    levels.map((level, q) =>
      given.includes(q) ? mean(truth.map((value, i) => score(value, columns[q]![i]!, level))) : null,
    );
  const row = (i: number) => given.map((q) => columns[q]![i]!);
  const used = given.map((q) => levels[q]!);
  return {
    pinball: perLevel(pinball),
    crps: mean(truth.map((value, i) => crps(value, row(i), used))),
    below: perLevel((value, forecast) => (value <= forecast ? 1 : 0)),
    interval80: intervalOf(scored, own, 0.1, 0.9),
    interval95: intervalOf(scored, own, 0.025, 0.975),
  };
}

function intervalOf(scored: Scored, own: Float64Array, from: number, to: number): Interval | undefined {
  const low = quantileColumn(scored, own, from);
  const high = quantileColumn(scored, own, to);
  if (!low.every(Number.isFinite) || !high.every(Number.isFinite)) return undefined;
  const { truth } = scored;
  const within = truth.map((value, i) => (value >= low[i]! && value <= high[i]! ? 1 : 0));
  const tenth = quantile(truth.slice().sort(), 0.9);
  return {
    coverage: mean(within),
    coverageTop: mean(within.filter((_, i) => truth[i]! >= tenth)),
    width: mean(low.map((value, i) => high[i]! - value)),
  };
}
