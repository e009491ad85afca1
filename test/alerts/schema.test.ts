import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { z } from 'zod';
import { type AlertTransition, severities } from '../../src/alerts/alert.ts';
import { chartOf } from '../../src/alerts/chart.ts';
import { composeWith } from '../../src/alerts/message.ts';
import { forecastAt, ruleWith, stepAt } from './evidence.ts';
import { transitionOf } from './transition.ts';

const published = JSON.parse(
  readFileSync(new URL('../../docs/alert-message.schema.json', import.meta.url), 'utf8'),
);

/** The schema with every object closed, so that a key that it does not name is found. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return 'properties' in inner && inner['type'] === 'object'
    ? { ...inner, additionalProperties: false }
    : inner;
}

const schema = z.fromJSONSchema(closed(published) as never);
const quantiles = [0.05, 0.5, 0.95];
const chart = chartOf(
  'chlorophyll',
  [stepAt(-1, 14)],
  forecastAt(0, [0], { quantiles, values: [[12, 16, 20]] }),
);
const record = {
  horizon: 3,
  days: 30,
  forecasts: 412,
  error: 2.3,
  persistence: 3.1,
  inside: 0.9,
  coverage: 0.9,
};
const circle = { latitude: 22.4, longitude: 114.2, radius: 3 };
const polygon = [
  [22.4, 114.2],
  [22.4, 114.3],
  [22.5, 114.3],
  [22.4, 114.2],
] as [number, number][];
const compose = composeWith({
  rules: [ruleWith({ on: 'forecast', provenance: 'set in 2026', action: 'sample' })],
  areas: [{ id: 'bay', name: 'Bay', stations: ['buoy-1'], languages: ['en', 'zh'], circle, polygon }],
  stations: [
    {
      ...{ id: 'buoy-1', name: 'Mouth', latitude: 22.4, longitude: 114.2 },
      sensors: [{ id: 'exo-1', variable: 'chlorophyll', depth: 1.5 }],
    },
  ],
  units: { chlorophyll: 'ug/L' },
  titles: { chlorophyll: 'Chlorophyll a' },
});

const sent = (transition: AlertTransition, because?: string, background = {}) =>
  JSON.parse(JSON.stringify(compose(transition, because, background)));
const faults = (message: unknown) => schema.safeParse(message).error?.issues ?? [];

const full: AlertTransition = {
  ...transitionOf(0),
  area: 'bay',
  author: 'mei',
  note: 'boat is out',
  evidence: {
    ...transitionOf(0).evidence,
    revision: 1,
    network: 'lstm',
    probability: 0.8,
    level: 20,
    direction: 'above',
    interval: { low: 15, high: 33, coverage: 0.9 },
    atLeast: true,
    flag: 3,
    sensor: 'exo-1',
  },
  more: [transitionOf(1).evidence],
};

test('a message with everything in it is as the schema says, without a key that it does not know', (t) => {
  t.deepEqual(faults(sent(full, 'no receipt came from mail within 30 min', { chart, record })), []);
});

test('every key of the schema is in that message, so that none is described that is never sent', (t) => {
  const message = sent(full, 'why', { chart, record });
  const missing = (node: typeof published, value: unknown, path: string): string[] => {
    const resolved = node.$ref ? published.$defs[node.$ref.split('/').at(-1)] : node;
    if (value === undefined) return [path];
    if (resolved.type === 'array') return missing(resolved.items, (value as unknown[])[0], `${path}[0]`);
    return Object.entries(resolved.properties ?? {}).flatMap(([key, inner]) =>
      missing(inner as typeof published, (value as Record<string, unknown>)[key], `${path}/${key}`),
    );
  };
  // Of an observation that was seen besides, there is no more than of a plain forecast.
  t.deepEqual(
    missing(published, message, '').filter((path) => !path.startsWith('/more')),
    [],
  );
});

test('any transition is sent as the schema says', (t) => {
  const any = fc.record({
    to: fc.constantFrom('firing', 'acknowledged', 'stale', 'resolved', 'inactive'),
    from: fc.constantFrom('inactive', 'pending', 'firing', 'acknowledged', 'stale'),
    cause: fc.constantFrom('evidence', 'silence', 'command', 'escalation', 'repeat', 'reload'),
    severity: fc.constantFrom(...severities),
    mode: fc.constantFrom('actual', 'exercise', 'test'),
    area: fc.constantFrom('bay', 'buoy-1'),
    sequence: fc.integer({ min: 1, max: 99 }),
    time: fc.integer({ min: 0, max: 4e12 }),
    rule: fc.constantFrom('bloom', 'gone'),
  });
  fc.assert(
    fc.property(
      any,
      (change) => faults(sent({ ...transitionOf(0), ...change } as AlertTransition)).length === 0,
    ),
  );
  t.pass();
});

test('the schema refuses what is no message', (t) => {
  const good = sent(full);
  for (const [key, wrong] of Object.entries({
    version: 2,
    mode: 'real',
    state: 'over',
    sequence: 0,
    texts: [],
  }))
    t.true(faults({ ...good, [key]: wrong }).length > 0, key);
  t.true(faults({ ...good, when: { ...good.when, onset: 'yesterday' } }).length > 0);
});
