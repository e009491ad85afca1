// Non-linearities. Coefficients: relative minimax fits by iteratively reweighted least squares (Lawson 1961).
import { exp2, expMax, expMin, minusLog2E, one, rounder, tanhBottom, tanhMax, tanhMin, tanhTop } from './constants';
import { fma } from './vector';

/**
 * e^-z for |z| <= 20, clamped beyond so that a product of three stays finite. 1 / (1 + e^-z) is within 2e-7 of the
 * logistic function.
 *
 * e^-z = 2^n 2^f, n an integer, |f| <= 1/2; 2^f by a polynomial of degree 5 (relative error 7.5e-8). Adding
 * 1.5 x 2^23 rounds to an integer and leaves it in the low bits, from where it moves to the exponent.
 */
// @ts-ignore: decorator
@inline
export function expNegative(z: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(z, expMax()), expMin());
  const rounded = fma(clamped, minusLog2E(), rounder());
  const f = fma(clamped, minusLog2E(), f32x4.sub(rounder(), rounded));
  let p = fma(f, exp2(0), exp2(1));
  p = fma(f, p, exp2(2));
  p = fma(f, p, exp2(3));
  p = fma(f, p, exp2(4));
  p = fma(f, p, exp2(5));
  return i32x4.add(p, i32x4.shl(rounded, 23));
}

// tanh z = z P(z^2) / Q(z^2), degrees 4 and 4, relative error 2.1e-8 before rounding, for |z| <= 9.02; beyond, 1.
// @ts-ignore: decorator
@inline
export function tanhClamp(z: v128): v128 {
  return f32x4.pmax(f32x4.pmin(z, tanhMax()), tanhMin());
}

// @ts-ignore: decorator
@inline
export function tanhP(z: v128, u: v128): v128 {
  let p = fma(u, tanhTop(0), tanhTop(1));
  p = fma(u, p, tanhTop(2));
  p = fma(u, p, tanhTop(3));
  return f32x4.mul(z, fma(u, p, one()));
}

// @ts-ignore: decorator
@inline
export function tanhQ(u: v128): v128 {
  let q = fma(u, tanhBottom(0), tanhBottom(1));
  q = fma(u, q, tanhBottom(2));
  q = fma(u, q, tanhBottom(3));
  return fma(u, q, one());
}
