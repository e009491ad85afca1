/**
 * The probability that the value is above `level`, from quantiles of it. The quantile function is a straight line
 * between neighbouring quantiles. Beyond the outermost ones it goes on as the tail of an exponential distribution that
 * keeps the density of the outermost piece: P(Y > x) = p exp(-d (x - q) / p), where p is the probability beyond the
 * outermost quantile q, and d the density (the difference of the two outermost levels over that of their values).
 *
 * One quantile is a point forecast: 0 or 1, and one of 20 is not above 20. Where several are all one number there is no
 * density: the answer is then what their levels leave on its side.
 *
 * @param quantiles levels in (0, 1), rising.
 * @param values the quantiles' values in the variable's unit; values that fall are put in order first.
 * @returns 0 to 1; NaN where there is no quantile or a value is no number.
 */
export function probabilityAbove(
  quantiles: readonly number[],
  values: readonly number[],
  level: number,
): number {
  if (quantiles.length === 0 || Number.isNaN(level) || values.some(Number.isNaN)) return Number.NaN;
  return 1 - probabilityBelow(quantiles, ordered(values), level);
}

/** P(Y <= level); `values` never fall. */
function probabilityBelow(levels: readonly number[], values: readonly number[], level: number): number {
  const last = values.length - 1;
  if (values[0] === values[last]) return stepAt(levels, values[0]!, level);
  if (level < values[0]!) {
    const p = levels[0]!;
    return p * tail(values[0]! - level, p, densityFrom(levels, values, 0, 1));
  }
  if (level >= values[last]!) {
    const p = 1 - levels[last]!;
    return 1 - p * tail(level - values[last]!, p, densityFrom(levels, values, last, -1));
  }
  const after = values.findIndex((value) => value > level);
  const [from, to] = [values[after - 1]!, values[after]!];
  const share = (level - from) / (to - from);
  return levels[after - 1]! + share * (levels[after]! - levels[after - 1]!);
}

function stepAt(levels: readonly number[], value: number, level: number): number {
  if (level >= value) return levels.length === 1 ? 1 : levels.at(-1)!;
  return levels.length === 1 ? 0 : levels[0]!;
}

const tail = (distance: number, probability: number, density: number) =>
  Math.exp((-density * distance) / probability);

/** Density of the outermost piece that has a width, from the end `at` inwards. */
function densityFrom(
  levels: readonly number[],
  values: readonly number[],
  at: number,
  inwards: number,
): number {
  let next = at + inwards;
  while (values[next] === values[at]) next += inwards;
  return (levels[next]! - levels[at]!) / (values[next]! - values[at]!);
}

function ordered(values: readonly number[]): readonly number[] {
  return values.every((value, i) => i === 0 || values[i - 1]! <= value)
    ? values
    : values.toSorted((a, b) => a - b);
}
