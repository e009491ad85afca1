import { type LstmSpec, type Weights, weightNames, weightSizes } from './spec.ts';

/**
 * Where the kernels want the parameters: blocks of four units, [padded / 4][row][4 gates][4 units] with the rows
 * inputs, b_ih, b_hh, hidden; then the head's weights [outputs][padded] and biases. Padding is 0 and stays 0: such a
 * unit has c = 0.5 c + 0.5 tanh(0) = 0, so neither it nor its gradient ever moves.
 */
export interface Layout {
  /** Units rounded up to a multiple of 8. */
  readonly padded: number;
  /** Index of the first number of the head. */
  readonly head: number;
  /** Numbers in all, a multiple of 4. */
  readonly count: number;
}

const upTo = (multiple: number, value: number) => Math.ceil(value / multiple) * multiple;

export function layoutOf({ inputs, hidden, outputs }: LstmSpec): Layout {
  const padded = upTo(8, hidden);
  const head = padded * 4 * (inputs + 2 + padded);
  return { padded, head, count: head + outputs * padded + upTo(4, outputs) };
}

/** Visits every parameter: its tensor, the index there, and the index in the kernels' layout. */
function visit(spec: LstmSpec, seen: (name: keyof Weights, from: number, to: number) => void): void {
  const { inputs, hidden, outputs } = spec;
  const { padded, head } = layoutOf(spec);
  const rows = inputs + 2 + padded;
  for (let gate = 0; gate < 4; gate++) {
    for (let unit = 0; unit < hidden; unit++) {
      const out = gate * hidden + unit;
      const at = (row: number) => ((unit >> 2) * rows + row) * 16 + gate * 4 + (unit & 3);
      for (let k = 0; k < inputs; k++) seen('weight_ih', out * inputs + k, at(k));
      seen('bias_ih', out, at(inputs));
      seen('bias_hh', out, at(inputs + 1));
      for (let k = 0; k < hidden; k++) seen('weight_hh', out * hidden + k, at(inputs + 2 + k));
    }
  }
  for (let out = 0; out < outputs; out++) {
    for (let k = 0; k < hidden; k++) seen('head_weight', out * hidden + k, head + out * padded + k);
    seen('head_bias', out, head + outputs * padded + out);
  }
}

/** PyTorch's layout to the kernels'. */
export function pack(spec: LstmSpec, weights: Weights, packed: Float32Array): void {
  packed.fill(0);
  visit(spec, (name, from, to) => {
    packed[to] = weights[name][from]!;
  });
}

/** The kernels' layout to PyTorch's, in fresh arrays. */
export function unpack(spec: LstmSpec, packed: Float32Array): Weights {
  const sizes = weightSizes(spec);
  const weights = Object.fromEntries(weightNames.map((name) => [name, new Float32Array(sizes[name])]));
  visit(spec, (name, from, to) => {
    weights[name]![from] = packed[to]!;
  });
  return weights as unknown as Weights;
}
