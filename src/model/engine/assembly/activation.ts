// Non-linearities. Coefficients: relative minimax fits by iteratively reweighted least squares (Lawson 1961).
import { all, fma } from './vector';

/**
 * e^-z for |z| <= 20, clamped beyond (so that products of three stay finite), relative error below 2e-6 at the ends
 * and 2e-7 where it matters: 1 / (1 + e^-z) is within 2e-7 of the logistic function.
 *
 * e^-z = 2^n 2^f, n an integer, |f| <= 1/2; 2^f by a polynomial of degree 5 (relative error 7.5e-8). Adding
 * 1.5 x 2^23 rounds to an integer and leaves it in the low bits, from where it moves to the exponent.
 */
// @ts-ignore: decorator
@inline
export function expNegative(z: v128): v128 {
  const magic = all(12582912.0);
  const t = f32x4.mul(f32x4.pmax(f32x4.pmin(z, all(20)), all(-20)), all(-1.4426950408889634));
  const rounded = f32x4.add(t, magic);
  const f = f32x4.sub(t, f32x4.sub(rounded, magic));
  let p = fma(f, all(0.001327647037808433), all(0.00967554132157643));
  p = fma(f, p, all(0.05550713278492155));
  p = fma(f, p, all(0.2402211972416056));
  p = fma(f, p, all(0.6931469670617031));
  p = fma(f, p, all(1.0000000716545867));
  return i32x4.add(p, i32x4.shl(rounded, 23));
}

// tanh z = z P(z^2) / Q(z^2), degrees 4 and 4, relative error 2.1e-8 before rounding, for |z| <= 9.02; beyond, 1.
// @ts-ignore: decorator
@inline
export function tanhClamp(z: v128): v128 {
  return f32x4.pmax(f32x4.pmin(z, all(9.02)), all(-9.02));
}

// @ts-ignore: decorator
@inline
export function tanhP(z: v128, u: v128): v128 {
  let p = fma(u, all(1.3318973644026994e-8), all(2.0583408986551666e-5));
  p = fma(u, p, all(0.0034940301771658805));
  p = fma(u, p, all(0.1337971427621136));
  return f32x4.mul(z, fma(u, p, all(1)));
}

// @ts-ignore: decorator
@inline
export function tanhQ(u: v128): v128 {
  let q = fma(u, all(7.761978711754632e-7), all(0.0003283085650611615));
  q = fma(u, q, all(0.02587105659584491));
  q = fma(u, q, all(0.46713029519068083));
  return fma(u, q, all(1));
}
