import test from 'ava';
import fc from 'fast-check';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { judge } from '../../src/alerts/judge.ts';
import { type AlertStatus, advance, type Finding, untouched } from '../../src/alerts/lifecycle.ts';
import { principalOf, type Rule } from '../../src/alerts/rule.ts';
import type { Step } from '../../src/stream/step.ts';
import { hour, midnight, ruleWith, stepAt } from './evidence.ts';

function findingOf(rule: Rule, steps: readonly Step[]): Finding {
  const { start, length, revision } = steps[0]!;
  return {
    from: start,
    until: start + length,
    revision,
    judgements: steps.map((step) => judge(principalOf(rule), step)),
  };
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

/** What one or two sensors gave in one hour, or did not. */
const arrival = fc.record({
  at: fc.integer({ min: 0, max: 60 }),
  revision: fc.integer({ min: 0, max: 2 }),
  sensors: fc.uniqueArray(
    fc.record({
      sensor: fc.constantFrom('surface', 'bottom'),
      mean: fc.constantFrom(5, 15, 17, 20, 21, 40, Number.NaN),
      flag: fc.constantFrom<Step['flag']>(1, 2, 3, 4),
    }),
    { minLength: 1, maxLength: 2, selector: ({ sensor }) => sensor },
  ),
});

/** Arrivals in order of time, some of them moved to the end. */
const history = fc
  .tuple(fc.array(arrival, { maxLength: 40 }), fc.array(fc.nat({ max: 39 }), { maxLength: 8 }))
  .map(([arrivals, late]) => {
    const list = arrivals.sort((a, b) => a.at - b.at);
    for (const i of late) list.push(...list.splice(i, 1));
    return list.map(({ at, revision, sensors }) =>
      sensors.map(({ sensor, mean, flag }) => stepAt(at, mean, { sensor, flag, revision })),
    );
  });

/** Knows nothing of states: only what crossed and what passed, by the rule's two numbers. */
class Witness {
  readonly #ids = new Set<string>();
  readonly #crossed = new Set<string>();
  #open: AlertTransition | undefined;
  fired = 0;
  resolved = 0;

  /** The promise that was broken, if one was. */
  see(steps: readonly Step[], isNews: boolean, transition: AlertTransition | undefined): string | undefined {
    const valued = steps.filter(({ count }) => count > 0);
    const crossing = valued.filter(({ mean }) => mean > 20);
    const passing = valued.filter(({ mean, flag }) => mean <= 15 && flag <= 2);
    if (transition && !isNews) return 'late or repeated evidence moved it';
    if (isNews) for (const { sensor } of crossing) this.#crossed.add(sensor);
    const mayEnd = !this.#open || steps[0]!.start > this.#open.onset;
    if (isNews && mayEnd) for (const { sensor } of passing) this.#crossed.delete(sensor);
    if (transition?.to === 'firing') return this.#fire(transition, crossing);
    if (transition?.to === 'resolved') return this.#resolve(transition, passing, mayEnd);
    if (transition?.to === 'inactive') this.#crossed.clear();
    if (transition && crossing.length + passing.length === 0) return 'silence or the band moved it';
    return undefined;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  #fire(transition: AlertTransition, crossing: readonly Step[]): string | undefined {
    this.fired++;
    if (crossing.length === 0) return 'fired without a crossing';
    if (this.#open) return 'fired twice';
    if (this.#ids.has(transition.id)) return 'an identifier came again';
    this.#ids.add(transition.id);
    this.#open = transition;
    return undefined;
  }

  #resolve({ id }: AlertTransition, passing: readonly Step[], mayEnd: boolean): string | undefined {
    this.resolved++;
    if (this.#open?.id !== id) return 'resolved what was not firing';
    if (passing.length === 0) return 'resolved without clearing evidence';
    if (!mayEnd) return 'resolved by evidence that is not after the onset';
    if (this.#crossed.size > 0) return 'resolved while a sensor that crossed has not cleared';
    this.#open = undefined;
    return undefined;
  }
}

test('no resolve without clearing evidence, no firing lost, no flapping, over any evidence and silence', (t) => {
  let [fired, resolved] = [0, 0];
  const holds = fc.property(fc.constantFrom(0, hour, 3 * hour), history, (duration, arrivals) => {
    const rule = ruleWith({ for: duration });
    const witness = new Witness();
    let status = untouched;
    for (const steps of arrivals) {
      const next = advance(status, findingOf(rule, steps), rule, 0);
      const isNews = next.status.seen !== status.seen || next.status.revision !== status.revision;
      const broken = witness.see(steps, isNews, next.transition);
      if (broken) throw new Error(broken);
      if (steps[0]!.start < status.seen && isNews) throw new Error('went back in time');
      if (witness.isOpen !== (next.status.state === 'firing')) throw new Error('a firing alert was lost');
      status = next.status;
    }
    fired += witness.fired;
    resolved += witness.resolved;
  });
  fc.assert(holds, { numRuns: 2000 });
  t.true(fired > 500 && resolved > 100, `too few alerts to prove anything: ${fired} and ${resolved}`);
});
