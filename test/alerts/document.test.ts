import { readFileSync } from 'node:fs';
import test from 'ava';
import { composeWith } from '../../src/alerts/message.ts';
import { lineOf } from '../../src/alerts/terminal-notifier.ts';
import { exampleRules } from '../../src/commands/shore.ts';
import { loadRules, parseConfig } from '../../src/config/load.ts';
import { transitionOf } from './transition.ts';

const text = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block!);

const rules = loadRules(exampleRules).map((rule) => ({ ...rule, provenance: undefined }));
const station = { id: 'B01', name: 'Harbour mouth', latitude: 22.41, longitude: 114.22 };
const { onset, evidence } = transitionOf(0);
const message = composeWith({ rules, stations: [station], units: { chlorophyll: 'ug/L' } })({
  ...transitionOf(0),
  id: `chlorophyll-forecast/B01/${new Date(onset).toISOString()}`,
  rule: 'chlorophyll-forecast',
  area: 'B01',
  station: 'B01',
  stations: ['B01'],
  evidence: {
    ...evidence,
    station: 'B01',
    network: 'lstm',
    level: 20,
    direction: 'above',
    probability: 0.83,
    interval: { low: 15.2, high: 33, coverage: 0.9 },
  },
});

test('the rules of the document are among the example rules, and valid', (t) => {
  const [yaml] = blocks('yaml');
  for (const rule of parseConfig(yaml!, 'docs/alerts.md').rules)
    t.deepEqual({ ...rule, provenance: undefined }, rules.find(({ id }) => id === rule.id) as typeof rule);
});

test('the message of the document is what is sent', (t) => {
  const [json] = blocks('json');
  t.deepEqual(JSON.parse(json!), JSON.parse(JSON.stringify(message)));
});

test('the line of the document is what the terminal shows', (t) => {
  t.true(text.includes(`\n${lineOf(message, false)}\n`));
});
