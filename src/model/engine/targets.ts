import { expect, type Inputs } from './batch.ts';
import { type LstmSpec, targetsOf } from './spec.ts';

/** Windows with what should come out of them. */
export interface Batch extends Inputs {
  /** [batch, outputs], or with quantiles [batch, horizons]. */
  readonly y: Float32Array;
  /** Shape of y: weight of each target in the mean, 0 for a missing one (whose y must still be finite). */
  readonly weight?: Float32Array;
}

/** Number of terms in the mean: the sum of the weights, times the levels. Throws where a shape or a weight is wrong. */
export function termsOf(spec: LstmSpec, { y, weight, batch }: Batch): number {
  const shape = [batch, targetsOf(spec)];
  expect('y (batch x targets)', y.length, shape);
  if (!weight) return batch * spec.outputs;
  expect('weight (batch x targets)', weight.length, shape);
  const sum = weight.reduce((a, b) => a + b, 0);
  if (!(sum > 0 && Number.isFinite(sum)) || weight.some((value) => value < 0)) {
    throw new RangeError(
      `weights of the targets must be finite, not negative and not all 0; their sum is ${sum}`,
    );
  }
  return sum * (spec.quantiles?.length ?? 1);
}
