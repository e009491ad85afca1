import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { DueQueue } from '../../src/stream/due-queue.ts';

const entry = fc.tuple(fc.nat(9), fc.constantFrom('B01', 'B02', 'B03', 'B10'));

test('the earliest comes first, and of equal ones the first by name, whatever was taken out in between', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.option(entry, { nil: undefined, freq: 3 }), { maxLength: 60, size: 'max' }),
      (turns) => {
        const queue = new DueQueue();
        const model: [number, string][] = [];
        for (const turn of turns) {
          if (turn) {
            queue.push(turn[1], turn[0]);
            model.push(turn);
            model.sort(([a, one], [b, other]) => a - b || (one < other ? -1 : 1));
          } else assert.equal(queue.pop(), model.shift()?.[1]);
          assert.equal(queue.next, model[0]?.[0] ?? Number.POSITIVE_INFINITY);
        }
      },
    ),
  );
  t.pass();
});
