import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { validateXML } from 'xmllint-wasm';
import { type AlertTransition, severities } from '../../src/alerts/alert.ts';
import {
  type CapSender,
  capAlert,
  capCertainty,
  capIdentifier,
  capKind,
} from '../../src/alerts/cap-alert.ts';
import { capFaults } from '../../src/alerts/cap-check.ts';
import { type CapOptions, createCapNotifier } from '../../src/alerts/cap-notifier.ts';
import { composeWith, messageId } from '../../src/alerts/message.ts';
import { testNotifierContract } from '../contracts/notifier.ts';
import { temporaryFolder } from '../process.ts';
import { hour, ruleWith } from './evidence.ts';
import { transitionOf } from './transition.ts';

const sender: CapSender = { sender: 'redtide@example.org', scope: 'Public', valid: 24 * hour };
const bay = {
  id: 'bay',
  name: 'Tolo Harbour & <inner> bay',
  stations: ['buoy-1'],
  polygon: [
    [22.4, 114.2],
    [22.5, 114.2],
    [22.5, 114.3],
    [22.4, 114.2],
  ] as [number, number][],
  languages: ['en', 'zh'],
};
const compose = composeWith({
  rules: [ruleWith({ on: 'forecast', text: 'Bloom conditions are forecast', hazard: 'bloom' })],
  areas: [bay],
  stations: [{ id: 'buoy-1', name: 'Harbour mouth', latitude: 22.41, longitude: 114.22 }],
  units: { chlorophyll: 'ug/L' },
});

const schemaPath = new URL('../../../shared/standards/CAP-v1.2.xsd', import.meta.url);
const schema = existsSync(schemaPath) ? readFileSync(schemaPath, 'utf8') : undefined;

/** By our own checks always, by the schema of OASIS where it is there. */
async function assertValid(t: ExecutionContext, ...documents: string[]): Promise<void> {
  for (const xml of documents) t.deepEqual(capFaults(xml), []);
  if (!schema) return t.log('skipped: CAP-v1.2.xsd is not there');
  const xml = documents.map((contents, i) => ({ fileName: `${i}.xml`, contents }));
  const { valid, errors } = await validateXML({ xml, schema: [schema] });
  t.true(valid, JSON.stringify(errors.slice(0, 5)));
}

const parsed = (xml: string) => {
  const isArray = (name: string) => name === 'info' || name === 'parameter' || name === 'entry';
  return new XMLParser({ isArray, parseTagValue: false, ignoreAttributes: false }).parse(xml);
};

const within = (n: number, change: Partial<AlertTransition> = {}) => ({
  ...transitionOf(n),
  area: 'bay',
  ...change,
});
const life = [
  within(0, { evidence: { ...transitionOf(0).evidence, probability: 0.83, level: 20, direction: 'above' } }),
  within(0, { sequence: 3, to: 'stale', from: 'firing', cause: 'silence', time: transitionOf(1).time }),
  within(0, {
    sequence: 4,
    to: 'acknowledged',
    from: 'stale',
    cause: 'command',
    author: 'mei',
    time: transitionOf(2).time,
  }),
  within(0, { sequence: 5, to: 'resolved', from: 'acknowledged', time: transitionOf(3).time }),
] satisfies AlertTransition[];

function capIn(folder: string, more: Partial<CapOptions> = {}) {
  return createCapNotifier({ ...sender, folder, compose, keep: 30 * 24 * hour, ...more });
}

function published(folder: string) {
  const { feed } = parsed(readFileSync(join(folder, 'feed.atom'), 'utf8'));
  return (feed.entry as { id: string; title: string; link: Record<string, string> }[]).map((entry) => ({
    ...entry,
    xml: readFileSync(join(folder, decodeURI(entry.link['@_href']!)), 'utf8'),
  }));
}

testNotifierContract(
  test,
  'cap',
  async (t) => {
    const folder = temporaryFolder(t);
    const inOrder: string[] = [];
    const notifier = capIn(folder);
    return {
      notifier: {
        ...notifier,
        send: async (transition) => {
          const delivery = await notifier.send(transition);
          if (delivery.outcome === 'delivered') inOrder.push(...newest(folder, transition));
          return delivery;
        },
      },
      received: async () => inOrder,
      break: async () => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, 'a file where the folder was');
      },
    };
  },
  (transition) => capIdentifier(messageId(transition)),
);

