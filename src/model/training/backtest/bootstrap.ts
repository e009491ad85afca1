import { quantile } from '../../baselines/baseline.ts';
import { uniform } from '../../engine/initial.ts';

const week = 7 * 86_400_000;
/** Fewer weeks tell nothing of how weeks differ. */
const fewestWeeks = 4;

/** 1 - RMSE / RMSE of the reference, with the 95 % interval of a paired block bootstrap; above 0 is better. */
export interface Skill {
  readonly value: number;
  /** Absent where there are fewer than four weeks, or weeks in which the reference makes no error. */
  readonly low?: number;
  readonly high?: number;
}

/** Which week each time lies in, as consecutive numbers from 0. */
export function weeksOf(times: ArrayLike<number>): Int32Array {
  const numbers = new Map<number, number>();
  return Int32Array.from(times, (time) => {
    const at = Math.floor(time / week);
    if (!numbers.has(at)) numbers.set(at, numbers.size);
    return numbers.get(at)!;
  });
}

/**
 * Whole weeks are drawn with replacement, as many as there are, since errors an hour apart are no two proofs; forecaster
 * and reference keep company in each draw. `own` and `reference` are squared errors of the same samples. Undefined where
 * the reference makes no error and the other does.
 */
export function skillOf(
  own: ArrayLike<number>,
  reference: ArrayLike<number>,
  weeks: Int32Array,
  { seed, draws }: { readonly seed: number; readonly draws: number },
): Skill | undefined {
  const count = weeks.reduce((most, one) => Math.max(most, one + 1), 0);
  const sums = { own: new Float64Array(count), reference: new Float64Array(count) };
  weeks.forEach((one, i) => {
    sums.own[one]! += own[i]!;
    sums.reference[one]! += reference[i]!;
  });
  const value = skill(total(sums.own), total(sums.reference));
  if (!Number.isFinite(value)) return undefined;
  if (count < fewestWeeks) return { value };
  const next = uniform(seed);
  const drawn = Float64Array.from({ length: draws }, () => {
    let [mine, theirs] = [0, 0];
    for (let i = 0; i < count; i++) {
      const at = Math.min(count - 1, Math.floor(next() * count));
      mine += sums.own[at]!;
      theirs += sums.reference[at]!;
    }
    return skill(mine, theirs);
  }).sort();
  if (!Number.isFinite(drawn[0]!)) return { value };
  return { value, low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
}

const total = (values: Float64Array) => values.reduce((sum, one) => sum + one, 0);

/** Two that make no error are equal. */
function skill(own: number, reference: number): number {
  if (reference === 0) return own === 0 ? 0 : Number.NEGATIVE_INFINITY;
  return 1 - Math.sqrt(own / reference);
}
