import test from 'ava';
import fc from 'fast-check';
import { criteriaOf, stateOf } from '../../../../src/model/training/backtest/criteria.ts';
import { contingency, eventsOf, ratiosOf } from '../../../../src/model/training/backtest/events.ts';
import { countOnsets, onsetScores } from '../../../../src/model/training/backtest/onsets.ts';
import { seriesOf } from '../../baselines/records.ts';
import { hour } from '../../samples.ts';

const no = Number.NaN;

test('levels and rises come of the training part', (t) => {
  const values = Array.from({ length: 101 }, (_, i) => i);
  const criteria = criteriaOf('chlorophyll', [seriesOf(values)]);
  t.deepEqual(
    criteria.map(({ name, threshold }) => [name, threshold]),
    [
      ['above P90', 90],
      ['above P95', 95],
      ['rise over 24 h beyond P95', 24],
    ],
  );
  t.deepEqual(
    criteriaOf('dissolvedOxygen', [seriesOf(values.map((value) => -value))]).map(
      ({ threshold }) => threshold,
    ),
    [5, 3, -24],
  );
  t.deepEqual(criteriaOf('salinity', [seriesOf(values)]), []);
});

test('a state is beyond the threshold, not on it; what is not known is not no', (t) => {
  const [level] = criteriaOf('dissolvedOxygen', []);
  t.deepEqual(
    [4.9, 5, no].map((value) => stateOf(level!, value, no)),
    [1, 0, -1],
  );
  const rise = { name: 'rise', of: 'change', beyond: 'above', threshold: 2 } as const;
  t.deepEqual([stateOf(rise, 5, 2), stateOf(rise, 5, 3), stateOf(rise, 5, no)], [1, 0, -1]);
});

test('runs that are close are one event; one whose beginning was not measured does not begin', (t) => {
  const states = [1, 0, 0, 1, 1, 0, 0, 0, 1, -1, 1, 1, -1, -1, -1, 1];
  t.deepEqual(eventsOf(states, 3), [
    { from: 0, to: 5, begins: false },
    { from: 8, to: 12, begins: true },
    { from: 15, to: 16, begins: false },
  ]);
  t.is(eventsOf(states, 4).length, 1);
});

test('property: events are apart, begin and end in the spike, and hold every step of it', (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(-1, 0, 1)), fc.integer({ min: 1, max: 8 }), (states, apart) => {
      const events = eventsOf(states, apart);
      const held = states.filter(
        (state, i) => state === 1 && events.some(({ from, to }) => i >= from && i < to),
      );
      t.is(held.length, states.filter((state) => state === 1).length);
      events.forEach(({ from, to, begins }, i) => {
        t.is(states[from], 1);
        t.is(states[to - 1], 1);
        t.is(begins, states[from - 1] === 0);
        if (i > 0) t.true(from - events[i - 1]!.to >= apart);
      });
    }),
  );
});

test('contingency by hand', (t) => {
  const counts = contingency([1, 1, 0, 0, 0, -1, 1], [1, 0, 1, 0, 0, 1, -1]);
  t.deepEqual(counts, { hits: 1, misses: 1, falseAlarms: 1, rejections: 2 });
  t.deepEqual(ratiosOf(counts), { pod: 0.5, far: 0.5, csi: 1 / 3 });
  t.deepEqual(ratiosOf({ hits: 0, misses: 0, falseAlarms: 0 }), { pod: null, far: null, csi: null });
});

const steps = (length: number) => Array.from({ length }, (_, i) => i);
/** One event from step 50 to 60 of 200. */
const event = { from: 50, to: 60, begins: true };
const shape = { events: [event], issued: steps(200), horizon: 6, tolerance: 3, apart: 6, longest: 24 };
const saidAt = (...issues: number[]) => steps(200).map((i) => (issues.includes(i) ? 1 : 0));

test('an alarm is true when the time it names is in the event, and counts from its issue', (t) => {
  // Issued at 44 for 50: six hours of warning. Issued at 45 for 51: the same alarm.
  const counts = countOnsets({ ...shape, said: saidAt(44, 45) });
  t.deepEqual(counts, { onsets: 1, caught: 1, alarms: 1, falseAlarms: 0, leads: [6], issues: 190 });
  const early = countOnsets({ ...shape, said: saidAt(41) });
  t.deepEqual([early.caught, early.leads[0]], [1, 9], 'three hours before it is near enough');
  const tooEarly = countOnsets({ ...shape, said: saidAt(40) });
  t.deepEqual([tooEarly.caught, tooEarly.falseAlarms], [0, 1]);
  const last = countOnsets({ ...shape, said: saidAt(49) });
  t.deepEqual([last.caught, last.leads[0]], [1, 1]);
});

test('alarms during the event and after it foretell nothing', (t) => {
  const during = countOnsets({ ...shape, said: saidAt(50, 55, 59) });
  t.deepEqual([during.caught, during.alarms, during.falseAlarms], [0, 0, 0]);
  const after = countOnsets({ ...shape, said: saidAt(61, 63, 80) });
  t.deepEqual([after.alarms, after.falseAlarms], [2, 2], '61 and 63 are one alarm');
  const over = countOnsets({ ...shape, horizon: 1, said: saidAt(60) });
  t.is(over.falseAlarms, 1, 'an event that is over is not one to come, however near');
});

test('who always warns has a false alarm for every day of it', (t) => {
  const always = countOnsets({ ...shape, said: steps(200).map(() => 1) });
  // 50 steps before the event are three alarms, of which the last two reach it; 140 after it are six.
  t.deepEqual([always.caught, always.alarms, always.falseAlarms], [1, 9, 7]);
});

test('persistence catches no onset of a level, by construction', (t) => {
  const truth = steps(200).map((i) => (i >= 50 && i < 60 ? 1 : 0));
  t.is(countOnsets({ ...shape, said: truth }).caught, 0);
});

test('an onset that no forecast could tell of is not counted as missed', (t) => {
  const blind = countOnsets({ ...shape, issued: [100, 120], said: [0, 0] });
  t.is(blind.onsets, 0);
  t.is(countOnsets({ ...shape, events: [{ ...event, begins: false }], said: saidAt() }).onsets, 0);
});

test('scores of onsets pool the stations before they divide', (t) => {
  const month = (365.2425 / 12) * 24;
  const one = { onsets: 3, caught: 1, alarms: 2, falseAlarms: 1, leads: [4], issues: month };
  const two = { onsets: 1, caught: 1, alarms: 2, falseAlarms: 0, leads: [8], issues: month };
  const scores = onsetScores([one, two], hour);
  t.deepEqual(scores, {
    onsets: 4,
    caught: 2,
    falseAlarms: 1,
    pod: 0.5,
    far: 0.25,
    csi: 0.4,
    leadHours: 6,
    falseAlarmsPerMonth: 0.5,
  });
  t.like(onsetScores([], hour), { pod: null, leadHours: null });
});
