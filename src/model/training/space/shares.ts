import type { Leftover } from './own-past.ts';

/**
 * How much of a network's answers makes the error on scenes that it did not learn from least, by horizon, within 0 and
 * 1; 0 where that saves less than `worth` of the squared error, since so little is chance.
 */
export function sharesOf(
  validation: readonly Leftover[],
  said: readonly Float64Array[],
  horizons: number,
): number[] {
  return Array.from({ length: horizons }, (_, h) => {
    let [product, square, all] = [0, 0, 0];
    validation.forEach(({ values, known }, s) => {
      for (let at = h; at < values.length; at += horizons) {
        if (!known[at]) continue;
        product += values[at]! * said[s]![at]!;
        square += said[s]![at]! ** 2;
        all += values[at]! ** 2;
      }
    });
    const share = square > 0 ? Math.min(1, Math.max(0, product / square)) : 0;
    const saved = 2 * share * product - share ** 2 * square;
    return saved > worth * all ? Number(share.toPrecision(6)) : 0;
  });
}

const worth = 0.005;
