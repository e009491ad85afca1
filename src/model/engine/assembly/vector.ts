import { tiny } from './constants';

// Four lanes of float32. With relaxed SIMD a multiply-add is fused (one rounding), otherwise it is two operations.

// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, sum: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, sum) : f32x4.add(f32x4.mul(a, b), sum);
}

// @ts-ignore: decorator
@inline
export function all(value: f32): v128 {
  return f32x4.splat(value);
}

/**
 * Magnitudes below 2^-100 become 0: decaying gradients and moments would otherwise end as denormal numbers, which
 * processors handle a hundred times slower, and which change nothing at float32.
 */
// @ts-ignore: decorator
@inline
export function flush(a: v128): v128 {
  return v128.and(a, f32x4.gt(f32x4.abs(a), tiny()));
}

/** Sum of the lanes, always in the order (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function total(a: v128): f32 {
  const pairs = f32x4.add(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
