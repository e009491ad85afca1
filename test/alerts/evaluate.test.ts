import test from 'ava';
import { from, of, Subject } from 'rxjs';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { evaluateRules } from '../../src/alerts/evaluate.ts';
import type { Rule } from '../../src/alerts/rule.ts';
import type { Tick } from '../../src/ingest/reading.ts';
import type { Forecast, NoForecast } from '../../src/model/forecast.ts';
import { MemoryKeep, type Saved } from '../../src/stream/kept.ts';
import type { StepBatch } from '../../src/stream/step.ts';
import { batchOf, forecastAt, hour, midnight, observedAt, ruleWith, stepAt } from './evidence.ts';

type Item = StepBatch | Forecast | NoForecast | Tick;

function transitionsOf(rules: readonly Rule[], items: readonly Item[]): AlertTransition[] {
  const seen: AlertTransition[] = [];
  from(items)
    .pipe(evaluateRules({ rules, units: { chlorophyll: 'ug/L' } }))
    .subscribe((seenNow) => seenNow.kind === 'alert' && seen.push(seenNow));
  return seen;
}

const moves = (rules: readonly Rule[], items: readonly Item[]) =>
  transitionsOf(rules, items).map(({ rule, from, to }) => `${rule}: ${from} -> ${to}`);

const forecastRule = ruleWith({ on: 'forecast' });
const noForecast: NoForecast = {
  kind: 'no-forecast',
  station: 'buoy-1',
  variable: 'chlorophyll',
  issuedAt: midnight + 3 * hour,
  revision: 0,
  reason: 'coverage',
  detail: '',
};

test('observed: fires, stays in the band between the levels, resolves at the clearing level', (t) => {
  const [fired, resolved, ...more] = transitionsOf(
    [ruleWith()],
    [8, 21, 18, 21, 16, 14].map((v, i) => observedAt(i, v)),
  );
  t.deepEqual(fired, {
    kind: 'alert',
    id: 'bloom/buoy-1/2026-03-01T01:00:00.000Z',
    rule: 'bloom',
    area: 'buoy-1',
    station: 'buoy-1',
    stations: ['buoy-1'],
    onset: midnight + hour,
    from: 'inactive',
    to: 'firing',
    sequence: 1,
    cause: 'evidence',
    more: [],
    mode: 'actual',
    time: midnight + 2 * hour,
    reason: 'observed 21 ug/L is above 20 ug/L',
    severity: 'moderate',
    evidence: {
      on: 'observed',
      station: 'buoy-1',
      sensor: 'optode',
      variable: 'chlorophyll',
      value: 21,
      time: midnight + hour,
      revision: 0,
      level: 20,
      direction: 'above',
      flag: 1,
    },
  });
  t.is(resolved!.id, fired!.id);
  t.is(resolved!.to, 'resolved');
  t.is(resolved!.reason, 'observed 14 ug/L is at or below the clearing level 15 ug/L');
  t.deepEqual(more, []);
});

test('a rule meets only its variable, its kind of evidence and its stations', (t) => {
  const rules = [
    ruleWith({ id: 'other-variable', variable: 'salinity' }),
    ruleWith({ id: 'other-kind', on: 'forecast' }),
    ruleWith({ id: 'other-station', stations: ['buoy-2'] }),
    ruleWith({ id: 'mine', stations: ['buoy-1'] }),
  ];
  t.deepEqual(moves(rules, [observedAt(0, 30)]), ['mine: inactive -> firing']);
});

test('every station has its own state', (t) => {
  const items = ['buoy-1', 'buoy-2', 'buoy-1'].map((station, i) => observedAt(i, 30, { station }));
  t.deepEqual(
    transitionsOf([ruleWith()], items).map(({ station }) => station),
    ['buoy-1', 'buoy-2'],
  );
});

test('silence, empty steps, refused forecasts and time end no alert', (t) => {
  const silence: Item[] = [
    observedAt(1, Number.NaN),
    batchOf([stepAt(2, 1)], { steps: [], idle: true }),
    noForecast,
    { kind: 'tick', time: midnight + 1000 * hour },
  ];
  const stale = ['bloom: inactive -> firing', 'bloom: firing -> stale'];
  t.deepEqual(moves([ruleWith()], [observedAt(0, 30), ...silence]), stale);
  t.deepEqual(moves([forecastRule], [forecastAt(0, [30]), ...silence]), stale);
});

