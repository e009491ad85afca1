// Constants of the inner loops, four lanes each. In memory, since V8 builds a v128.const anew at every use, in four
// instructions, where a load is one.
const TABLE = memory.data<f32>([
  1, 1, 1, 1,
  20, 20, 20, 20,
  -20, -20, -20, -20,
  -1.4426950408889634, -1.4426950408889634, -1.4426950408889634, -1.4426950408889634,
  12582912, 12582912, 12582912, 12582912,
  0.001327647037808433, 0.001327647037808433, 0.001327647037808433, 0.001327647037808433,
  0.00967554132157643, 0.00967554132157643, 0.00967554132157643, 0.00967554132157643,
  0.05550713278492155, 0.05550713278492155, 0.05550713278492155, 0.05550713278492155,
  0.2402211972416056, 0.2402211972416056, 0.2402211972416056, 0.2402211972416056,
  0.6931469670617031, 0.6931469670617031, 0.6931469670617031, 0.6931469670617031,
  1.0000000716545867, 1.0000000716545867, 1.0000000716545867, 1.0000000716545867,
  9.02, 9.02, 9.02, 9.02,
  -9.02, -9.02, -9.02, -9.02,
  1.3318973644026994e-8, 1.3318973644026994e-8, 1.3318973644026994e-8, 1.3318973644026994e-8,
  2.0583408986551666e-5, 2.0583408986551666e-5, 2.0583408986551666e-5, 2.0583408986551666e-5,
  0.0034940301771658805, 0.0034940301771658805, 0.0034940301771658805, 0.0034940301771658805,
  0.1337971427621136, 0.1337971427621136, 0.1337971427621136, 0.1337971427621136,
  7.761978711754632e-7, 7.761978711754632e-7, 7.761978711754632e-7, 7.761978711754632e-7,
  0.0003283085650611615, 0.0003283085650611615, 0.0003283085650611615, 0.0003283085650611615,
  0.02587105659584491, 0.02587105659584491, 0.02587105659584491, 0.02587105659584491,
  0.46713029519068083, 0.46713029519068083, 0.46713029519068083, 0.46713029519068083,
  7.888609052210118e-31, 7.888609052210118e-31, 7.888609052210118e-31, 7.888609052210118e-31,
], 16);

// @ts-ignore: decorator
@inline
function constant(row: i32): v128 {
  return v128.load(TABLE + (<usize>row << 4));
}

// @ts-ignore: decorator
@inline export function one(): v128 { return constant(0); }

/** Bound of the argument of e^-z. */
// @ts-ignore: decorator
@inline export function expMax(): v128 { return constant(1); }
// @ts-ignore: decorator
@inline export function expMin(): v128 { return constant(2); }
/** -log2 e */
// @ts-ignore: decorator
@inline export function minusLog2E(): v128 { return constant(3); }
/** 1.5 x 2^23: added and taken away again, it rounds to an integer. */
// @ts-ignore: decorator
@inline export function rounder(): v128 { return constant(4); }
/** Coefficients of 2^f, |f| <= 1/2, the highest power first. */
// @ts-ignore: decorator
@inline export function exp2(n: i32): v128 { return constant(5 + n); }

/** Bound of the argument of tanh. */
// @ts-ignore: decorator
@inline export function tanhMax(): v128 { return constant(11); }
// @ts-ignore: decorator
@inline export function tanhMin(): v128 { return constant(12); }
/** Coefficients of P and Q in u = z^2, the highest power first, without the last, 1. */
// @ts-ignore: decorator
@inline export function tanhTop(n: i32): v128 { return constant(13 + n); }
// @ts-ignore: decorator
@inline export function tanhBottom(n: i32): v128 { return constant(17 + n); }

/** 2^-100 */
// @ts-ignore: decorator
@inline export function tiny(): v128 { return constant(21); }
