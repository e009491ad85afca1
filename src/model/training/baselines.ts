import type { Dataset } from './dataset.ts';

/** Lags of the regression, in steps before the newest, as far as the window reaches. */
const lags = [0, 1, 2, 3, 5, 11, 22, 23];
/** Relative to the diagonal; keeps the normal equations solvable where lags repeat each other. */
const ridge = 1e-8;

/** Forecasts [samples, horizons], scaled. */
export type Forecasts = Float32Array;

/** The last value stays. */
export function persistence({ x, lookback, horizons, samples }: Dataset): Forecasts {
  const out = new Float32Array(samples * horizons.length);
  for (let i = 0; i < samples; i++)
    out.fill(x[(i + 1) * lookback - 1]!, i * horizons.length, (i + 1) * horizons.length);
  return out;
}

/** Least squares of the change from the last value on its lags, one regression a horizon, fitted on `train`. */
export function leastSquares(train: Dataset, test: Dataset): Forecasts {
  const out = new Float32Array(test.samples * test.horizons.length);
  test.horizons.forEach((_, h) => {
    const weights = regress(train, h);
    for (let i = 0; i < test.samples; i++) {
      const row = regressors(test, i);
      const change = row.reduce((sum, value, j) => sum + value * weights[j]!, 0);
      out[i * test.horizons.length + h] = row[1]! + change;
    }
  });
  return out;
}

/** Root mean squared error by horizon, in the unit of the variable. */
export function rmse({ y, horizons, samples, scaling }: Dataset, forecasts: Forecasts): number[] {
  const width = scaling.maximum - scaling.minimum;
  return horizons.map((_, h) => {
    let sum = 0;
    for (let i = h; i < y.length; i += horizons.length) sum += (y[i]! - forecasts[i]!) ** 2;
    return width * Math.sqrt(sum / samples);
  });
}

/** 1, then the lags, lag 0 first. */
function regressors({ x, lookback }: Dataset, sample: number): number[] {
  const newest = (sample + 1) * lookback - 1;
  return [1, ...lags.filter((lag) => lag < lookback).map((lag) => x[newest - lag]!)];
}

function regress(train: Dataset, horizon: number): number[] {
  const size = regressors(train, 0).length;
  const normal = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (let i = 0; i < train.samples; i++) {
    const row = regressors(train, i);
    const change = train.y[i * train.horizons.length + horizon]! - row[1]!;
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) normal[a]![b]! += row[a]! * row[b]!;
      normal[a]![size]! += row[a]! * change;
    }
  }
  for (let a = 0; a < size; a++) normal[a]![a]! *= 1 + ridge;
  return solve(normal);
}

/** Gaussian elimination with partial pivoting of [n, n + 1]; the matrix is used up. */
export function solve(matrix: Float64Array[]): number[] {
  const size = matrix.length;
  for (let column = 0; column < size; column++) {
    const pivot = matrix.reduce(
      (best, row, r) => (r >= column && Math.abs(row[column]!) > Math.abs(matrix[best]![column]!) ? r : best),
      column,
    );
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    for (let r = 0; r < size; r++) {
      if (r === column) continue;
      const factor = matrix[r]![column]! / matrix[column]![column]!;
      for (let c = column; c <= size; c++) matrix[r]![c]! -= factor * matrix[column]![c]!;
    }
  }
  return matrix.map((row, r) => row[size]! / row[r]!);
}
