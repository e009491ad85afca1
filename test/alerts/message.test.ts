import test from 'ava';
import { composeWith } from '../../src/alerts/message.ts';
import { ruleWith } from './evidence.ts';
import { transitionOf } from './transition.ts';

const compose = composeWith({
  rules: [ruleWith({ on: 'forecast', text: 'Bloom conditions are forecast', provenance: 'set in 2026' })],
  stations: [{ id: 'buoy-1', name: 'Harbour mouth', latitude: 22.41, longitude: 114.22 }],
  units: { chlorophyll: 'ug/L' },
});
const jsonOf = (value: unknown) => JSON.parse(JSON.stringify(value));

test('a message says where, what, how sure, when, on what evidence, which model, and what is not known', (t) => {
  t.deepEqual(jsonOf(compose(transitionOf(0))), {
    version: 1,
    id: 'bloom/buoy-1/2026-03-01T00:00:00.000Z/1',
    alert: 'bloom/buoy-1/2026-03-01T00:00:00.000Z',
    state: 'firing',
    severity: 'moderate',
    headline: 'Bloom conditions are forecast at Harbour mouth (buoy-1)',
    where: { station: 'buoy-1', name: 'Harbour mouth', latitude: 22.41, longitude: 114.22 },
    what: {
      rule: 'bloom',
      variable: 'chlorophyll',
      value: 24.1,
      unit: 'ug/L',
      direction: 'above',
      level: 20,
      clear: 15,
      provenance: 'set in 2026',
      reason: 'forecast 24.1 ug/L within 3 h is above 20 ug/L',
    },
    when: { onset: '2026-03-01T00:00Z', changed: '2026-03-01T00:00Z' },
    howSure: 'A point forecast, 3 steps ahead: the model gives no probability.',
    evidence: {
      on: 'forecast',
      time: '2026-03-01T02:00Z',
      issuedAt: '2026-03-01T00:00Z',
      horizon: 3,
      model: 'lstm-7f3a',
    },
    notKnown: [
      'Which algae, and whether they are harmful: chlorophyll tells no species, and some blooms show none.',
      'How it is away from this station: a buoy measures one place.',
    ],
  });
});

test('a message whose rule and station are gone from the configuration still says what happened', (t) => {
  const { id, headline, what, where } = jsonOf(composeWith({ rules: [] })(transitionOf(0)));
  t.is(id, 'bloom/buoy-1/2026-03-01T00:00:00.000Z/1');
  t.is(headline, 'Rule bloom at buoy-1');
  t.deepEqual(where, { station: 'buoy-1' });
  t.is(what.reason, 'forecast 24.1 ug/L within 3 h is above 20 ug/L');
});

test('times keep their seconds where they have some', (t) => {
  t.is(
    compose({ ...transitionOf(0), time: Date.UTC(2026, 2, 1, 0, 0, 7) }).when.changed,
    '2026-03-01T00:00:07Z',
  );
});
