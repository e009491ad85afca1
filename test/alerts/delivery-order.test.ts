import test from 'ava';
import fc from 'fast-check';
import { type Queued, turnOf } from '../../src/alerts/delivery-order.ts';

const states = ['firing', 'acknowledged', 'stale', 'resolved', 'inactive'] as const;
const queues = fc
  .array(fc.record({ alert: fc.constantFrom('a', 'b', 'c', 'd'), to: fc.constantFrom(...states) }))
  .map((messages) => messages.map((message, at): Queued => ({ ...message, number: at + 1 })));

const over = ({ to }: Queued) => to === 'resolved' || to === 'inactive';

test('each message has its turn once; those of an alert in order, those of what is over last', (t) => {
  fc.assert(
    fc.property(queues, (queue) => {
      const left = [...queue];
      const sent: Queued[] = [];
      for (let turn = turnOf(left); turn; turn = turnOf(left)) {
        sent.push(turn.next);
        t.is(turn.superseded, left.filter(({ alert }) => alert === turn!.next.alert).length > 1);
        left.splice(left.indexOf(turn.next), 1);
      }
      t.is(sent.length, queue.length);
      for (const name of ['a', 'b', 'c', 'd']) {
        const own = (messages: readonly Queued[]) => messages.filter(({ alert }) => alert === name);
        t.deepEqual(own(sent), own(queue));
      }
      const lastOf = new Map(queue.map((message) => [message.alert, message]));
      const ends = sent.filter((message) => lastOf.get(message.alert) === message);
      const expected = [...ends].sort((a, b) => Number(over(a)) - Number(over(b)) || b.number - a.number);
      t.deepEqual(ends, expected);
    }),
  );
});
