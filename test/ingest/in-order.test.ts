import test from 'ava';
import fc from 'fast-check';
import { InOrder } from '../../src/ingest/in-order.ts';

test('items go out in order, each once it and all before it are ready', (t) => {
  const orders = fc
    .integer({ min: 1, max: 12 })
    .chain((count) =>
      fc.shuffledSubarray(Array.from({ length: count }, (_, at) => at)).map((ready) => ({ count, ready })),
    );
  fc.assert(
    fc.property(orders, ({ count, ready }) => {
      const out: number[] = [];
      const order = new InOrder<number>((items) => out.push(...items));
      const done = Array.from({ length: count }, (_, at) => order.add(at));
      const isReady = new Set<number>();
      for (const at of ready) {
        done[at]!();
        isReady.add(at);
        order.flush();
        const held = Array.from({ length: count }, (_, one) => one).findIndex((one) => !isReady.has(one));
        t.is(out.length, held < 0 ? count : held);
      }
      t.deepEqual(
        out,
        out.map((_, at) => at),
      );
    }),
  );
});

test('what becomes ready together goes out together, without being asked', async (t) => {
  const out: (readonly number[])[] = [];
  const order = new InOrder<number>((items) => out.push(items));
  const [first, second, third] = [1, 2, 3].map((item) => order.add(item));
  second!();
  first!();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  third!();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  t.deepEqual(out, [[1, 2], [3]]);
});

test('after clear, what was there before has no effect', (t) => {
  const out: number[] = [];
  const order = new InOrder<number>((items) => out.push(...items));
  const old = order.add(1);
  order.clear();
  const current = order.add(2);
  old();
  order.flush();
  t.deepEqual(out, []);
  current();
  order.flush();
  t.deepEqual(out, [2]);
});
