import test from 'ava';
import fc from 'fast-check';
import { contiguousOrder, shuffled } from '../../../src/model/engine/order.ts';

test('contiguous: the window of a row ends where its next one begins, and epochs reach every window', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 7 }),
      fc.nat(200),
      (steps, batch, more) => {
        const windows = steps * batch + more;
        const seen = new Set<number>();
        for (let epoch = 0; epoch < steps; epoch++) {
          const order = contiguousOrder(windows, steps, batch, epoch);
          if (order.length % batch || new Set(order).size !== order.length) return false;
          for (let n = batch; n < order.length; n++) if (order[n] !== order[n - batch]! + steps) return false;
          for (const window of order) seen.add(window);
        }
        const reach = Math.max(...seen);
        return reach < windows && seen.size === new Set([...seen]).size && seen.size > reach - steps * batch;
      },
    ),
  );
  t.pass();
});

test('contiguous: too short a series is refused with what it takes', (t) => {
  t.is(contiguousOrder(96, 10, 10, 5).length, 10);
  t.throws(() => contiguousOrder(95, 10, 10, 5), {
    message: /95 windows of 10 steps are too few for 10 .* epoch 6 takes 96/,
  });
});

test('shuffled: a permutation, another one for another seed or epoch', (t) => {
  fc.assert(
    fc.property(fc.nat(300), fc.integer(), fc.nat(1000), (count, seed, epoch) => {
      const order = shuffled(count, seed, epoch);
      return [...order].sort((a, b) => a - b).every((value, n) => value === n) && order.length === count;
    }),
  );
  const texts = [
    [1, 0],
    [1, 1],
    [2, 0],
  ].map(([seed, epoch]) => shuffled(20, seed!, epoch!).join());
  t.is(new Set(texts).size, 3);
  t.is(shuffled(20, 1, 0).join(), texts[0]);
});
