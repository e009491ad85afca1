import { uniform } from '../../../src/model/engine/initial.ts';

/** A dense array of doubles, for references that are slow and plain. */
export class Doubles {
  readonly shape: readonly number[];
  readonly data: Float64Array;

  constructor(shape: readonly number[], data?: ArrayLike<number>) {
    this.shape = shape;
    const size = shape.reduce((product, length) => product * length, 1);
    this.data = data ? Float64Array.from(data) : new Float64Array(size);
  }

  at(...index: number[]): number {
    return this.data[this.place(index)]!;
  }

  set(index: number[], value: number): void {
    this.data[this.place(index)] = value;
  }

  place(index: readonly number[]): number {
    return index.reduce((place, i, axis) => {
      if (i < 0 || i >= this.shape[axis]!) throw new Error(`${index} lies outside ${this.shape}`);
      return place * this.shape[axis]! + i;
    }, 0);
  }
}

/** An array with a value for each index. */
export function fill(shape: readonly number[], value: (...index: number[]) => number): Doubles {
  const made = new Doubles(shape);
  const index = shape.map(() => 0);
  for (let n = 0; n < made.data.length; n++) {
    made.data[n] = value(...index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return made;
}

export function random(shape: readonly number[], seed: number): Doubles {
  const next = uniform(seed);
  // Rounded to what a float32 holds, so that both sides begin with the same numbers.
  return fill(shape, () => Math.fround(2 * next() - 1));
}

/** The sum of value(0) to value(count - 1). */
export function sum(count: number, value: (n: number) => number): number {
  let total = 0;
  for (let n = 0; n < count; n++) total += value(n);
  return total;
}

export const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

export function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const exponents = logits.map((logit) => Math.exp(logit - highest));
  const total = exponents.reduce((a, b) => a + b, 0);
  return exponents.map((value) => value / total);
}
