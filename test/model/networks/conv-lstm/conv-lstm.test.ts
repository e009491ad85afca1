import test from 'ava';
import { ConvLstm, type ConvLstmOptions } from '../../../../src/model/networks/conv-lstm/conv-lstm.ts';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';
import { Doubles, fill, sigmoid, sum } from '../float64.ts';
import { type Given, prove } from '../layer-proof.ts';

/** Zero-padded convolution of one image of a batch at one place, for one output channel. */
function convolved(
  x: (y: number, x: number, c: number) => number,
  kernel: Doubles,
  size: Size,
  at: At,
): number {
  const [extent, , inputs] = kernel.shape as [number, number, number];
  const reach = (extent - 1) / 2;
  return sum(extent, (a) =>
    sum(extent, (b) => {
      const [row, column] = [at.row + a - reach, at.column + b - reach];
      if (row < 0 || row >= size.height || column < 0 || column >= size.width) return 0;
      return sum(inputs, (c) => x(row, column, c) * kernel.at(a, b, c, at.channel));
    }),
  );
}

interface Size {
  readonly height: number;
  readonly width: number;
}
interface At {
  readonly row: number;
  readonly column: number;
  readonly channel: number;
}

/** Equation 3 of Shi et al. 2015, element by element. */
function reference(options: ConvLstmOptions, given: Given): Doubles {
  const { filters, steps: free, returnSequences } = options;
  const x = free === undefined ? given['0'] : undefined;
  const [h0, c0] = x ? [given['1'], given['2']] : [given['0'], given['1']];
  const { state, bias, peepholes } = given as Record<string, Doubles>;
  const first = (x ?? h0)!.shape;
  const [batch, height, width] = [first[0]!, ...first.slice(-3, -1)] as [number, number, number];
  const steps = free ?? first[1]!;
  const space = [batch, height, width, filters];
  let h = h0 ?? new Doubles(space);
  let c = c0 ?? new Doubles(space);
  const sequence: Doubles[] = [];
  for (let t = 0; t < steps; t++) {
    const [before, cell] = [h, c];
    const gate = (n: number, row: number, column: number, k: number, gate: number) => {
      const at = { row, column, channel: gate * filters + k };
      const size = { height, width };
      const fromInput = x ? convolved((y, z, i) => x.at(n, t, y, z, i), given['input']!, size, at) : 0;
      return (
        fromInput + convolved((y, z, i) => before.at(n, y, z, i), state!, size, at) + bias!.at(at.channel)
      );
    };
    c = fill(space, (n, y, z, k) => {
      const i = sigmoid(gate(n, y, z, k, 0) + peepholes!.at(0, k) * cell.at(n, y, z, k));
      const f = sigmoid(gate(n, y, z, k, 1) + peepholes!.at(1, k) * cell.at(n, y, z, k));
      return f * cell.at(n, y, z, k) + i * Math.tanh(gate(n, y, z, k, 2));
    });
    const now = c;
    h = fill(space, (n, y, z, k) => {
      const o = sigmoid(gate(n, y, z, k, 3) + peepholes!.at(2, k) * now.at(n, y, z, k));
      return o * Math.tanh(now.at(n, y, z, k));
    });
    sequence.push(h);
  }
  if (!returnSequences) return h;
  return fill([batch, steps, height, width, filters], (n, t, y, z, k) => sequence[t]!.at(n, y, z, k));
}

const cases: [string, ConvLstmOptions, number[][]][] = [
  ['from zero states', { filters: 2, stateKernel: 3 }, [[2, 3, 3, 4, 2]]],
  [
    'every step, other kernels',
    { filters: 3, stateKernel: 1, inputKernel: 3, returnSequences: true },
    [[1, 2, 3, 3, 1]],
  ],
  [
    'from states given, which it gives back',
    { filters: 2, stateKernel: 3, inputKernel: 1, returnState: true },
    [
      [1, 2, 2, 3, 2],
      [1, 2, 3, 2],
      [1, 2, 3, 2],
    ],
  ],
  [
    'without an input',
    { filters: 2, stateKernel: 3, steps: 2, returnSequences: true },
    [
      [2, 3, 2, 2],
      [2, 3, 2, 2],
    ],
  ],
  ['as an FC-LSTM', { filters: 4, stateKernel: 1 }, [[2, 3, 1, 1, 3]]],
];

for (const backend of ['cpu', 'wasm'] as const)
  for (const [name, options, inputs] of cases)
    test.serial(`${backend}: ConvLSTM ${name} is that of the formulas`, async (t) => {
      await chooseTfjs(backend);
      await prove(t, {
        layer: () => new ConvLstm(options),
        inputs,
        reference: (given) => reference(options, given),
      });
    });

test('an even kernel has no centre', (t) => {
  t.throws(() => new ConvLstm({ filters: 2, stateKernel: 4 }), { message: /odd, not 4/ });
});
