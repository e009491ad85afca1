import test from 'ava';
import { month } from '../../src/commands/table-history.ts';

test('every month of 130 years has a step of its own, in order', (t) => {
  const steps = Array.from({ length: 130 * 12 }, (_, i) => Math.round(Date.UTC(1970, i, 1) / month));
  t.deepEqual(steps, [...steps.keys()]);
});
