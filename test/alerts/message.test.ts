import test from 'ava';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import { type Background, composeWith, type MessageContext } from '../../src/alerts/message.ts';
import { ruleWith } from './evidence.ts';
import { transitionOf } from './transition.ts';

const context: MessageContext = {
  rules: [
    ruleWith({
      text: 'Bloom conditions are forecast',
      hazard: 'bloom',
      provenance: 'set in 2026',
    }),
  ],
  areas: [{ id: 'bay', name: 'Tolo Harbour', stations: ['buoy-1', 'buoy-2'], languages: ['en', 'zh-Hant'] }],
  stations: [
    {
      ...{ id: 'buoy-1', name: 'Harbour mouth', latitude: 22.41, longitude: 114.22 },
      sensors: [{ id: 'optode', variable: 'chlorophyll', depth: 1.5 }],
    },
  ],
  units: { chlorophyll: 'ug/L' },
  titles: { chlorophyll: 'Chlorophyll a' },
};
const background: Background = {
  record: {
    horizon: 3,
    days: 30,
    forecasts: 412,
    error: 2.345,
    persistence: 3.1,
    inside: 0.87,
    coverage: 0.9,
  },
};
const compose = composeWith(context);
const sure = {
  probability: 0.83,
  level: 20,
  direction: 'above',
  interval: { low: 15.2, high: 33, coverage: 0.9 },
} as const;

function transitionWith(change: Partial<AlertTransition> = {}): AlertTransition {
  const base = transitionOf(0);
  return { ...base, area: 'bay', evidence: { ...base.evidence, ...sure, network: 'lstm' }, ...change };
}
const sectionsOf = (transition: AlertTransition, language = 0, because?: string) =>
  Object.fromEntries(
    compose(transition, because, background).texts[language]!.sections.map(({ title, text }) => [
      title,
      text,
    ]),
  );

test('what was measured is told of with its sensor and its depth', (t) => {
  const { station, variable, value, time } = transitionOf(0).evidence;
  const evidence = { on: 'observed', station, variable, value, time, sensor: 'optode' } as const;
  const [english, chinese] = [0, 1].map((language) => sectionsOf(transitionWith({ evidence }), language));
  t.is(english!['Evidence'], 'Chlorophyll a at buoy-1 (optode, 1.5 m deep) 2026-03-01T02:00Z: 24.1 ug/L.');
  t.is(chinese!['依据'], 'buoy-1 叶绿素 a(水深 1.5 m) 2026-03-01T02:00Z:24.1 ug/L。');
});

test('every message says where, what, how sure, when, on what evidence, which model, what to do and what is not known', (t) => {
  t.deepEqual(sectionsOf(transitionWith()), {
    Where: 'Tolo Harbour: Harbour mouth (buoy-1), 22.41 N 114.22 E.',
    What: 'Chlorophyll a: forecast 24.1 ug/L within 3 h is above 20 ug/L. Severity moderate. The level is 20 ug/L: set in 2026.',
    'How sure':
      'A forecast, 3 steps ahead (in 2 h): with 83 % it is above 20 ug/L. With 90 % it lies between 15.2 ug/L and 33 ug/L.',
    When: 'Since 2026-03-01T00:00Z; this change (firing) at 2026-03-01T00:00Z. The forecast is for 2026-03-01T02:00Z.',
    Evidence: 'Chlorophyll a at buoy-1 forecast for 2026-03-01T02:00Z, issued 2026-03-01T00:00Z: 24.1 ug/L.',
    Model:
      'lstm-7f3a (lstm). In the last 30 days here, 412 forecasts so far ahead were off by 2.345 ug/L on average; saying ' +
      'that nothing changes was off by 3.1 ug/L, so the model did better. 87 % of the outcomes lay in its interval, which is to hold 90 %.',
    'What to do':
      'Take a water sample and have it looked at under a microscope before acting on the kind of algae; watch oxygen, above all before dawn.',
    'Not known':
      'Which algae, and whether they are harmful: chlorophyll tells no species, and some blooms show none. ' +
      'How it is away from the stations: a buoy measures one place.',
  });
});

