import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import type { Status } from '../src/dashboard/status.ts';
import { changes, render, summary, textWidth } from '../src/progress-view.ts';
import { counts, exampleStatus, now, station } from './dashboard/example-status.ts';

const lines = (status: Status, width = 100, more = {}) => render(status, { width, ...more });

test('shows the fleet, its alerts and the throughput', (t) => {
  t.deepEqual(
    lines(exampleStatus(), 100, { rate: 123.4 }).map((line) => line.trimEnd()),
    [
      'Redtide 0.1.0   2026-05-02T14:20Z   connected mqtt://127.0.0.1:1883, embedded',
      '1 alert firing, 2 of 4 stations reporting',
      '',
      'station                     Chlorophyll a Dissolved oxygen      last heard',
      '                                     ug/L             mg/L',
      'B01 Harbour mouth               3.2 > 4.2              7.3           4 min',
      'B02 Oyster bank                       4.1              7.3     late 40 min',
      'B03 Fish farm north           21.7 > 28.2              7.3           2 min',
      'B04                                   2.6              7.3    silent 3.2 h',
      '',
      'FIRING moderate B03: Bloom conditions are forecast: forecast 28.2 ug/L in 3 h is above 20 ug/L',
      '2009 values, 1960 stored, 9 quarantined, 12 duplicate, 28 pending, 123 values/s',
      '96 step means, 40 windows, 80 forecasts; lmdb answering; model lstm-chlorophyll-3f2a',
    ],
  );
});

test('what is forecast is shown first where not all variables fit', (t) => {
  const [chlorophyll, oxygen] = exampleStatus().variables;
  const status = exampleStatus({ variables: [oxygen!, chlorophyll!] });
  t.regex(lines(status, 60)[3]!, /Chlorophyll a +last heard/);
  t.regex(lines(status, 80)[3]!, /Chlorophyll a +Dissolved oxygen +last heard/);
});

test('no line is wider than the terminal, whatever the names', (t) => {
  const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constant('赤潮観測ブイ養殖場北'));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 160 }), name, (width, text) => {
      const status = exampleStatus({
        stations: [station('B01', 1234.5, 1, { name: text }), station(text, 3, undefined)],
        alerts: exampleStatus().alerts.map((alert) => ({ ...alert, text, reason: text })),
        source: { state: 'connected', address: text },
      });
      for (const line of lines(status, width)) t.true(textWidth(line) <= width, JSON.stringify(line));
    }),
  );
});

test('East Asian names keep the columns straight', (t) => {
  const rows = lines(
    exampleStatus({
      stations: [station('B01', 3, 1, { name: '赤潮' }), station('B02', 3, 1, { name: 'ab' })],
    }),
  ).slice(5, 7);
  t.is(textWidth('赤潮 ab'), 7);
  t.is(textWidth('e\u0301'), 1);
  t.is(textWidth(rows[0]!), textWidth(rows[1]!));
});

test('a name cannot drive the terminal', (t) => {
  const evil = station('B01', 3, 1, { name: '\x1b[2J\x07\u202enope\nnext' });
  const shown = lines(exampleStatus({ stations: [evil] })).join('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  t.notRegex(shown, /[\x00-\x1f\x7f-\x9f\u202e]/);
  t.regex(shown, /B01 {2}\[2J nope next/);
});

test('colours change nothing but colours, and come only when wanted', (t) => {
  const plain = lines(exampleStatus());
  const coloured = lines(exampleStatus(), 100, { colour: true });
  t.false(plain.join('').includes('\x1b'));
  t.deepEqual(coloured.map(stripVTControlCharacters), plain);
  t.true(coloured[1]!.includes('\x1b[31m'), 'the headline is red while an alert fires');
  t.false(lines(exampleStatus({ alerts: [] }), 100, { colour: true })[1]!.includes('\x1b[31m'));
  t.true(coloured[8]!.includes('\x1b[31m'), 'the silent station is red');
  t.false(coloured[7]!.includes('\x1b'), 'the reporting one is plain');
});

test('a large fleet is cut to the height, and the rest counted', (t) => {
  const stations = Array.from({ length: 200 }, (_, n) => station(`S${n}`, 3, 1));
  const shown = lines(exampleStatus({ stations }), 100, { height: 23 });
  t.is(shown.length, 23);
  t.is(shown.at(-5), '... and 187 more stations');
  t.regex(shown.at(-1)!, /model lstm/);
  const alerts = Array.from({ length: 9 }, (_, n) => ({ ...exampleStatus().alerts[0]!, id: `${n}` }));
  t.true(lines(exampleStatus({ alerts })).includes('... and 3 more alerts'));
  t.is(lines(exampleStatus(), 100, { height: 3 }).length, 3);
});

test('the summary is one line', (t) => {
  t.is(
    summary(exampleStatus(), 12.3),
    '2026-05-02T14:20Z 1 alert firing, 2 of 4 stations reporting; 2009 values, 1960 stored, 9 quarantined, ' +
      '12 duplicate, 28 pending; 80 forecasts, 12 values/s',
  );
});

test('changes that are worth a line, and only those', (t) => {
  const before = exampleStatus();
  t.deepEqual(changes(before, before), []);
  t.deepEqual(changes(before, { ...before, unknown: counts(99), alerts: [] }), []);
  t.deepEqual(
    changes(before, {
      ...before,
      source: { ...before.source, state: 'disconnected' },
      store: { name: 'influx', state: 'spilling', waiting: 70 },
      model: { id: 'm\n2', backend: 'cpu' },
    }),
    [
      '2026-05-02T14:20Z source disconnected: mqtt://127.0.0.1:1883, embedded',
      '2026-05-02T14:20Z store influx spilling, 70 points waiting',
      '2026-05-02T14:20Z model m 2 in service, cpu',
    ],
  );
  t.deepEqual(changes(before, { ...before, model: undefined }), ['2026-05-02T14:20Z no model in service']);
});

test('a station is told once when it falls silent, and once when it is back', (t) => {
  const heard = (minutes: number | undefined) =>
    exampleStatus({ stations: minutes === -1 ? [] : [station('B01', 3, minutes)] });
  const told = (was: number | undefined, is: number | undefined) =>
    changes(heard(was), heard(is)).map((line) => line.slice(18));
  t.deepEqual(told(5, 30), []);
  t.deepEqual(told(30, 70), ['B01 is silent, last heard 70 min ago']);
  t.deepEqual(told(70, 80), []);
  t.deepEqual(told(70, 5), ['B01 reports']);
  t.deepEqual(told(30, 5), []);
  t.deepEqual(told(undefined, 5), ['B01 reports']);
  t.deepEqual(told(-1, 5), ['B01 reports']);
  t.deepEqual(told(undefined, undefined), []);
  const later = { ...heard(5), now: now + 3 * 3_600_000 };
  t.is(changes(heard(5), later).length, 1, 'time alone makes it silent');
});
