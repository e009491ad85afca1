import v8 from 'node:v8';
import test from 'ava';
import { bestSimd } from '../../../src/model/engine/kernels.ts';
import { holdsExactly } from './exactness.ts';

// Node 20 has relaxed SIMD behind this flag; Node 22 and newer have it anyway.
v8.setFlagsFromString('--experimental-wasm-relaxed-simd');

if (bestSimd() === 'relaxed') {
  holdsExactly(test, 'relaxed');
} else {
  test('relaxed', (t) => {
    t.log('skipped: this runtime has no relaxed SIMD');
    t.pass();
  });
}