/** The identifiers of the documents about a transition: one, or somebody reading the folder is told twice. */
function newest(folder: string, transition: AlertTransition): string[] {
  const all = readdirSync(folder).filter((file) => file.endsWith('.xml'));
  const identifiers = all.map(
    (file) => parsed(readFileSync(join(folder, file), 'utf8')).alert.identifier as string,
  );
  return identifiers.filter((identifier) => identifier === capIdentifier(messageId(transition)));
}

test('Alert, then Updates, then a Cancel, each referring to all before it', async (t) => {
  const folder = temporaryFolder(t);
  const notifier = capIn(folder);
  for (const transition of life) t.like(await notifier.send(transition), { outcome: 'delivered' });
  const entries = published(folder).reverse();
  await assertValid(t, ...entries.map(({ xml }) => xml));
  const alerts = entries.map(({ xml }) => parsed(xml).alert);
  t.deepEqual(
    alerts.map(({ msgType }) => msgType),
    ['Alert', 'Update', 'Update', 'Cancel'],
  );
  const names = alerts.map(({ identifier, sent }) => `redtide@example.org,${identifier},${sent}`);
  t.deepEqual(
    alerts.map(({ references }) => references),
    [undefined, names[0], names.slice(0, 2).join(' '), names.slice(0, 3).join(' ')],
  );
  t.is(new Set(alerts.map(({ incidents }) => incidents)).size, 1);
});

test('a document says what it is in all languages of the area, with probability, horizon, threshold, model and evidence', async (t) => {
  const xml = capAlert(compose(life[0]!), sender, []);
  await assertValid(t, xml);
  const { alert } = parsed(xml);
  t.like(alert, { sent: '2026-03-01T00:00:00-00:00', status: 'Actual', msgType: 'Alert', scope: 'Public' });
  const [english, chinese] = alert.info;
  t.deepEqual([english.language, chinese.language], ['en', 'zh']);
  t.regex(chinese.description, /未知事项/);
  t.like(english, {
    urgency: 'Future',
    severity: 'Moderate',
    certainty: 'Likely',
    onset: '2026-03-01T02:00:00-00:00',
    expires: '2026-03-02T00:00:00-00:00',
  });
  t.is(
    english.area.areaDesc,
    'Tolo Harbour &amp; &lt;inner&gt; bay'.replace('&amp;', '&').replace('&lt;', '<').replace('&gt;', '>'),
  );
  t.is(english.area.polygon, '22.4,114.2 22.5,114.2 22.5,114.3 22.4,114.2');
  const parameters = Object.fromEntries(
    english.parameter.map(({ valueName, value }: Record<string, string>) => [valueName, value]),
  );
  t.like(parameters, {
    'redtide:probability': '0.83',
    'redtide:horizon': '3',
    'redtide:threshold': '20',
    'redtide:modelVersion': 'lstm-7f3a',
    'redtide:evidence': 'forecast buoy-1 chlorophyll 2026-03-01T00:00Z 2026-03-01T02:00Z',
  });
});

for (const [mode, status] of [
  ['exercise', 'Exercise'],
  ['test', 'Test'],
] as const)
  test(`${mode} has the status ${status}, a note and a mark in each headline`, async (t) => {
    const xml = capAlert(compose(within(0, { mode })), sender, []);
    await assertValid(t, xml);
    const { alert } = parsed(xml);
    t.is(alert.status, status);
    t.regex(alert.note, /not a real event/);
    t.regex(alert.info[0].headline, /^(EXERCISE|TEST), not real/);
  });

test('silence is an Update that says so; an end that silence claims is never a Cancel', async (t) => {
  const stale = parsed(
    capAlert(compose(life[1]!), sender, [{ identifier: 'a', sent: '2026-03-01T00:00:00-00:00' }]),
  );
  t.is(stale.alert.msgType, 'Update');
  t.is(stale.alert.info[0].certainty, 'Unknown');
  t.regex(stale.alert.info[0].headline, /no all-clear/);
  for (const cause of ['silence', 'repeat', 'escalation', 'reload'] as const)
    t.throws(() => capKind({ state: 'resolved', cause, id: 'x' }, 1), { message: /is no all-clear/ });
  t.is(capKind({ state: 'resolved', cause: 'command', id: 'x' }, 1), 'Cancel');
  const folder = temporaryFolder(t);
  const notifier = capIn(folder);
  await notifier.send(life[0]!);
  t.is((await notifier.send({ ...life[3]!, cause: 'silence' })).outcome, 'refused');
  t.is(published(folder).length, 1);
});

