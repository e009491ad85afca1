import type { Series } from '../dataset.ts';

type Numbers = ArrayLike<number>;

export const mean = (values: Numbers): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
};

export const squaredErrors = (truth: Numbers, point: Numbers): Float64Array =>
  Float64Array.from(truth, (value, i) => (point[i]! - value) ** 2);

export const rmse = (truth: Numbers, point: Numbers): number => Math.sqrt(mean(squaredErrors(truth, point)));

export const mae = (truth: Numbers, point: Numbers): number =>
  mean(Float64Array.from(truth, (value, i) => Math.abs(point[i]! - value)));

/** Mean of forecast minus truth: above 0 where the forecasts are too high. */
export const bias = (truth: Numbers, point: Numbers): number =>
  mean(Float64Array.from(truth, (value, i) => point[i]! - value));

/**
 * The unit of the mean absolute scaled error (Hyndman and Koehler 2006): mean absolute error, in the training part, of
 * the value `horizon` steps before. NaN where no two values lie so far apart.
 */
export function scaleOf(training: readonly Series[], horizon: number): number {
  let sum = 0;
  let count = 0;
  for (const { values, mask } of training)
    for (let i = horizon; i < values.length; i++) {
      if (!mask[i] || !mask[i - horizon]) continue;
      sum += Math.abs(values[i]! - values[i - horizon]!);
      count++;
    }
  return sum / count;
}
