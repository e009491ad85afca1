import test from 'ava';
import { allowRelaxedSimd } from '../../../src/model/engine/kernels.ts';
import { holdsExactly } from './exactness.ts';

if (allowRelaxedSimd() === 'relaxed') {
  holdsExactly(test, 'relaxed');
} else {
  test('relaxed', (t) => {
    t.log('skipped: this runtime has no relaxed SIMD');
    t.pass();
  });
}
