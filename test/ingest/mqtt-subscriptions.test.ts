import test from 'ava';
import { planSubscriptions } from '../../src/ingest/mqtt-subscriptions.ts';

test('without a session everything is subscribed to', (t) => {
  t.deepEqual(planSubscriptions(false, ['a', 'b'], ['a']), {
    subscribe: ['a'],
    unsubscribe: [],
    reason: 'no session',
  });
});

test('of a session that lives on only the difference is told', (t) => {
  const plan = planSubscriptions(true, ['a', 'b'], ['b', 'c']);
  t.deepEqual(plan, { subscribe: ['c'], unsubscribe: ['a'], reason: 'topics changed' });
  t.deepEqual(planSubscriptions(true, ['a'], ['a']), {
    subscribe: [],
    unsubscribe: [],
    reason: 'nothing to do',
  });
});

test('of a session of which nothing is remembered, everything', (t) => {
  t.deepEqual(planSubscriptions(true, undefined, ['a']), {
    subscribe: ['a'],
    unsubscribe: [],
    reason: 'session unknown',
  });
});
