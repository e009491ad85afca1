import test from 'ava';
import { from } from 'rxjs';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { type EvaluateOptions, evaluateRules, type Seen } from '../../src/alerts/evaluate.ts';
import { transitions } from '../../src/alerts/lifecycle.ts';
import type { OrderAnswer } from '../../src/alerts/orders.ts';
import { batchOf, forecastAt, hour, midnight, observedAt, ruleWith, stepAt, testWith } from './evidence.ts';

const seen = (options: EvaluateOptions, items: readonly Seen[]) => {
  const all: (AlertTransition | OrderAnswer)[] = [];
  from(items)
    .pipe(evaluateRules({ units: { chlorophyll: 'ug/L' }, ...options }))
    .subscribe((each) => all.push(each));
  return all;
};
const alertsOf = (options: EvaluateOptions, items: readonly Seen[]) =>
  seen(options, items).filter((each) => each.kind === 'alert');
const short = ({ rule, from: before, to, cause, quiet }: AlertTransition) =>
  `${rule}: ${before} > ${to} (${cause})${quiet ? ' quiet' : ''}`;
const tick = (at: number): Seen => ({ kind: 'tick', time: midnight + at * hour });
const order = (at: number, action: string, details: Record<string, unknown>): Seen => ({
  kind: 'command',
  sequence: 7,
  time: midnight + at * hour,
  action,
  author: 'officer',
  details,
});
const id = 'bloom/buoy-1/2026-03-01T00:00:00.000Z';

test('only evidence leads to resolved, and what is over moves no more', (t) => {
  for (const [state, events] of Object.entries(transitions))
    for (const [event, to] of Object.entries(events)) if (to === 'resolved') t.is(event, 'cleared', state);
  t.deepEqual(Object.keys(transitions), ['inactive', 'pending', 'firing', 'acknowledged', 'stale']);
});

test('one clear step does not end an alert that asks for three', (t) => {
  const items = [30, 3, 3, 17, 3, 3, 3].map((value, at) => observedAt(at, value));
  const moves = alertsOf({ rules: [ruleWith({ passes: 3 })] }, items);
  t.deepEqual(moves.map(short), [
    'bloom: inactive > firing (evidence)',
    'bloom: firing > resolved (evidence)',
  ]);
  t.is(moves[1]!.evidence.time, midnight + 6 * hour);
});

test('one bloom over many stations is one bulletin, which as many must agree to and to end', (t) => {
  const areas = [{ id: 'bay', stations: ['a', 'b', 'c'] }];
  const step = (at: number, station: string, value: number) => observedAt(at, value, { station });
  const items = [
    step(0, 'a', 30),
    step(0, 'b', 30),
    step(0, 'c', 3),
    step(1, 'c', 40),
    step(1, 'a', 3),
    step(2, 'b', 3),
    step(2, 'c', 3),
  ];
  const moves = alertsOf({ rules: [ruleWith({ agree: 2 })], areas }, items);
  t.deepEqual(moves.map(short), [
    'bloom: inactive > pending (evidence) quiet',
    'bloom: pending > firing (evidence)',
    'bloom: firing > firing (evidence) quiet',
    'bloom: firing > resolved (evidence)',
  ]);
  t.deepEqual(moves[1]!.stations, ['a', 'b']);
  t.deepEqual(moves[1]!.area, 'bay');
  t.deepEqual(moves[3]!.stations, ['a', 'b', 'c']);
  t.deepEqual(
    moves.map(({ sequence }) => sequence),
    [1, 2, 3, 4],
  );
});

test('severity rises with the value, and never falls before the end', (t) => {
  const grades = [
    { severity: 'severe' as const, when: testWith() },
    { severity: 'extreme' as const, when: testWith({ level: 50, clear: 40 }) },
  ];
  const items = [30, 60, 30, 3].map((value, at) => observedAt(at, value));
  const moves = alertsOf({ rules: [ruleWith({ grades })] }, items);
  t.deepEqual(
    moves.map(({ to, severity }) => `${to} ${severity}`),
    ['firing severe', 'firing extreme', 'resolved extreme'],
  );
});

