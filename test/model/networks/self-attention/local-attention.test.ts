import test from 'ava';
import { LocalAttention } from '../../../../src/model/networks/self-attention/local-attention.ts';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';
import { type Doubles, fill, softmax, sum } from '../float64.ts';
import { type Given, prove } from '../layer-proof.ts';

interface Sizes {
  readonly filters: number;
  readonly extent: number;
  readonly heads: number;
}

/** Equation 3 of Ramachandran et al. 2019, one output at a time. */
function reference({ filters, extent, heads }: Sizes, given: Given): Doubles {
  const x = given['0']!;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const reach = (extent - 1) / 2;
  const own = filters / heads;
  const inside = (row: number, column: number) => row >= 0 && row < height && column >= 0 && column < width;
  const mapped = (name: string, n: number, row: number, column: number, d: number) =>
    inside(row, column) ? sum(channels, (c) => x.at(n, row, column, c) * given[name]!.at(c, d)) : 0;
  const relative = (a: number, b: number, head: number, d: number) => {
    const half = own / 2;
    return d < half
      ? given['rows']!.at(a + reach, head * half + d)
      : given['columns']!.at(b + reach, head * half + d - half);
  };
  const around = Array.from({ length: extent ** 2 }, (_, n) => [
    Math.floor(n / extent) - reach,
    (n % extent) - reach,
  ]);
  return fill([batch, height, width, filters], (n, i, j, channel) => {
    const head = Math.floor(channel / own);
    const logits = around.map(([a, b]) =>
      sum(own, (d) => {
        const q = mapped('query', n, i, j, head * own + d);
        return q * (mapped('key', n, i + a!, j + b!, head * own + d) + relative(a!, b!, head, d));
      }),
    );
    return softmax(logits).reduce(
      (total, share, m) =>
        total + share * mapped('value', n, i + around[m]![0]!, j + around[m]![1]!, channel),
      0,
    );
  });
}

const cases: [string, Sizes, number[]][] = [
  ['of one head', { filters: 4, extent: 3, heads: 1 }, [2, 3, 4, 2]],
  ['of two heads, wider than the image', { filters: 8, extent: 5, heads: 2 }, [1, 3, 3, 3]],
];

for (const backend of ['cpu', 'wasm'] as const)
  for (const [name, sizes, input] of cases)
    test.serial(`${backend}: attention ${name} is that of the formula`, async (t) => {
      await chooseTfjs(backend);
      await prove(t, {
        layer: () => new LocalAttention(sizes),
        inputs: [input],
        reference: (given) => reference(sizes, given),
      });
    });

test('sizes that cannot be split are refused', (t) => {
  t.throws(() => new LocalAttention({ filters: 12, heads: 8 }), { message: /multiple of 16, not 12/ });
  t.throws(() => new LocalAttention({ filters: 16, extent: 4 }), { message: /odd.*not 4/ });
});
