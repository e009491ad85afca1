import test from 'ava';
import { AttentionStem } from '../../../../src/model/networks/self-attention/attention-stem.ts';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';
import { type Doubles, fill, softmax, sum } from '../float64.ts';
import { type Given, prove } from '../layer-proof.ts';

interface Sizes {
  readonly filters: number;
  readonly block: number;
  readonly heads: number;
  readonly mixtures: number;
}

/** The attention stem of Ramachandran et al. 2019, one output at a time. */
function reference({ filters, block, heads, mixtures }: Sizes, given: Given): Doubles {
  const x = given['0']!;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const own = filters / heads;
  const mapped = (name: string, n: number, row: number, column: number, d: number) =>
    sum(channels, (c) => x.at(n, row, column, c) * given[name]!.at(c, d));
  const mixture = (a: number, b: number) =>
    softmax(
      Array.from({ length: mixtures }, (_, m) =>
        sum(own, (e) => (given['rows']!.at(a, e) + given['columns']!.at(b, e)) * given['nu']!.at(e, m)),
      ),
    );
  const value = (n: number, row: number, column: number, d: number) => {
    const p = mixture(row % block, column % block);
    return sum(mixtures, (m) =>
      sum(channels, (c) => p[m]! * given['values']!.at(m, c * filters + d) * x.at(n, row, column, c)),
    );
  };
  return fill([batch, height, width, filters], (n, i, j, d) => {
    const head = Math.floor(d / own) * own;
    const [top, left] = [i - (i % block), j - (j % block)];
    const members = Array.from({ length: block ** 2 }, (_, m) => [
      top + Math.floor(m / block),
      left + (m % block),
    ]);
    const logits = members.map(([row, column]) =>
      sum(own, (e) => mapped('query', n, i, j, head + e) * mapped('key', n, row!, column!, head + e)),
    );
    return softmax(logits).reduce(
      (total, share, m) => total + share * value(n, members[m]![0]!, members[m]![1]!, d),
      0,
    );
  });
}

for (const backend of ['cpu', 'wasm'] as const)
  test.serial(`${backend}: the attention stem is that of the formulas`, async (t) => {
    await chooseTfjs(backend);
    const sizes = { filters: 4, block: 2, heads: 2, mixtures: 3 };
    await prove(t, {
      layer: () => new AttentionStem(sizes),
      inputs: [[2, 4, 6, 3]],
      reference: (given) => reference(sizes, given),
    });
  });

test('images that blocks do not fill are refused', (t) => {
  t.throws(() => new AttentionStem({ filters: 8 }).outputsFor([[null, 8, 6, 3]]), { message: /of 4, not 6/ });
});
