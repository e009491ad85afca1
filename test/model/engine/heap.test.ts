import test from 'ava';
import fc from 'fast-check';
import { Heap } from '../../../src/model/engine/heap.ts';
import { instantiate } from '../../../src/model/engine/kernels.ts';

test('blocks are aligned, never overlap, and what is given back is used again', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.nat())), (actions) => {
      const heap = new Heap(instantiate('fixed'));
      const taken: { at: number; bytes: number }[] = [];
      for (const [bytes, pick] of actions) {
        if (bytes % 3 === 0 && taken.length) heap.release(taken.splice(pick % taken.length, 1)[0]!.at);
        else taken.push({ at: heap.allocate(bytes), bytes });
      }
      const sorted = taken.sort((a, b) => a.at - b.at);
      const apart = sorted.every(({ at }, n) => {
        const before = sorted[n - 1];
        return at % 16 === 0 && (!before || at >= before.at + before.bytes);
      });
      const peak = heap.size;
      for (const { at } of sorted) heap.release(at);
      const all = sorted.reduce((sum, { bytes }) => sum + Math.max(16, Math.ceil(bytes / 16) * 16), 0);
      heap.allocate(all);
      return apart && heap.size === peak;
    }),
  );
  t.pass();
});

test('more memory than there is gives an error that says what to do', (t) => {
  const heap = new Heap(instantiate('fixed'));
  t.throws(() => heap.allocate(2 ** 33), { instanceOf: RangeError, message: /use smaller batches/ });
});
