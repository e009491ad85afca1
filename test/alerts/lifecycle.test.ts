import test from 'ava';
import fc from 'fast-check';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { judge } from '../../src/alerts/judge.ts';
import { type AlertStatus, advance, type Finding, untouched } from '../../src/alerts/lifecycle.ts';
import type { Rule } from '../../src/alerts/rule.ts';
import type { Step } from '../../src/stream/step.ts';
import { hour, midnight, ruleWith, stepAt } from './evidence.ts';

function findingOf(rule: Rule, steps: readonly Step[]): Finding {
  const { start, length, revision } = steps[0]!;
  return { from: start, until: start + length, revision, judgements: steps.map((step) => judge(rule, step)) };
}

interface Run {
  status: AlertStatus;
  transitions: AlertTransition[];
}

function run(rule: Rule, steps: readonly Step[]): Run {
  const transitions: AlertTransition[] = [];
  let status = untouched;
  for (const step of steps) {
    const next = advance(status, findingOf(rule, [step]), rule, step.start + step.length);
    status = next.status;
    if (next.transition) transitions.push(next.transition);
  }
  return { status, transitions };
}

const moves = ({ transitions }: Run) => transitions.map(({ from, to }) => `${from} -> ${to}`);
const held = ruleWith({ for: 3 * hour });

test('an alert is pending until the condition held for the duration of event time', (t) => {
  const { transitions } = run(held, [stepAt(0, 30), stepAt(1, 30), stepAt(2, 30), stepAt(3, 30)]);
  t.deepEqual(
    transitions.map(({ to, time }) => [to, time]),
    [
      ['pending', midnight + hour],
      ['firing', midnight + 3 * hour],
    ],
  );
  t.is(transitions[0]!.reason, 'observed 30 is above 20; it must hold for 3 h');
  t.is(transitions[1]!.reason, 'observed 30 is above 20 for 3 h');
  t.is(transitions[0]!.id, transitions[1]!.id);
});

test('a pending alert that clears goes back to inactive, and says so', (t) => {
  const result = run(held, [stepAt(0, 30), stepAt(1, 10), stepAt(2, 30)]);
  t.deepEqual(moves(result), ['inactive -> pending', 'pending -> inactive', 'inactive -> pending']);
  t.is(
    result.transitions[1]!.reason,
    'observed 10 is at or below the clearing level 15 before it held for 3 h',
  );
  t.not(result.transitions[2]!.id, result.transitions[0]!.id);
});

test('a value between the levels neither fires a pending alert nor restarts its duration', (t) => {
  const result = run(held, [stepAt(0, 30), stepAt(1, 18), stepAt(2, 18)]);
  t.deepEqual(moves(result), ['inactive -> pending']);
  t.deepEqual(moves(run(held, [stepAt(0, 30), stepAt(1, 18), stepAt(2, 30)])), [
    'inactive -> pending',
    'pending -> firing',
  ]);
});

test('a gap moves nothing by itself', (t) => {
  t.deepEqual(moves(run(held, [stepAt(0, 30), stepAt(50, Number.NaN)])), ['inactive -> pending']);
});

test('evidence older than the newest comes too late: it neither raises nor ends', (t) => {
  t.deepEqual(moves(run(ruleWith(), [stepAt(5, 10), stepAt(4, 30)])), []);
  t.deepEqual(moves(run(ruleWith(), [stepAt(5, 30), stepAt(6, 30), stepAt(4, 10)])), ['inactive -> firing']);
});

test('a repeat of the same evidence moves nothing; a correction of the newest does', (t) => {
  const quiet = [stepAt(0, 10), stepAt(0, 30)];
  t.deepEqual(moves(run(ruleWith(), quiet)), []);
  t.deepEqual(moves(run(ruleWith(), [stepAt(0, 10), stepAt(0, 30, { revision: 1 })])), [
    'inactive -> firing',
  ]);
  t.deepEqual(moves(run(held, [stepAt(0, 30), stepAt(0, 10, { revision: 1 })])), [
    'inactive -> pending',
    'pending -> inactive',
  ]);
});