test('k of n steps fire; a spike alone does not', (t) => {
  const rule = ruleWith({ count: { crossed: 2, of: 4 } });
  const at = (values: readonly number[]) =>
    alertsOf(
      { rules: [rule] },
      values.map((value, i) => observedAt(i, value)),
    );
  t.deepEqual(
    at([30, 3, 3, 30]).map(({ to }) => to),
    ['pending', 'firing'],
  );
  t.deepEqual(
    at([30, 3, 3, 3, 3, 30]).map(({ to }) => to),
    ['pending', 'inactive', 'pending'],
  );
});

test('all of several conditions, of observation and forecast', (t) => {
  const all = { all: [testWith(), testWith({ on: 'forecast', level: 40, clear: 35 })] };
  const rule = ruleWith({ grades: [{ severity: 'severe', when: all }] });
  const moves = alertsOf({ rules: [rule] }, [
    observedAt(0, 30),
    forecastAt(1, [30, 30]),
    observedAt(1, 30),
    forecastAt(2, [45, 50]),
  ]);
  t.deepEqual(
    moves.map(({ to, time }) => [to, time]),
    [['firing', midnight + 2 * hour]],
  );
  t.is(moves[0]!.reason, 'observed 30 ug/L is above 20 ug/L; forecast 45 ug/L within 1 h is above 40 ug/L');
  t.is(moves[0]!.more.length, 1);
});

test('a higher alert of the same hazard quiets the lower one, which speaks when the higher is over', (t) => {
  const rules = [
    ruleWith({ id: 'low', hazard: 'bloom', level: 20 }),
    ruleWith({ id: 'high', hazard: 'bloom', level: 10, clear: 5, severity: 'severe', variable: 'salinity' }),
  ];
  const both = (at: number, chlorophyll: number, salinity: number) =>
    batchOf([stepAt(at, salinity, { variable: 'salinity' }), stepAt(at, chlorophyll)]);
  const moves = alertsOf({ rules }, [both(0, 3, 12), both(1, 30, 12), tick(2), both(2, 30, 3), tick(3)]);
  t.deepEqual(moves.map(short), [
    'high: inactive > firing (evidence)',
    'low: inactive > firing (evidence) quiet',
    'high: firing > resolved (evidence)',
    'low: firing > firing (repeat)',
  ]);
});

test('a silence keeps people from being told; when it is over they are told of what still stands', (t) => {
  const until = new Date(midnight + 3 * hour).toISOString();
  const items = [
    tick(0),
    order(0, 'silence', { place: 'buoy-1', until, note: 'pier works' }),
    observedAt(0, 30),
    tick(2),
    observedAt(1, 30),
    tick(3),
  ];
  const moves = alertsOf({ rules: [ruleWith()] }, items);
  t.deepEqual(moves.map(short), [
    'bloom: inactive > firing (evidence) quiet',
    'bloom: firing > firing (repeat)',
  ]);
  t.regex(moves[0]!.quiet!, /^silence until 2026-03-01T03:00Z by officer: pier works$/);
});

test('what a station in maintenance measures is no evidence, neither of a bloom nor of its end', (t) => {
  const maintenance = order(1, 'maintenance', {
    station: 'buoy-1',
    until: midnight + 9 * hour,
    note: 'wiper',
  });
  const firstThen = [observedAt(0, 30), tick(1), maintenance, observedAt(1, 3), tick(2), observedAt(2, 3)];
  t.deepEqual(
    alertsOf({ rules: [ruleWith()] }, firstThen).map(({ to }) => to),
    ['firing'],
  );
  t.deepEqual(alertsOf({ rules: [ruleWith()] }, [maintenance, observedAt(2, 30)]), []);
});

test('it is said again and handed on until somebody acknowledges it, with a name', (t) => {
  const rule = ruleWith({ repeat: 3 * hour, escalate: 2 * hour, silence: 99 * hour });
  const ack = order(8, 'acknowledge', { alert: id, note: 'boat is out' });
  const moves = alertsOf({ rules: [rule] }, [
    observedAt(0, 30),
    ...[1, 2, 3, 4, 5, 6, 7, 8].map(tick),
    ack,
    tick(30),
  ]);
  t.deepEqual(
    moves.map(({ cause, to }) => `${cause} ${to}`),
    ['evidence firing', 'escalation firing', 'repeat firing', 'command acknowledged'],
  );
  t.is(moves[2]!.reason, `still firing: ${moves[0]!.reason}`, 'without the words of the escalation');
  t.like(moves[3], { author: 'officer', note: 'boat is out', from: 'firing' });
});

