import test from 'ava';
import fc from 'fast-check';
import { viewOf } from '../../../src/model/baselines/view.ts';
import { fill } from '../../../src/model/redtide/filled.ts';
import { windowOf } from '../samples.ts';

const standard = { centre: 2, spread: 4 };

const filled = (mask: number[], values: number[]) =>
  fill(
    viewOf(
      windowOf(1, {
        lookback: mask.length,
        variables: ['chlorophyll'],
        values: Float64Array.from(values),
        mask: Uint8Array.from(mask),
      }),
    ),
    'chlorophyll',
    standard,
  );

test('a hole takes the value before it, the beginning the first one; ages count from the last measured step', (t) => {
  const { x, measured, age } = filled([0, 0, 1, 0, 0, 1], [0, 0, 6, 0, 0, 10]);
  t.deepEqual([...x], [1, 1, 1, 1, 1, 2]);
  t.deepEqual([...measured], [0, 0, 1, 0, 0, 1]);
  t.deepEqual([...age], [1, 2, 0, 1, 2, 0]);
});

test('what was never measured is the centre, and what is not in the view as well', (t) => {
  t.deepEqual([...filled([0, 0], [9, 9]).x], [0, 0]);
  t.deepEqual([...filled([0, 0], [9, 9]).age], [1, 2]);
  t.deepEqual([...fill(viewOf(windowOf(1)), 'salinity', standard).x], [0, 0, 0, 0, 0, 0]);
});

test('no step is filled from a later one, but those before the first', (t) => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 12 }), fc.nat(11), (mask, at) => {
      const bits = mask.map(Number);
      const values = bits.map((_, i) => i + 1);
      const later = values.map((value, i) => (i > at ? -value : value));
      const first = bits.indexOf(1);
      const [a, b] = [filled(bits, values).x, filled(bits, later).x];
      if (first >= 0 && first <= at) t.deepEqual([...a.slice(0, at + 1)], [...b.slice(0, at + 1)]);
    }),
  );
});