test('a clear forecast for a station that fell silent does not end an alert; one from a fresh value does', (t) => {
  const fired = [observedAt(0, 19), forecastAt(1, [25])];
  t.deepEqual(moves([forecastRule], [...fired, observedAt(1, Number.NaN), forecastAt(2, [5])]), [
    'bloom: inactive -> firing',
  ]);
  t.deepEqual(moves([forecastRule], [...fired, observedAt(1, 9), forecastAt(2, [5])]), [
    'bloom: inactive -> firing',
    'bloom: firing -> resolved',
  ]);
});

test('of two sensors, the one that triggered must clear', (t) => {
  const both = (at: number, surface: number, bottom: number) =>
    batchOf([stepAt(at, surface, { sensor: 'surface' }), stepAt(at, bottom, { sensor: 'bottom' })]);
  t.deepEqual(
    moves([ruleWith()], [both(0, 5, 30), observedAt(1, 5, { sensor: 'surface' }), both(2, 5, Number.NaN)]),
    ['bloom: inactive -> firing'],
  );
  t.deepEqual(moves([ruleWith()], [both(0, 5, 30), both(1, 18, 5)]), [
    'bloom: inactive -> firing',
    'bloom: firing -> resolved',
  ]);
});

test('the time of a transition is that of the newest tick, and never before its evidence', (t) => {
  const tick = { kind: 'tick', time: midnight + 9 * hour } as const;
  t.is(transitionsOf([ruleWith()], [tick, observedAt(0, 30)])[0]!.time, tick.time);
  t.is(transitionsOf([ruleWith()], [tick, observedAt(20, 30)])[0]!.time, midnight + 21 * hour);
});

test('transitions come synchronously, and each subscription has its own state', (t) => {
  const source = new Subject<Item>();
  const counts = [0, 0];
  const evaluated = source.pipe(evaluateRules({ rules: [ruleWith()] }));
  counts.forEach((_, i) => {
    evaluated.subscribe(() => counts[i]!++);
  });
  source.next(observedAt(0, 30));
  t.deepEqual(counts, [1, 1]);
});

/** Goes through the items with a restart from the checkpoint after each of them. */
function withRestarts(rules: readonly Rule[], items: readonly Item[]): AlertTransition[] {
  const saved = new Map<string, Saved>();
  return items.flatMap((item) => {
    const keep = new MemoryKeep(saved.values());
    const seen: AlertTransition[] = [];
    of(item)
      .pipe(evaluateRules({ rules, keep, units: { chlorophyll: 'ug/L' } }))
      .subscribe((seenNow) => seenNow.kind === 'alert' && seen.push(seenNow));
    for (const each of keep.takeDirty()) saved.set(`${each.stage}/${each.station}`, each);
    return seen;
  });
}

test('restarts from checkpoints change nothing', (t) => {
  const rules = [ruleWith({ for: 2 * hour }), { ...forecastRule, id: 'forecast' }];
  const values = [8, 21, 18, 30, 31, 16, 3, Number.NaN, 40, 41, 42, 2];
  const items = values.flatMap((value, at): Item[] => [
    { kind: 'tick', time: midnight + at * hour + 1234 },
    observedAt(at, value),
    forecastAt(at + 1, [value * 0.9, value * 1.1]),
  ]);
  const expected = transitionsOf(rules, items);
  t.true(expected.length >= 8);
  t.deepEqual(withRestarts(rules, items), expected);
});

test('a rule that was changed begins anew, which is no all-clear, and the others go on', (t) => {
  const keep = new MemoryKeep();
  const [other, changed] = [ruleWith({ id: 'other' }), ruleWith({ id: 'changed' })];
  of(observedAt(0, 30))
    .pipe(evaluateRules({ rules: [other, changed], keep }))
    .subscribe();
  const later = new MemoryKeep(keep.takeDirty());
  const seen: string[] = [];
  of(observedAt(1, 30))
    .pipe(evaluateRules({ rules: [other, ruleWith({ id: 'changed', level: 25 })], keep: later }))
    .subscribe((each) => each.kind === 'alert' && seen.push(`${each.rule} ${each.to}`));
  t.deepEqual(seen, ['changed inactive', 'changed firing']);
});

test('faulty rules are refused before anything is subscribed', (t) => {
  t.throws(() => evaluateRules({ rules: [ruleWith({ clear: 30 })] }), { message: /clear 30 .* level 20/ });
});