test('a higher severity takes the acknowledgement back', (t) => {
  const grades = [
    { severity: 'severe' as const, when: testWith() },
    { severity: 'extreme' as const, when: testWith({ level: 50, clear: 40 }) },
  ];
  const items = [observedAt(0, 30), order(1, 'acknowledge', { alert: id }), observedAt(1, 60)];
  const moves = alertsOf({ rules: [ruleWith({ grades })] }, items);
  t.deepEqual(
    moves.map(({ to }) => to),
    ['firing', 'acknowledged', 'firing'],
  );
});

test('after an outage the past starts and ends nothing that people are told of; the present is told', (t) => {
  const past = [30, 30, 3, 3, 30, 30].map((value, at) => observedAt(at, value));
  const rule = ruleWith({ for: 2 * hour, silence: 99 * hour });
  const moves = alertsOf({ rules: [rule] }, [
    tick(48),
    ...past,
    tick(48.1),
    observedAt(46, 30),
    observedAt(47, 30),
    tick(49),
  ]);
  t.deepEqual(
    moves.filter(({ quiet }) => !quiet).map(({ cause, to, onset }) => [cause, to, onset]),
    [['repeat', 'firing', midnight]],
  );
  t.true(moves.some(({ quiet }) => quiet === 'past, while catching up'));
});

test('old readings that come before the first tick say themselves that they are past', (t) => {
  const old: Seen = {
    kind: 'reading',
    station: 'buoy-1',
    sensor: 'fluorometer',
    variable: 'chlorophyll',
    time: midnight,
    value: 30,
    receivedAt: midnight + 48 * hour,
    flag: 1,
    failed: [],
    revision: 'first',
    lateOnly: false,
  };
  const items = [tick(0), observedAt(0, 30)];
  t.deepEqual(
    alertsOf({ rules: [ruleWith()] }, items).map(({ quiet }) => quiet),
    [undefined],
  );
  const behind = alertsOf({ rules: [ruleWith()] }, [tick(0), old, observedAt(0, 30)]);
  t.deepEqual(
    behind.map(({ quiet }) => quiet),
    ['past, while catching up'],
  );
});

test('an alert goes stale with its station, says so, and comes back with it', (t) => {
  const silent: Seen = {
    kind: 'station',
    station: 'buoy-1',
    state: 'silent',
    before: 'late',
    since: midnight + hour,
    last: midnight + hour,
    time: midnight + 3 * hour,
    interval: hour,
  };
  const moves = alertsOf({ rules: [ruleWith({ passes: 2 })] }, [
    observedAt(0, 30),
    silent,
    observedAt(4, 3),
    observedAt(5, 3),
  ]);
  t.deepEqual(moves.map(short), [
    'bloom: inactive > firing (evidence)',
    'bloom: firing > stale (silence)',
    'bloom: stale > firing (evidence)',
    'bloom: firing > resolved (evidence)',
  ]);
  t.is(moves[1]!.reason, 'buoy-1 is silent since 2026-03-01T01:00Z: this is no all-clear');
});

test('an edge that was dead says from when to when nobody watched', (t) => {
  const moves = alertsOf({ rules: [ruleWith()] }, [tick(0), observedAt(0, 30), tick(1), tick(20)]);
  t.is(
    moves[1]!.reason,
    'no evidence since 2026-03-01T01:00Z; no watch was kept from 2026-03-01T01:00Z to 2026-03-01T20:00Z: this is no all-clear',
  );
});

test('an alert that comes again and again takes longer to end', (t) => {
  const items = [30, 3, 30, 3, 3, 30, 3, 3, 3].map((value, at) => observedAt(at, value));
  const resolved = alertsOf({ rules: [ruleWith()] }, items).filter(({ to }) => to === 'resolved');
  t.deepEqual(
    resolved.map(({ evidence }) => (evidence.time - midnight) / hour),
    [1, 4, 8],
  );
});

test('a value at the ceiling is at least that: it triggers, and cannot end', (t) => {
  const options = { rules: [ruleWith({ level: 40, clear: 35 })], ceilings: { chlorophyll: 50 } };
  const moves = alertsOf(options, [
    observedAt(0, 45, { maximum: 50 }),
    observedAt(1, 30, { maximum: 50 }),
    observedAt(2, 30, { maximum: 31 }),
  ]);
  t.is(moves[0]!.reason, 'observed at least 45 ug/L is above 40 ug/L');
  t.true(moves[0]!.evidence.atLeast);
  t.is(moves[1]!.evidence.time, midnight + 2 * hour);
});

