import { readFileSync } from 'node:fs';
import test from 'ava';
import { from } from 'rxjs';
import { z } from 'zod';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { capAlert } from '../../src/alerts/cap-alert.ts';
import { capFaults } from '../../src/alerts/cap-check.ts';
import { type EvaluateOptions, evaluateRules, type Seen } from '../../src/alerts/evaluate.ts';
import { composeWith } from '../../src/alerts/message.ts';
import { ruleFaults } from '../../src/alerts/rule.ts';
import { watchRules } from '../../src/alerts/watch-rules.ts';
import type { NoForecast } from '../../src/model/forecast.ts';
import type { Condition } from '../../src/stream/condition.ts';
import { forecastAt, hour, midnight, observedAt, ruleWith } from './evidence.ts';

const rules = watchRules('minor');
const at = (hours: number) => midnight + hours * hour;
const tick = (hours: number): Seen => ({ kind: 'tick', time: at(hours) });
const state = (time: number, state: Condition, since: number, station = 'buoy-1'): Seen => ({
  ...{ kind: 'station', station, state, before: 'late', interval: hour },
  ...{ since: at(since), last: at(since), time: at(time) },
});
const refusal = (hours: number, variable = 'chlorophyll'): NoForecast => ({
  ...{ kind: 'no-forecast', station: 'buoy-1', variable, issuedAt: at(hours), revision: 0 },
  ...{ reason: 'coverage', detail: '9 of 24 steps have values' },
});
const alertsOf = (items: readonly Seen[], options: Partial<EvaluateOptions> = {}): AlertTransition[] => {
  const all: AlertTransition[] = [];
  from(items)
    .pipe(evaluateRules({ rules, ...options }))
    .subscribe((each) => each.kind === 'alert' && all.push(each));
  return all;
};
const short = ({ rule, area, from: before, to, time, quiet }: AlertTransition) =>
  `${(time - midnight) / hour} h ${rule} ${area}: ${before} > ${to}${quiet ? ` (${quiet.slice(0, 11)})` : ''}`;

test('a station that falls silent is told of where no alert stands, and again when it is heard', (t) => {
  const items = [tick(0), state(6, 'silent', 0), state(7, 'connected-but-silent', 0), tick(90)];
  const moves = alertsOf([...items, state(91, 'heard', 91), state(99, 'silent', 93)]);
  t.deepEqual(moves.map(short), [
    '6 h no-data buoy-1: inactive > firing',
    '91 h no-data buoy-1: firing > resolved',
    '99 h no-data buoy-1: inactive > firing',
  ]);
  t.is(moves[0]!.reason, 'no value since 2026-03-01T00:00Z; one is due every 1 h');
  t.is(moves[0]!.evidence.value, 6);
  t.not(moves[0]!.id, moves[2]!.id);
});

test('a station that falls silent three times a day is told of each time', (t) => {
  const items = [0, 8, 16].flatMap((n) => [state(n + 6, 'silent', n), state(n + 7, 'heard', n + 7)]);
  t.is(alertsOf(items).filter(({ to, quiet }) => to === 'resolved' && !quiet).length, 3);
});

test('of an area each station is told of by itself', (t) => {
  const areas = [{ id: 'bay', stations: ['a', 'b'] }];
  const moves = alertsOf([state(6, 'silent', 0, 'a'), state(8, 'silent', 2, 'b')], { areas });
  t.deepEqual(moves.map(short), ['6 h no-data a: inactive > firing', '8 h no-data b: inactive > firing']);
});

test('the alert that stands there goes stale too, and values alone do not end it', (t) => {
  const bloom = ruleWith({ passes: 3 });
  const items = [observedAt(0, 30), tick(1), state(7, 'silent', 1), state(9, 'heard', 9), observedAt(9, 3)];
  const moves = alertsOf(items, { rules: [bloom, ...rules] });
  t.deepEqual(moves.map(short), [
    '1 h bloom buoy-1: inactive > firing',
    '7 h bloom buoy-1: firing > stale',
    '7 h no-data buoy-1: inactive > firing',
    '9 h no-data buoy-1: firing > resolved',
    '10 h bloom buoy-1: stale > firing',
  ]);
});

