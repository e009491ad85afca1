import type { LstmSpec, Weights } from './spec.ts';

/**
 * The same network as Keras and TensorFlow.js keep it: `lstm` has kernel [inputs, 4 hidden], recurrent kernel
 * [hidden, 4 hidden] and one bias [4 hidden], gates in the order i, f, c, o (c is PyTorch's g), with
 * `recurrentActivation: 'sigmoid'` (TensorFlow.js' default is hardSigmoid); `dense` has kernel [hidden, outputs] and
 * bias [outputs].
 */
export interface KerasWeights {
  readonly lstm: readonly [kernel: Float32Array, recurrent: Float32Array, bias: Float32Array];
  readonly dense: readonly [kernel: Float32Array, bias: Float32Array];
}

/** The transpose of a row-major matrix of `columns` columns. */
function transposed(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  return Float32Array.from(matrix, (_, n) => matrix[(n % rows) * columns + Math.floor(n / rows)]!);
}

/** The two biases become one, their sum. */
export function toKeras({ inputs, hidden }: LstmSpec, weights: Weights): KerasWeights {
  const bias = weights.bias_ih.map((value, n) => value + weights.bias_hh[n]!);
  return {
    lstm: [transposed(weights.weight_ih, inputs), transposed(weights.weight_hh, hidden), bias],
    dense: [transposed(weights.head_weight, hidden), Float32Array.from(weights.head_bias)],
  };
}

/** The bias becomes b_ih, and b_hh is 0: train it with `biases: 1` to follow Keras. */
export function fromKeras({ hidden, outputs }: LstmSpec, { lstm, dense }: KerasWeights): Weights {
  return {
    weight_ih: transposed(lstm[0], 4 * hidden),
    weight_hh: transposed(lstm[1], 4 * hidden),
    bias_ih: Float32Array.from(lstm[2]),
    bias_hh: new Float32Array(4 * hidden),
    head_weight: transposed(dense[0], outputs),
    head_bias: Float32Array.from(dense[1]),
  };
}
