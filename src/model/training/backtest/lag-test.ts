export interface LagTest {
  /** Steps by which the forecasts run after the truth: where their correlation is greatest. */
  readonly lag: number;
  /** Of the forecasts with the truth, and with the value that was newest when they were issued. */
  readonly withTruth: number;
  readonly withLast: number;
  /** Lag 0, and closer to the truth than to the past. */
  readonly passed: boolean;
}

/**
 * Whether forecasts foretell, or only repeat what was (models.md calls that the lag-1 artefact). `forecasts[i]` is for
 * the step that starts at `times[i]`; `measured` answers with the value of a step, NaN where there is none. Undefined
 * where nothing varies.
 */
export function lagTest(
  times: ArrayLike<number>,
  forecasts: ArrayLike<number>,
  measured: (time: number) => number,
  { horizon, step }: { readonly horizon: number; readonly step: number },
): LagTest | undefined {
  const at = (lag: number) =>
    correlation(
      forecasts,
      Float64Array.from(times, (time) => measured(time - lag * step)),
    );
  const withTruth = at(0);
  const withLast = at(horizon);
  if (!Number.isFinite(withTruth) || !Number.isFinite(withLast)) return undefined;
  let lag = 0;
  let most = withTruth;
  for (let other = 1; other <= horizon; other++) {
    const found = at(other);
    if (found > most) [lag, most] = [other, found];
  }
  return { lag, withTruth, withLast, passed: lag === 0 && withTruth > withLast };
}

/** Pearson's, of the pairs in which both are finite. NaN where one of them does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [count, sumA, sumB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++)
    if (Number.isFinite(a[i]! + b[i]!)) {
      count++;
      sumA += a[i]!;
      sumB += b[i]!;
    }
  let [product, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++)
    if (Number.isFinite(a[i]! + b[i]!)) {
      const [x, y] = [a[i]! - sumA / count, b[i]! - sumB / count];
      product += x * y;
      squareA += x * x;
      squareB += y * y;
    }
  return product / Math.sqrt(squareA * squareB);
}
