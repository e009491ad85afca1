import test from 'ava';
import { from } from 'rxjs';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { type EvaluateOptions, evaluateRules, type Seen } from '../../src/alerts/evaluate.ts';
import type { OrderAnswer } from '../../src/alerts/orders.ts';
import { hour, midnight, observedAt, ruleWith } from './evidence.ts';

const seen = (items: readonly Seen[], options: Partial<EvaluateOptions> = {}) => {
  const all: (AlertTransition | OrderAnswer)[] = [];
  from(items)
    .pipe(evaluateRules({ rules: [ruleWith()], ...options }))
    .subscribe((each) => all.push(each));
  return all;
};
const missed = (at: number, change: Record<string, unknown> = {}): Seen => ({
  kind: 'command',
  sequence: 7,
  time: midnight + at * hour,
  action: 'missed',
  author: 'officer',
  details: {
    rule: 'bloom',
    station: 'buoy-1',
    from: '2026-03-01T00:00Z',
    until: '2026-03-01T06:00Z',
    ...change,
  },
});
const refusal = (items: readonly Seen[], options: Partial<EvaluateOptions> = {}) => {
  const answer = seen(items, options).findLast((each) => each.kind === 'answer');
  return answer?.accepted ? 'accepted' : answer?.text;
};

test('a missed warning is a transition for the record, of which nobody is told', (t) => {
  const [transition, answer] = seen([missed(8, { note: 'fish kill' })]);
  t.like(transition, {
    id: 'bloom/buoy-1/2026-03-01T00:00:00.000Z',
    from: 'inactive',
    to: 'inactive',
    sequence: 1,
    time: midnight + 8 * hour,
    cause: 'command',
    reason: 'verdict: missed',
    mode: 'actual',
    quiet: 'for the record',
    author: 'officer',
    note: 'fish kill',
  });
  t.like(answer, { accepted: true, text: 'done' });
});

test('it moves no alert, and none keeps it from being recorded', (t) => {
  const observed = [3, 30, 31, 3].map((value, at) => observedAt(at, value));
  const without = seen(observed);
  const moves = seen([...observed.slice(0, 3), missed(8), ...observed.slice(3)]);
  t.deepEqual(
    moves.filter((each) => each.kind === 'alert' && each.cause === 'evidence'),
    without,
  );
  t.is(moves.length, without.length + 2);
});

test('another rule for the same area may be recorded too, and the same one only once', (t) => {
  const rules = [ruleWith(), ruleWith({ id: 'dense', level: 50, clear: 40 })];
  t.is(refusal([missed(8), missed(9, { rule: 'dense' })], { rules }), 'accepted');
  t.is(refusal([missed(8), missed(9, { from: '2026-03-01T01:00Z' })]), 'accepted');
  t.regex(refusal([missed(8), missed(9)])!, /recorded already; give it a verdict/);
  t.regex(refusal([observedAt(0, 30), missed(8)])!, /recorded already/, 'one stands since then');
});

test('what cannot have been missed is refused with the reason', (t) => {
  t.regex(refusal([missed(5)])!, /from .* until .* is no time that is over/);
  t.regex(refusal([missed(8, { until: '2026-03-01T00:00Z' })])!, /is no time that is over/);
  t.regex(refusal([missed(8, { from: 'yesterday' })])!, /from "yesterday" must be a time/);
  t.is(refusal([missed(8, { station: undefined })]), 'station is missing');
  t.is(refusal([missed(8, { rule: 'other' })]), 'there is no rule other');
  const elsewhere = [ruleWith({ stations: ['buoy-2'] })];
  t.is(refusal([missed(8)], { rules: elsewhere }), 'rule bloom is not for buoy-1');
  const rise = [ruleWith({ measure: 'rise', over: 24 * hour })];
  t.is(refusal([missed(8)], { rules: rise }), 'rule bloom is not about a level of a variable');
});
