import test from 'ava';
import fc from 'fast-check';
import { foldsOf } from '../../../../src/model/training/redtide/folds.ts';

const times = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 8, maxLength: 60 })
  .map((gaps) => Float64Array.from(gaps, (_, i) => gaps.slice(0, i + 1).reduce((a, b) => a + b, 0)));

test('each sample is held once, and what is learned from is further off than the purge', (t) => {
  fc.assert(
    fc.property(times, fc.integer({ min: 2, max: 4 }), fc.nat(20), (at, count, purge) => {
      const folds = foldsOf(at, count, purge);
      t.deepEqual(
        folds.flatMap(({ held }) => [...held]),
        [...at.keys()],
      );
      for (const { held, touched } of folds) {
        const learned = [...at.keys()].filter((i) => !touched.includes(i));
        for (const i of learned) t.true([...held].every((j) => Math.abs(at[i]! - at[j]!) >= purge));
      }
    }),
  );
});