test('what falls silent in maintenance is told of when that is over, if it still is', (t) => {
  const maintenance: Seen = {
    ...{ kind: 'command', sequence: 1, time: at(0), action: 'maintenance', author: 'crew' },
    details: { station: 'buoy-1', until: at(10), note: 'new battery' },
  };
  const moves = alertsOf([tick(0), maintenance, state(6, 'silent', 0), tick(9), tick(11)]);
  t.deepEqual(moves.map(short), [
    '6 h no-data buoy-1: inactive > firing (maintenance)',
    '11 h no-data buoy-1: firing > firing',
  ]);
});

test('refused forecasts are told of once there was none for six hours, never where there was none before', (t) => {
  const refusals = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => refusal(n));
  t.deepEqual(alertsOf(refusals), []);
  const moves = alertsOf([forecastAt(0, [3]), ...refusals, refusal(8, 'salinity'), forecastAt(9, [3])]);
  t.deepEqual(moves.map(short), [
    '7 h no-forecast buoy-1: inactive > firing',
    '9 h no-forecast buoy-1: firing > resolved',
  ]);
  t.is(
    moves[0]!.reason,
    'no forecast of chlorophyll since 2026-03-01T00:00Z (coverage): 9 of 24 steps have values',
  );
});

test('while no data come nobody is told that there are no forecasts; once they come again, if there still are none', (t) => {
  const hours = [1, 2, 3, 4, 5, 6, 7, 8];
  const silent = [forecastAt(0, [3]), state(6, 'silent', 0), ...hours.map((n) => refusal(n))];
  const moves = alertsOf([...silent, state(9, 'heard', 9), refusal(10)]);
  t.deepEqual(moves.map(short), [
    '6 h no-data buoy-1: inactive > firing',
    '9 h no-data buoy-1: firing > resolved',
    '10 h no-forecast buoy-1: inactive > firing',
  ]);
});

test('one variable that is forecast does not hide another that is not', (t) => {
  const oxygen = (n: number) => forecastAt(n, [8], { variable: 'dissolvedOxygen' });
  const hours = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const moves = alertsOf([forecastAt(0, [3]), oxygen(0), ...hours.flatMap((n) => [oxygen(n), refusal(n)])]);
  t.deepEqual(moves.map(short), ['7 h no-forecast buoy-1: inactive > firing']);
});

test('the messages say what is not known, in every language, and pass the schema and our checks of CAP', (t) => {
  const published = JSON.parse(
    readFileSync(new URL('../../docs/alert-message.schema.json', import.meta.url), 'utf8'),
  );
  const schema = z.fromJSONSchema(published as never);
  const areas = [{ id: 'buoy-1', stations: ['buoy-1'], languages: ['en', 'zh'] }];
  const compose = composeWith({ rules, areas, stations: [{ id: 'buoy-1', name: 'Mouth' }] });
  const moves = alertsOf([
    ...[state(6, 'silent', 0), state(7, 'heard', 7), forecastAt(0, [3])],
    ...[refusal(8), forecastAt(9, [3])],
  ]);
  const messages = moves.map((move) => compose(move));
  t.deepEqual(
    messages.map(({ headline }) => headline),
    [
      'No data at Mouth (buoy-1)',
      'Over at Mouth (buoy-1): No data',
      'No forecasts at Mouth (buoy-1)',
      'Over at Mouth (buoy-1): No forecasts',
    ],
  );
  t.true(messages[0]!.howSure.endsWith('this is no all-clear.'));
  t.deepEqual(
    messages.map(({ texts }) => texts[1]!.headline),
    ['buoy-1 无数据', 'buoy-1 已解除:无数据', 'buoy-1 无预报', 'buoy-1 已解除:无预报'].map((text) =>
      text.replace('buoy-1', 'Mouth (buoy-1)'),
    ),
  );
  for (const message of messages) {
    t.deepEqual(schema.safeParse(JSON.parse(JSON.stringify(message))).error?.issues ?? [], []);
    const sender = { sender: 'bay.example.org', scope: 'Public', valid: hour } as const;
    const earlier =
      message.state === 'resolved' ? [{ identifier: 'x', sent: '2026-03-01T00:00:00-00:00' }] : [];
    t.deepEqual(capFaults(capAlert(message, sender, earlier)), []);
  }
});

test('they are rules without fault', (t) => {
  t.deepEqual(ruleFaults(rules), []);
});