test('certainty follows the probability', (t) => {
  const at = (probability: number | undefined) => {
    const { probability: _, ...evidence } = life[0]!.evidence;
    return capCertainty(
      compose({ ...life[0]!, evidence: { ...evidence, ...(probability !== undefined && { probability }) } }),
    );
  };
  t.deepEqual([0.9, 0.5, 0.01, undefined].map(at), ['Likely', 'Possible', 'Unlikely', 'Unknown']);
});

test('what nobody has read of is not taken back, and a repeat changes nothing', async (t) => {
  const folder = temporaryFolder(t);
  const notifier = capIn(folder);
  t.deepEqual(await notifier.send(life[3]!), { outcome: 'delivered' });
  t.false(existsSync(join(folder, 'feed.atom')));
  await notifier.send(life[0]!);
  const before = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]);
  await notifier.send(life[0]!);
  t.deepEqual(
    readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
    before,
  );
});

test('what expired long ago leaves the feed and the folder', async (t) => {
  const folder = temporaryFolder(t);
  const notifier = capIn(folder, { keep: hour });
  await notifier.send(within(0));
  await notifier.send(within(24));
  t.is(published(folder).length, 2);
  await notifier.send(within(48));
  t.deepEqual(
    published(folder).map(({ id }) => id),
    [48, 24].map((n) => `urn:x-redtide:${capIdentifier(messageId(within(n)))}`),
  );
  t.is(readdirSync(folder).filter((file) => file.endsWith('.xml')).length, 2);
});

test('any transition is a valid document, whatever words are in it', async (t) => {
  const word = fc.string({ unit: 'grapheme', maxLength: 30 });
  const any = fc.record({
    to: fc.constantFrom('firing', 'acknowledged', 'stale', 'resolved', 'inactive'),
    reason: word,
    note: word,
    author: word,
    area: fc.oneof(
      fc.constant('bay'),
      fc.constant('buoy-1'),
      word.filter((text) => text.trim() !== ''),
    ),
    id: word.map((text) => `${text}/x`),
    severity: fc.constantFrom(...severities),
    mode: fc.constantFrom('actual', 'exercise', 'test'),
    earlier: fc.integer({ min: 0, max: 3 }),
    scope: fc.constantFrom('Public', 'Private'),
  });
  const documents: string[] = [];
  fc.assert(
    fc.property(any, ({ earlier, scope, ...change }) => {
      const message = compose({ ...transitionOf(0), ...change } as AlertTransition);
      const over = change.to === 'resolved' || change.to === 'inactive' ? 1 : 0;
      const references = Array.from({ length: Math.max(earlier, over) }, (_, i) => ({
        identifier: `a${i}`,
        sent: '2026-03-01T00:00:00-00:00',
      }));
      documents.push(capAlert(message, { ...sender, scope: scope as 'Public' }, references));
    }),
  );
  await assertValid(t, ...documents);
});

test('our own checks find what is wrong', (t) => {
  const good = capAlert(compose(life[0]!), sender, []);
  const breaks: [RegExp | string, string, RegExp][] = [
    ['-00:00</sent>', 'Z</sent>', /^sent .*Z is not written like/],
    ['00-00:00</expires>', '00.000-00:00</expires>', /^expires/],
    ['<msgType>Alert', '<msgType>Update', /^Update needs references/],
    ['<status>Actual', '<status>Real', /^status Real/],
    ['<sender>', '<sender>a b ', /has a space/],
    [/ 22.4,114.2<\/polygon>/, '</polygon>', /^polygon/],
    [/<instruction>[^<]*<\/instruction>/, '', /^instruction is missing/],
    ['<scope>Public', '<scope>Private', /needs addresses/],
    ['<certainty>Likely', '<certainty>Sure', /^certainty Sure/],
  ];
  for (const [from, to, fault] of breaks) {
    const [first] = capFaults(good.replace(from, to));
    t.regex(first ?? 'no fault', fault);
  }
});
