import { type Family, Regressors, type Shape } from '../../redtide/regressors.ts';
import { NormalEquations } from '../normal-equations.ts';
import type { Fold } from './folds.ts';
import type { Samples } from './samples.ts';

/** A regression: which columns, how much it is held back (ridge), and whether restless windows count less. */
interface Kind {
  readonly name: string;
  readonly family: Family;
  readonly penalty: number;
  readonly calm: boolean;
}

/** Those that are mixed. `lags` alone is the baseline that a network has to beat. */
export const kinds: readonly Kind[] = [
  { name: 'lags', family: 'lags', penalty: 1e-9, calm: false },
  { name: 'own', family: 'own', penalty: 1e-5, calm: false },
  { name: 'all', family: 'all', penalty: 1e-4, calm: false },
  { name: 'own, calm', family: 'own', penalty: 1e-5, calm: true },
  { name: 'all, calm', family: 'all', penalty: 1e-4, calm: true },
];

export interface Mixture {
  /** [horizons, width]: the mixture of regressions is a regression. */
  readonly coefficients: Float64Array;
  /** [horizons][kinds], not negative; their sum is at most 1, the rest is persistence. */
  readonly weights: readonly (readonly number[])[];
  /** [count, horizons]: what it says of each sample when the sample's fold was not learned from. */
  readonly crossFitted: Float64Array;
  /** [kinds][count, horizons]: the same, of each regression. */
  readonly single: readonly Float64Array[];
}

/**
 * Fits each regression on all folds but one, and says what it forecasts for that one; mixes them by least squares on
 * those forecasts (stacking: Wolpert 1992, Breiman 1996); then fits each to everything.
 */
export function fitMixture(samples: Samples, shape: Shape, folds: readonly Fold[]): Mixture {
  const { count, horizons, width } = samples;
  const columns = columnsOf(shape);
  const single = kinds.map(() => new Float64Array(count * horizons));
  const coefficients = new Float64Array(horizons * width);
  const weights = Array.from({ length: horizons }, (_, h) => {
    const whole = fitHorizon(samples, h, folds, columns, single);
    const shares = stack(samples, h, single);
    whole.forEach((solution, k) => {
      solution.forEach((value, i) => {
        coefficients[h * width + i]! += shares[k]! * value;
      });
    });
    return shares;
  });
  return { coefficients, weights, crossFitted: mixed(single, weights, count), single };
}

function columnsOf(shape: Shape): readonly ReadonlySet<number>[] {
  const regressors = new Regressors(shape);
  return kinds.map(({ family }) => new Set(regressors.of(family)));
}

/** Writes the cross-fitted forecasts of a horizon; answers the coefficients of each kind on everything. */
function fitHorizon(
  samples: Samples,
  h: number,
  folds: readonly Fold[],
  columns: readonly ReadonlySet<number>[],
  single: readonly Float64Array[],
): number[][] {
  const everything = Int32Array.from({ length: samples.count }, (_, i) => i);
  const solutions: number[][] = [];
  for (const calm of [false, true]) {
    const of = (which: Int32Array) => equations(samples, h, which, calm);
    const whole = of(everything);
    const rest = folds.map(({ touched }) => whole.without(of(touched)));
    kinds.forEach((kind, k) => {
      if (kind.calm !== calm) return;
      solutions[k] = whole.solve(kind.penalty, columns[k]);
      folds.forEach(({ held }, f) => {
        const solution = rest[f]!.solve(kind.penalty, columns[k]);
        for (const i of held) single[k]![i * samples.horizons + h] = answer(samples, i, solution);
      });
    });
  }
  return solutions;
}

function equations(samples: Samples, h: number, which: Int32Array, calm: boolean): NormalEquations {
  const { width, rows, targets, horizons } = samples;
  const sums = new NormalEquations(width);
  for (const i of which) {
    const target = targets[i * horizons + h]!;
    if (Number.isNaN(target)) continue;
    sums.add(rows.subarray(i * width, (i + 1) * width), target, calm ? samples.lively[i]! ** -2 : 1);
  }
  return sums;
}

function answer({ rows, width }: Samples, sample: number, solution: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += rows[sample * width + i]! * solution[i]!;
  return sum;
}

/** Weights of least squares that are not negative, by descent along each in turn; at most 1 together. */
function stack({ count, horizons, targets }: Samples, h: number, single: readonly Float64Array[]): number[] {
  const products = single.map(() => new Float64Array(single.length));
  const right = new Float64Array(single.length);
  for (let at = h; at < count * horizons; at += horizons) {
    if (Number.isNaN(targets[at]!)) continue;
    single.forEach((a, i) => {
      right[i]! += a[at]! * targets[at]!;
      single.forEach((b, j) => {
        products[i]![j]! += a[at]! * b[at]!;
      });
    });
  }
  const weights = notNegative(products, right);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / Math.max(1, sum));
}

const rounds = 500;

function notNegative(products: readonly Float64Array[], right: Float64Array): number[] {
  const weights = Array.from(right, () => 1 / right.length);
  for (let round = 0; round < rounds; round++)
    products.forEach((row, i) => {
      const fitted = weights.reduce((sum, weight, j) => sum + weight * row[j]!, 0);
      weights[i] = row[i]! > 0 ? Math.max(0, weights[i]! + (right[i]! - fitted) / row[i]!) : 0;
    });
  return weights;
}

function mixed(
  single: readonly Float64Array[],
  weights: readonly (readonly number[])[],
  count: number,
): Float64Array {
  const horizons = weights.length;
  return Float64Array.from({ length: count * horizons }, (_, at) =>
    single.reduce((sum, one, k) => sum + weights[at % horizons]![k]! * one[at]!, 0),
  );
}
