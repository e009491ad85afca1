/** Sums of products of regressors and a target, for a regression that need not hold its rows. */
export class NormalEquations {
  readonly size: number;
  count = 0;
  /** Upper triangle of X'X by rows, [size, size]. */
  readonly #products: Float64Array;
  readonly #target: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.#products = new Float64Array(size * size);
    this.#target = new Float64Array(size);
  }

  /** The first regressor is 1. */
  add(row: ArrayLike<number>, target: number, weight = 1): void {
    const { size } = this;
    const products = this.#products;
    for (let a = 0; a < size; a++) {
      const value = weight * row[a]!;
      this.#target[a]! += value * target;
      if (value !== 0) for (let b = a; b < size; b++) products[a * size + b]! += value * row[b]!;
    }
    this.count++;
  }

  /** The sums without those rows: what was fitted on the others alone. */
  without(held: NormalEquations): NormalEquations {
    const rest = new NormalEquations(this.size);
    rest.count = this.count - held.count;
    this.#products.forEach((sum, i) => {
      rest.#products[i] = sum - held.#products[i]!;
    });
    this.#target.forEach((sum, i) => {
      rest.#target[i] = sum - held.#target[i]!;
    });
    return rest;
  }

  /**
   * The weights that minimise the mean squared error plus `penalty` times the sum of their squares, once every
   * regressor has mean 0 and deviation 1; the first one, the intercept, is not held back. A regressor that never
   * changes, or is not `among` those allowed, has weight 0.
   */
  solve(penalty: number, among?: ReadonlySet<number>): number[] {
    const { size } = this;
    const total = this.#products[0]!;
    const product = (a: number, b: number) => this.#products[Math.min(a, b) * size + Math.max(a, b)]! / total;
    const mean = (a: number) => product(0, a);
    const deviations = Array.from({ length: size }, (_, a) =>
      Math.sqrt(Math.max(0, product(a, a) - mean(a) ** 2)),
    );
    const changes = (a: number) => deviations[a]! > 1e-9 * Math.sqrt(product(a, a));
    const used = deviations.flatMap((_, a) => (a > 0 && changes(a) && (among?.has(a) ?? true) ? [a] : []));
    const covariance = (a: number, b: number) =>
      (product(a, b) - mean(a) * mean(b)) / (deviations[a]! * deviations[b]!);
    const matrix = used.map((a, i) => used.map((b, j) => covariance(a, b) + (i === j ? penalty : 0)));
    const meanTarget = this.#target[0]! / total;
    const right = used.map((a) => (this.#target[a]! / total - mean(a) * meanTarget) / deviations[a]!);
    const scaled = cholesky(matrix, right);
    const weights = new Array<number>(size).fill(0);
    used.forEach((a, i) => {
      weights[a] = scaled[i]! / deviations[a]!;
    });
    weights[0] = meanTarget - used.reduce((sum, a) => sum + weights[a]! * mean(a), 0);
    return weights;
  }
}

/** Solves A x = b for a symmetric A; a direction that others already span is left out. A is used up. */
function cholesky(matrix: number[][], right: readonly number[]): number[] {
  const size = right.length;
  const forward = new Array<number>(size).fill(0);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i]![k]! * matrix[j]![k]!;
      if (i !== j) matrix[i]![j] = matrix[j]![j]! > 0 ? sum / matrix[j]![j]! : 0;
      else matrix[i]![i] = sum > 1e-10 ? Math.sqrt(sum) : 0;
    }
    let sum = right[i]!;
    for (let k = 0; k < i; k++) sum -= matrix[i]![k]! * forward[k]!;
    forward[i] = matrix[i]![i]! > 0 ? sum / matrix[i]![i]! : 0;
  }
  const solution = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let sum = forward[i]!;
    for (let k = i + 1; k < size; k++) sum -= matrix[k]![i]! * solution[k]!;
    solution[i] = matrix[i]![i]! > 0 ? sum / matrix[i]![i]! : 0;
  }
  return solution;
}
