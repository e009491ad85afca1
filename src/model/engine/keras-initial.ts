import { uniform } from './initial.ts';
import { fromKeras } from './keras.ts';
import { checkSpec, type LstmSpec, type Weights } from './spec.ts';

/**
 * Keras' initialisation: kernels uniform within sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010), a recurrent
 * kernel [hidden, 4 hidden] of orthonormal rows (Saxe et al. 2014), biases 0 but that of the forget gate, 1
 * (Jozefowicz et al. 2015). For networks with `biases: 1`. The numbers are our own.
 */
export function kerasWeights(spec: LstmSpec, seed: number): Weights {
  checkSpec(spec);
  const { inputs, hidden, outputs } = spec;
  const next = uniform(seed);
  const glorot = (rows: number, columns: number) => {
    const bound = Math.sqrt(6 / (rows + columns));
    return Float32Array.from({ length: rows * columns }, () => (2 * next() - 1) * bound);
  };
  const bias = new Float32Array(4 * hidden).fill(1, hidden, 2 * hidden);
  return fromKeras(spec, {
    lstm: [glorot(inputs, 4 * hidden), orthonormal(hidden, 4 * hidden, next), bias],
    dense: [glorot(hidden, outputs), new Float32Array(outputs)],
  });
}

/** Rows of normal numbers made orthonormal one by one (Gram and Schmidt). */
function orthonormal(rows: number, columns: number, next: () => number): Float32Array {
  const made: Float64Array[] = [];
  while (made.length < rows) {
    const row = Float64Array.from({ length: columns }, () => normal(next));
    for (const other of made) subtract(row, other, dot(row, other));
    const length = Math.sqrt(dot(row, row));
    made.push(row.map((value) => value / length));
  }
  return Float32Array.from(made.flatMap((row) => [...row]));
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, n) => sum + value * b[n]!, 0);

function subtract(row: Float64Array, other: Float64Array, times: number): void {
  other.forEach((value, n) => {
    row[n]! -= times * value;
  });
}

/** Box and Muller 1958. */
const normal = (next: () => number) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
