import test from 'ava';
import fc from 'fast-check';
import { fitScaling, type Stretch, scale, unfit, unscale, writeInput } from '../../src/model/features.ts';

/** A row-major grid of several columns with a mask, and one column of it as the stretch. */
const stretches = fc
  .record({
    rows: fc.integer({ min: 1, max: 12 }),
    columns: fc.integer({ min: 1, max: 4 }),
    before: fc.nat(3),
  })
  .chain(({ rows, columns, before }) =>
    fc.record({
      column: fc.nat(columns - 1),
      cells: fc.array(
        fc.record({ value: fc.double({ min: -5, max: 50, noNaN: true }), measured: fc.boolean() }),
        { minLength: (before + rows) * columns, maxLength: (before + rows) * columns },
      ),
      shape: fc.constant({ rows, columns, before }),
    }),
  )
  .map(
    ({ column, cells, shape: { rows, columns, before } }): Stretch => ({
      values: Float64Array.from(cells, ({ value, measured }) => (measured ? value : 0)),
      mask: Uint8Array.from(cells, ({ measured }) => (measured ? 1 : 0)),
      offset: before * columns + column,
      stride: columns,
      length: rows,
    }),
  );

/** The stretch as a list, newest last; undefined where it is masked. */
const listOf = ({ values, mask, offset, stride, length }: Stretch) =>
  Array.from({ length }, (_, i) => (mask[offset + i * stride] ? values[offset + i * stride] : undefined));

const scaling = { minimum: -5, maximum: 50 };

test('a masked step takes the last measured one, a masked beginning the first measured one', (t) => {
  fc.assert(
    fc.property(stretches, (stretch) => {
      const list = listOf(stretch);
      if (list.every((value) => value === undefined)) return;
      const want = list.map(
        (_, i) =>
          list.slice(0, i + 1).findLast((value) => value !== undefined) ??
          list.find((value) => value !== undefined),
      );
      const out = new Float32Array(stretch.length + 2).fill(-9);
      writeInput(stretch, scaling, out, 1);
      t.deepEqual([...out], [-9, ...want.map((value) => Math.fround((value! + 5) / 55)), -9]);
    }),
  );
});

test('an input needs its newest step, and the coverage asked for', (t) => {
  fc.assert(
    fc.property(stretches, fc.double({ min: 0, max: 1, noNaN: true }), (stretch, coverage) => {
      const list = listOf(stretch);
      const measured = list.filter((value) => value !== undefined).length;
      const fit = list.at(-1) !== undefined && measured >= coverage * list.length;
      t.is(unfit(stretch, coverage) === undefined, fit);
    }),
  );
});

test('the reason is said', (t) => {
  const stretch = (mask: number[]): Stretch => ({
    values: new Float64Array(mask.length),
    mask: Uint8Array.from(mask),
    offset: 0,
    stride: 1,
    length: mask.length,
  });
  t.is(unfit(stretch([1, 1, 1, 0]), 0)?.detail, 'the newest step has no valid reading');
  t.is(unfit(stretch([0, 0, 0, 1]), 0.5)?.detail, '1 of 4 steps are measured, 2 are needed');
  t.is(unfit(stretch([0, 0, 1, 1]), 0.5), undefined);
  t.throws(() => writeInput(stretch([0, 0]), scaling, new Float32Array(2), 0), {
    message: /without a measured/,
  });
});

test('scaling takes the measured values of the training part to [0, 1], and back', (t) => {
  const values = Float64Array.of(900, 3, 7, -900, 5);
  const fitted = fitScaling(values, Uint8Array.of(0, 1, 1, 0, 1))!;
  t.deepEqual(fitted, { minimum: 3, maximum: 7 });
  t.deepEqual(
    [3, 5, 7, 9].map((value) => scale(value, fitted)),
    [0, 0.5, 1, 1.5],
  );
  t.deepEqual(
    [0, 0.5, 1, 1.5].map((value) => unscale(value, fitted)),
    [3, 5, 7, 9],
  );
});

test('where no two measured values differ there is no scaling', (t) => {
  t.is(fitScaling(Float64Array.of(4, 4, 9), Uint8Array.of(1, 1, 0)), undefined);
  t.is(fitScaling(Float64Array.of(4, 9), Uint8Array.of(0, 0)), undefined);
  t.is(fitScaling(new Float64Array(), new Uint8Array()), undefined);
});
