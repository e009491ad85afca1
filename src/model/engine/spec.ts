/** Shape of one network: an LSTM layer whose last hidden state goes through a dense head. */
export interface LstmSpec {
  /** Features per step. */
  readonly inputs: number;
  /** LSTM units. */
  readonly hidden: number;
  /** Outputs of the head; with `quantiles`, horizons x quantiles, the quantiles of a horizon side by side. */
  readonly outputs: number;
  readonly head: 'linear' | 'relu';
  /** Levels in (0, 1), rising: the loss is the pinball loss. Without them it is the mean squared error. */
  readonly quantiles?: readonly number[];
  /** 2 (default): b_ih and b_hh as in PyTorch, which Adam moves twice as fast as one; 1: as in Keras, b_hh rests. */
  readonly biases?: 1 | 2;
}

/** Parameters in PyTorch's layout: row-major, gates in the order i, f, g, o. */
export interface Weights {
  /** [4 hidden, inputs] */
  readonly weight_ih: Float32Array;
  /** [4 hidden, hidden] */
  readonly weight_hh: Float32Array;
  /** [4 hidden] */
  readonly bias_ih: Float32Array;
  /** [4 hidden] */
  readonly bias_hh: Float32Array;
  /** [outputs, hidden] */
  readonly head_weight: Float32Array;
  /** [outputs] */
  readonly head_bias: Float32Array;
}

export const weightNames = [
  'weight_ih',
  'weight_hh',
  'bias_ih',
  'bias_hh',
  'head_weight',
  'head_bias',
] as const satisfies readonly (keyof Weights)[];

/** Numbers in each tensor. */
export const weightSizes = ({ inputs, hidden, outputs }: LstmSpec): Record<keyof Weights, number> => ({
  weight_ih: 4 * hidden * inputs,
  weight_hh: 4 * hidden * hidden,
  bias_ih: 4 * hidden,
  bias_hh: 4 * hidden,
  head_weight: outputs * hidden,
  head_bias: outputs,
});

/** Targets per sample: the outputs, or with quantiles the horizons. */
export const targetsOf = (spec: LstmSpec) => spec.outputs / (spec.quantiles?.length ?? 1);

/** Throws with the field and its value where a network cannot have this shape. */
export function checkSpec(spec: LstmSpec): void {
  for (const [name, value, most] of [
    ['inputs', spec.inputs, 4096],
    ['hidden', spec.hidden, 4096],
    ['outputs', spec.outputs, 65536],
  ] as const) {
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new RangeError(`LSTM ${name} must be a whole number from 1 to ${most}, not ${value}`);
    }
  }
  if (spec.quantiles) checkQuantiles(spec.quantiles, spec.outputs);
}

function checkQuantiles(levels: readonly number[], outputs: number): void {
  if (!levels.length || levels.some((q, n) => !(q > 0 && q < 1) || q <= (levels[n - 1] ?? 0))) {
    throw new RangeError(`LSTM quantiles must rise within (0, 1), not [${levels.join(', ')}]`);
  }
  if (outputs % levels.length) {
    throw new RangeError(`LSTM outputs must be horizons x ${levels.length} quantiles, and ${outputs} is not`);
  }
}

/** Throws where a tensor is missing, has another size than the shape asks for, or holds a number that is not finite. */
export function checkWeights(spec: LstmSpec, weights: Weights, what = 'weight'): void {
  const sizes = weightSizes(spec);
  for (const name of weightNames) {
    const tensor = weights[name];
    if (tensor?.length !== sizes[name]) {
      throw new RangeError(`LSTM ${what} "${name}" must have ${sizes[name]} numbers, not ${tensor?.length}`);
    }
    const bad = tensor.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new RangeError(`LSTM ${what} "${name}"[${bad}] is ${tensor[bad]}, which is not finite`);
  }
}
