import test from 'ava';
import { from } from 'rxjs';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { type EvaluateOptions, evaluateRules, type Seen } from '../../src/alerts/evaluate.ts';
import { verdictsOf } from '../../src/alerts/verdicts.ts';
import { forecastAt, hour, midnight, observedAt, ruleWith } from './evidence.ts';

const alertsOf = (items: readonly Seen[], options: Partial<EvaluateOptions> = {}) => {
  const all: AlertTransition[] = [];
  from(items)
    .pipe(evaluateRules({ rules: [ruleWith()], ...options }))
    .subscribe((each) => each.kind === 'alert' && all.push(each));
  return all;
};
const order = (at: number, action: string, details: Record<string, unknown>): Seen => ({
  ...{ kind: 'command', sequence: 7, time: midnight + at * hour, action, author: 'officer', details },
});
const id = 'bloom/buoy-1/2026-03-01T00:00:00.000Z';
const verdict = (at: number, said: string, alert = id) => order(at, 'verdict', { alert, verdict: said });
const spans = (items: readonly Seen[], options: Partial<EvaluateOptions> = {}) =>
  verdictsOf(alertsOf(items, options)).map(({ verdict: said, from: begin, to }) => [
    said,
    (begin - midnight) / hour,
    (to - midnight) / hour,
  ]);
const bloom = [30, 31, 3].map((value, at) => observedAt(at, value));
const ms = 1 / hour;

test('a warning that was confirmed was true until evidence ended it', (t) => {
  t.deepEqual(spans([...bloom, verdict(4, 'confirmed')]), [['confirmed', 0, 2]]);
  t.deepEqual(
    spans([...bloom.slice(0, 2), verdict(2, 'confirmed')]),
    [['confirmed', 0, ms]],
    'it still stands',
  );
  t.deepEqual(spans([...bloom.slice(0, 2), verdict(2, 'confirmed'), bloom[2]!]), [['confirmed', 0, 2]]);
});

test('what is said of it names its level, its direction and every station', (t) => {
  const areas = [{ id: 'bay', stations: ['a', 'b'] }];
  const both = [observedAt(0, 30, { station: 'a' }), observedAt(0, 30, { station: 'b' })];
  const alert = id.replace('buoy-1', 'bay');
  const [said] = verdictsOf(alertsOf([...both, verdict(1, 'confirmed', alert)], { areas }));
  t.like(said, { alert, variable: 'chlorophyll', level: 20, direction: 'above' });
  t.deepEqual(said!.stations, ['a', 'b']);
});

test('a forecast that is confirmed was right about its own time, one that is false was wrong up to it', (t) => {
  const rules = [ruleWith({ on: 'forecast' })];
  const warned = [observedAt(0, 10), forecastAt(1, [5, 5, 30])];
  const [told] = alertsOf(warned, { rules });
  t.deepEqual([told!.to, (told!.evidence.time - midnight) / hour], ['firing', 3]);
  const said = (word: string) => spans([...warned, verdict(5, word, told!.id)], { rules });
  t.deepEqual(said('confirmed'), [['confirmed', 3, 3 + ms]]);
  t.deepEqual(said('false-alarm'), [['false-alarm', (told!.onset - midnight) / hour, 3 + ms]]);
});

test('of a false alarm all is false, the step that ended it too', (t) => {
  t.deepEqual(spans([...bloom, verdict(4, 'false-alarm')]), [['false-alarm', 0, 2 + ms]]);
});

test('the last word counts, and unclear takes it back', (t) => {
  t.deepEqual(spans(bloom), []);
  t.deepEqual(spans([...bloom, verdict(4, 'confirmed'), verdict(5, 'unclear')]), []);
  const turned = spans([...bloom, verdict(4, 'unclear'), verdict(5, 'false-alarm')]);
  t.deepEqual(turned, [['false-alarm', 0, 2 + ms]]);
  const [told] = alertsOf([...bloom, verdict(4, 'confirmed')]).slice(-1);
  t.deepEqual(verdictsOf([{ ...told!, to: 'firing', cause: 'evidence' }]), [], 'only people judge');
});

test('the order in which the store gives the transitions does not matter', (t) => {
  const all = alertsOf([...bloom, verdict(4, 'confirmed'), verdict(5, 'false-alarm')]);
  t.deepEqual(verdictsOf(all.toReversed()), verdictsOf(all));
});

test('exercises and tests are no truth', (t) => {
  const details = { rule: 'bloom', area: 'buoy-1', until: midnight + 5 * hour };
  const moves = alertsOf([order(0, 'exercise', details), verdict(1, 'confirmed')]);
  t.is(moves.at(-1)!.reason, 'verdict: confirmed');
  t.deepEqual(verdictsOf(moves), []);
});

test('a missed warning is true for the time that was named', (t) => {
  const details = { rule: 'bloom', station: 'buoy-1', from: midnight, until: midnight + 6 * hour };
  const missed = order(9, 'missed', details);
  t.deepEqual(spans([missed]), [['missed', 0, 6]]);
  t.deepEqual(spans([missed, verdict(10, 'unclear')]), []);
  t.deepEqual(spans([missed, verdict(10, 'confirmed')]), [['confirmed', 0, 6]]);
});
