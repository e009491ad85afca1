import test from 'ava';
import {
  LocalRelation,
  type LocalRelationOptions,
  type Similarity,
} from '../../../../src/model/networks/local-relation/local-relation.ts';
import { chooseTfjs } from '../../../../src/model/tfjs-runtime.ts';
import { type Doubles, fill, softmax, sum } from '../float64.ts';
import { type Given, prove } from '../layer-proof.ts';

const phi: Record<Similarity, (q: number, k: number) => number> = {
  'squared-difference': (q, k) => -((q - k) ** 2),
  'absolute-difference': (q, k) => -Math.abs(q - k),
  product: (q, k) => q * k,
};

type Sizes = Required<Pick<LocalRelationOptions, 'filters' | 'extent' | 'sharing' | 'similarity'>>;

/** The formulas of Hu et al. 2019 with the authors' mask at the border, one output at a time. */
function reference({ filters, extent, sharing, similarity }: Sizes, given: Given): Doubles {
  const x = given['0']!;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const reach = (extent - 1) / 2;
  const groups = given['query']!.shape[1]!;
  const inside = (row: number, column: number) => row >= 0 && row < height && column >= 0 && column < width;
  const scalar = (name: string, n: number, row: number, column: number, g: number) =>
    sum(channels, (c) => x.at(n, row, column, c) * given[name]!.at(c, g));
  const prior = (dx: number, dy: number, g: number) =>
    sum(groups, (u) => {
      const z = given['geometry1']!.at(0, u) * dx + given['geometry1']!.at(1, u) * dy;
      return Math.max(0, z + given['geometry1Bias']!.at(u)) * given['geometry2']!.at(u, g);
    });
  const around = Array.from({ length: extent ** 2 }, (_, n) => [
    Math.floor(n / extent) - reach,
    (n % extent) - reach,
  ]);
  const gathered = fill(x.shape, (n, i, j, c) => {
    const g = Math.floor(c / sharing);
    const logits = around.map(([a, b]) =>
      inside(i + a!, j + b!)
        ? phi[similarity](scalar('query', n, i, j, g), scalar('key', n, i + a!, j + b!, g)) + prior(b!, a!, g)
        : -100,
    );
    return softmax(logits).reduce((total, share, m) => {
      const [row, column] = [i + around[m]![0]!, j + around[m]![1]!];
      return inside(row, column) ? total + share * x.at(n, row, column, c) : total;
    }, 0);
  });
  return fill([batch, height, width, filters], (n, i, j, f) =>
    sum(channels, (c) => gathered.at(n, i, j, c) * given['output']!.at(c, f)),
  );
}

const cases: [Sizes, number[]][] = [
  [{ filters: 3, extent: 3, sharing: 2, similarity: 'squared-difference' }, [2, 3, 4, 4]],
  [{ filters: 2, extent: 3, sharing: 2, similarity: 'absolute-difference' }, [1, 3, 3, 4]],
  // The last group has one channel, and the neighbourhood is wider than the image.
  [{ filters: 4, extent: 5, sharing: 2, similarity: 'product' }, [1, 3, 2, 5]],
];

for (const backend of ['cpu', 'wasm'] as const)
  for (const [sizes, input] of cases)
    test.serial(`${backend}: local relation by ${sizes.similarity} is that of the formulas`, async (t) => {
      await chooseTfjs(backend);
      await prove(t, {
        layer: () => new LocalRelation(sizes),
        inputs: [input],
        reference: (given) => reference(sizes, given),
      });
    });

test('a similarity that is not known is refused', (t) => {
  t.throws(() => new LocalRelation({ filters: 1, similarity: 'cosine' as Similarity }), {
    message: /cosine/,
  });
});