test('the message is in the languages of its area, the foremost first', (t) => {
  const { texts, headline } = compose(transitionWith());
  t.deepEqual(
    texts.map(({ language, headline }) => [language, headline]),
    [
      ['en', 'Bloom conditions are forecast at Tolo Harbour'],
      ['zh-Hant', 'Tolo Harbour 预报藻华(赤潮)条件'],
    ],
  );
  t.is(headline, texts[0]!.headline);
  const chinese = sectionsOf(transitionWith(), 1);
  t.is(Object.keys(chinese).length, Object.keys(sectionsOf(transitionWith())).length);
  t.is(
    chinese['把握程度'],
    '预报,提前 3 步。越过界限的概率为 83%。有 90% 的把握介于 15.2 ug/L 与 33 ug/L 之间。',
  );
});

for (const [mode, english, chinese] of [
  ['exercise', 'EXERCISE, not real: ', '【演习,非真实事件】'],
  ['test', 'TEST, not real: ', '【测试,非真实事件】'],
] as const)
  test(`${mode} is marked in every language, first`, (t) => {
    const { texts, mode: said } = compose(transitionWith({ mode }));
    t.is(said, mode);
    t.true(texts[0]!.headline.startsWith(english));
    t.true(texts[1]!.headline.startsWith(chinese));
  });

test('stale is no all-clear, in headline, certainty and advice', (t) => {
  const { headline, howSure, toDo, texts } = compose(
    transitionWith({ to: 'stale', from: 'firing', cause: 'silence' }),
  );
  t.is(headline, 'No longer known at Tolo Harbour, which is no all-clear: Bloom conditions are forecast');
  t.regex(howSure, /does not mean that it is over/);
  t.regex(toDo, /^Keep the precautions/);
  t.regex(texts[1]!.headline, /并非解除/);
  t.notRegex(JSON.stringify(texts), /ended it|解除警报/);
});

test('what a command did names its author, and a second contact is told why', (t) => {
  const told = transitionWith({ to: 'acknowledged', cause: 'command', author: 'mei', note: 'boat is out' });
  t.regex(sectionsOf(told)['What']!, /By mei: boat is out\./);
  const because = 'no receipt came from mail within 30 min';
  t.is(sectionsOf(transitionWith(), 0, because)['Why you are told'], because);
  t.regex(compose(transitionWith({ cause: 'escalation' })).headline, /^Still unacknowledged: /);
});

test('a point forecast, a suspect value and a sensor at its ceiling are said to be that', (t) => {
  const { probability, interval, ...point } = transitionWith().evidence;
  t.is(
    compose(transitionWith({ evidence: point })).howSure,
    'A forecast, 3 steps ahead (in 2 h); the model gives no probability. Nor does it say how far off it may be.',
  );
  const { issuedAt, horizon, model, network, ...seen } = point;
  const evidence = { ...seen, on: 'observed' as const, flag: 3, atLeast: true, value: 400 };
  const { howSure, texts } = compose(transitionWith({ evidence }));
  t.regex(howSure, /^Measured: .* suspect: .* at its ceiling/);
  t.regex(JSON.stringify(texts), /at least 400 ug\/L/);
});

test('a message whose rule and station are gone from the configuration still says what happened', (t) => {
  const message = JSON.parse(JSON.stringify(composeWith({ rules: [] })(transitionOf(0))));
  t.is(message.id, 'bloom/buoy-1/2026-03-01T00:00:00.000Z/1');
  t.is(message.headline, 'Rule bloom at buoy-1');
  t.deepEqual(message.where, { area: { id: 'buoy-1' }, station: 'buoy-1', stations: ['buoy-1'] });
  t.is(message.what.reason, 'forecast 24.1 ug/L within 3 h is above 20 ug/L');
});

test('times keep their seconds where they have some', (t) => {
  t.is(
    compose({ ...transitionOf(0), time: Date.UTC(2026, 2, 1, 0, 0, 7) }).when.changed,
    '2026-03-01T00:00:07Z',
  );
});