test('out of its months a rule starts nothing, and goes on with what it started', (t) => {
  const rules = [ruleWith({ months: [2] })];
  const lastOfFebruary = -1;
  t.deepEqual(alertsOf({ rules }, [observedAt(0, 30)]), []);
  const moves = alertsOf(
    { rules },
    [lastOfFebruary, 0, 1].map((at) => observedAt(at, at < 1 ? 30 : 3)),
  );
  t.deepEqual(
    moves.map(({ to }) => to),
    ['firing', 'resolved'],
  );
});

test('an exercise stands until its time, a test is over at once, and both are marked', (t) => {
  const exercise = order(0, 'exercise', {
    rule: 'bloom',
    area: 'buoy-1',
    until: midnight + 2 * hour,
    note: 'drill',
  });
  const test = order(3, 'test', { rule: 'bloom', area: 'buoy-1' });
  const moves = alertsOf({ rules: [ruleWith()] }, [exercise, tick(1), tick(2), test]);
  t.deepEqual(
    moves.map(({ mode, to, cause }) => `${mode} ${to} ${cause}`),
    ['exercise firing command', 'exercise inactive command', 'test firing command', 'test inactive command'],
  );
  t.true(moves.every(({ quiet }) => !quiet));
});

test('a verdict is for the record, on open alerts and on those that are over', (t) => {
  const verdict = (at: number) =>
    order(at, 'verdict', { alert: id, verdict: 'confirmed', note: 'cells counted' });
  const moves = alertsOf({ rules: [ruleWith()] }, [
    observedAt(0, 30),
    verdict(1),
    observedAt(1, 3),
    verdict(5),
  ]);
  t.deepEqual(
    moves.map(({ from: before, to, quiet }) => `${before} ${to} ${quiet ?? ''}`),
    [
      'inactive firing ',
      'firing firing for the record',
      'firing resolved ',
      'resolved resolved for the record',
    ],
  );
  t.deepEqual(
    moves.map(({ sequence }) => sequence),
    [1, 2, 3, 4],
  );
});

test('orders that cannot be carried out are answered with the reason', (t) => {
  const refused = (action: string, details: Record<string, unknown>) => {
    const [answer] = seen({ rules: [ruleWith()] }, [order(1, action, details)]);
    return answer?.kind === 'answer' && !answer.accepted ? answer.text : answer;
  };
  t.is(
    refused('acknowledge', { alert: 'x' }),
    'there is no open alert x; redtide alerts list shows those that are',
  );
  t.is(refused('silence', { until: midnight, note: 'x' }), 'until 2026-03-01T00:00Z is over already');
  t.is(
    refused('silence', { until: 'soon', note: 'x' }),
    'until "soon" must be a time such as 2026-05-01T06:00Z',
  );
  t.is(refused('test', { rule: 'other', area: 'x' }), 'there is no rule other');
  t.is(
    refused('verdict', { alert: id, verdict: 'nice' }),
    'verdict "nice" must be one of confirmed, false-alarm, unclear',
  );
  t.is(refused('maintenance', {}), 'station must be named');
  for (const foreign of ['__proto__', 'replay-quarantine'])
    t.deepEqual(seen({ rules: [ruleWith()] }, [order(1, foreign, {})]), []);
});

test('oxygen supersaturation is judged where oxygen, temperature and salinity are measured', (t) => {
  const cell = (oxygen: number) =>
    batchOf([
      stepAt(0, oxygen, { variable: 'dissolvedOxygen' }),
      stepAt(0, 20, { variable: 'waterTemperature' }),
      stepAt(0, 30, { variable: 'salinity' }),
    ]);
  const rules = [ruleWith({ variable: 'oxygenSaturation', level: 120, clear: 105 })];
  const units = { dissolvedOxygen: 'mg/L' };
  t.regex(alertsOf({ rules, units }, [cell(12)])[0]!.reason, /^observed 15\d(\.\d)? % is above 120 %$/);
  t.deepEqual(alertsOf({ rules, units }, [cell(8)]), []);
  t.deepEqual(
    alertsOf({ rules, units: { dissolvedOxygen: 'umol/L' } }, [cell(300)]),
    [],
    'only mg/L is known',
  );
});