test('a firing alert is ended by evidence measured after its onset, not by a correction of the onset', (t) => {
  const corrected = [stepAt(0, 30), stepAt(0, 10, { revision: 1 })];
  t.deepEqual(moves(run(ruleWith(), corrected)), ['inactive -> firing']);
  t.deepEqual(moves(run(ruleWith(), [...corrected, stepAt(1, 10)])), [
    'inactive -> firing',
    'firing -> resolved',
  ]);
});

test('the sensor furthest towards the level gives the evidence', (t) => {
  const steps = [22, 31, 25].map((mean, i) => stepAt(0, mean, { sensor: `s${i}` }));
  const { transition, status } = advance(untouched, findingOf(ruleWith(), steps), ruleWith(), midnight);
  t.is(transition!.evidence.value, 31);
  t.deepEqual(status.holders, ['s0', 's1', 's2']);
});

/** A step that came, at an hour that may be out of order, of one of two sensors, with a value or silent. */
const arrival = fc.record({
  at: fc.integer({ min: 0, max: 60 }),
  revision: fc.integer({ min: 0, max: 2 }),
  sensors: fc.array(
    fc.record({
      sensor: fc.constantFrom('surface', 'bottom'),
      mean: fc.constantFrom(5, 15, 17, 20, 21, 40, Number.NaN),
      flag: fc.constantFrom(1, 2, 3, 4) as fc.Arbitrary<Step['flag']>,
    }),
    { minLength: 1, maxLength: 2 },
  ),
});
const history = fc.tuple(
  fc.constantFrom(0, hour, 3 * hour),
  fc.array(arrival, { maxLength: 40 }).map((list) => list.sort((a, b) => a.at - b.at)),
  fc.array(fc.nat({ max: 39 }), { maxLength: 8 }),
);

test('no resolve without clearing evidence, no firing lost, no flapping, over any evidence and silence', (t) => {
  let fired = 0;
  let ended = 0;
  const property = fc.property(history, ([duration, arrivals, late]) => {
    const rule = ruleWith({ for: duration });
    const disordered = [...arrivals];
    for (const i of late) if (i < disordered.length) disordered.push(...disordered.splice(i, 1));
    let status = untouched;
    let open: { id: string; onset: number; crossed: Set<string>; clearedAfter: Set<string> } | undefined;
    const ids = new Set<string>();
    for (const { at, revision, sensors } of disordered) {
      const steps = sensors.map(({ sensor, mean, flag }) => stepAt(at, mean, { sensor, flag, revision }));
      const before = status;
      const { status: after, transition } = advance(status, findingOf(rule, steps), rule, 0);
      status = after;
      const passing = steps.filter((step) => step.count > 0 && step.mean <= 15 && step.flag <= 2);
      const crossing = steps.filter((step) => step.count > 0 && step.mean > 20);
      if (transition?.to === 'firing') {
        if (crossing.length === 0 || ids.has(transition.id)) return false;
        ids.add(transition.id);
        fired++;
        open = { id: transition.id, onset: transition.onset, crossed: new Set(), clearedAfter: new Set() };
      }
      if (transition?.to === 'resolved') {
        const fresh = steps[0]!.start > before.onset && steps[0]!.start >= before.seen;
        if (!open || open.id !== transition.id || passing.length === 0 || crossing.length > 0 || !fresh)
          return false;
        for (const { sensor } of passing) open.clearedAfter.add(sensor);
        if (before.holders.some((holder) => !open!.clearedAfter.has(holder))) return false;
        open = undefined;
        ended++;
      }
      if (open && status.state !== 'firing') return false;
      if (!open && status.state === 'firing') return false;
      const wavers = steps.every((step) => step.count === 0 || (step.mean > 15 && step.mean <= 20));
      if (wavers && transition) return false;
    }
    return true;
  });
  fc.assert(property, { numRuns: 2000 });
  t.true(fired > 100 && ended > 20, `the property is empty: ${fired} fired, ${ended} ended`);
});
