import { levels, quantile } from '../../baselines/baseline.ts';
import { median } from '../../redtide/body.ts';
import { nearest, risen } from '../../redtide/quantiles.ts';

export interface Tried {
  /** [tried]: what the regression left, in units; NaN where it was not measured. */
  readonly left: Float64Array;
  /** [tried]: liveliness, by which `left` and the quantiles are to be multiplied. */
  readonly lively: Float64Array;
  /** [tried][levels]: the LSTM's quantiles of it. */
  readonly quantiles: readonly Float64Array[];
}

/** Share of the LSTM's median that makes the squared error least; between none and all of it. */
export function shareOf({ left, lively, quantiles }: Tried): number {
  let [product, square] = [0, 0];
  left.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    const said = quantiles[i]![median]!;
    product += lively[i]! ** 2 * said * value;
    square += (lively[i]! * said) ** 2;
  });
  return square > 0 ? Math.max(0, Math.min(1, product / square)) : 0;
}

/** Root mean squared error with that share over the one without. */
export function gainOf({ left, lively, quantiles }: Tried, share: number): number {
  let [shared, alone] = [0, 0];
  left.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    shared += (lively[i]! * (value - share * quantiles[i]![median]!)) ** 2;
    alone += (lively[i]! * value) ** 2;
  });
  return alone > 0 ? Math.sqrt(shared / alone) : 1;
}

/**
 * For each level what the LSTM's distance from its median is multiplied by so that, on folds that it had not seen, as
 * many values lie below as the level says: split conformal prediction of normalised errors, one side at a time (Lei et
 * al. 2018, section 5.2).
 */
export function spreadOf({ left, quantiles }: Tried, share: number): number[] {
  return levels.map((level, k) => {
    if (k === median) return 0;
    const ratios = Array.from(left).flatMap((value, i) => {
      if (Number.isNaN(value)) return [];
      const own = risen(quantiles[i]!);
      const far = Math.max(nearest, Math.abs(own[k]! - own[median]!));
      const error = value - share * quantiles[i]![median]!;
      return [(k < median ? -error : error) / far];
    });
    const sorted = Float64Array.from(ratios).sort();
    return sorted.length > 0 ? Math.max(0, quantile(sorted, Math.max(level, 1 - level))) : 1;
  });
}
