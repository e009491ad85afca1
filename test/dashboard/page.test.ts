import test from 'ava';
import fc from 'fast-check';
import { page } from '../../src/dashboard/page.ts';
import { counts, exampleStatus, now, station } from './example-status.ts';

const textOf = (html: string) =>
  html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

/** Tags and the names of their attributes: what no text may change. */
const skeleton = (html: string) => html.replace(/"[^"]*"/g, '""').replace(/>[^<>]*</g, '><');

test('says what is: alerts, stations, values, forecasts, the edge', (t) => {
  const text = textOf(page(exampleStatus()));
  for (const said of [
    '1 alert firing, 2 of 4 stations reporting',
    'Bloom conditions are forecast at Fish farm north (B03)',
    'firing since 2026-05-02 12:20 UTC',
    'Chlorophyll a µg/L',
    '21.7 &rarr; 28.2',
    'Harbour mouth B01',
    '40 min ago late',
    '3.2 h ago silent',
    'connected, mqtt://127.0.0.1:1883, embedded',
    'lmdb answering, 12 points waiting',
    'lstm-chlorophyll-3f2a, wasm: SIMD, 1 thread',
    '9 quarantined',
    '28 pending',
    'Redtide 0.1.0',
  ])
    t.true(text.includes(said), said);
});

test('an alert at a station that is silent says so', (t) => {
  const [alert] = exampleStatus().alerts;
  t.regex(
    textOf(page(exampleStatus({ alerts: [{ ...alert!, station: 'B04' }] }))),
    /The station is silent\./,
  );
  t.notRegex(textOf(page(exampleStatus())), /The station is/);
});

test('no forecast is shown beside a value that is old', (t) => {
  const text = textOf(page(exampleStatus({ stations: [station('B01', 3.2, 40)] })));
  t.true(text.includes('3.2 7.3 40 min ago'), text);
});

test('why it is not ready is said', (t) => {
  t.regex(
    textOf(page(exampleStatus({ model: undefined }))),
    /Ready no model is loaded, so nothing is forecast/,
  );
});

test('an empty edge has a page too', (t) => {
  const empty = page(exampleStatus({ stations: [], alerts: [], variables: [], unknown: undefined }));
  t.regex(textOf(empty), /No station is configured and none has been heard/);
  t.false(empty.includes('<svg'));
  t.false(/NaN|undefined|Infinity|\[object/.test(empty));
});

test('the map needs two places, and bears stations at one place and over the date line', (t) => {
  const at = (id: string, latitude: number, longitude: number) =>
    station(id, 3, 1, { latitude, longitude, name: id });
  const positions = (...stations: ReturnType<typeof at>[]) =>
    [...page(exampleStatus({ stations })).matchAll(/translate\((\S+) (\S+)\)/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
  t.deepEqual(positions(at('a', 1, 1)), []);
  t.is(positions(at('a', 1, 1), at('b', 1, 1)).length, 2);
  const [west, east] = positions(at('w', -17, 179.9), at('e', -17, -179.9));
  t.true(east![0]! > west![0]! + 100, 'east is to the right');
  const [north, south] = positions(at('n', 2, 1), at('s', 1, 1));
  t.true(north![1]! < south![1]!, 'north is up');
  for (const [x, y] of [west!, east!, north!, south!]) t.true(x! >= 0 && x! <= 1000 && y! >= 0 && y! <= 340);
});

test('no text can add a tag, leave an attribute or reach another server', (t) => {
  const nasty = fc.oneof(
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      '</title><script>',
      '</style><script>',
      '&lt;b&gt;',
      '<!--',
      ']]>',
    ),
    fc.string({ unit: 'binary' }),
  );
  const withText = (text: string) =>
    page(
      exampleStatus({
        version: text,
        source: { state: 'connected', address: text },
        store: { name: text, state: 'stuck', waiting: 1, detail: text },
        model: { id: text, backend: text },
        variables: [{ name: 'chlorophyll', title: text, unit: text }],
        stations: [
          station('B01', 3, 1, { id: `${text}1`, name: `x${text}`, latitude: 1, longitude: 1 }),
          station('B02', 3, 1, {
            id: `${text}2`,
            name: `x${text}`,
            latitude: 2,
            longitude: 1,
            counts: counts(3),
          }),
        ],
        alerts: [
          {
            id: text,
            rule: text,
            area: text,
            station: `${text}1`,
            state: 'firing',
            severity: 'severe',
            onset: now,
            text,
            reason: text,
          },
        ],
      }),
    );
  const plain = skeleton(withText('plain'));
  fc.assert(
    fc.property(nasty, (text) => t.is(skeleton(withText(text)), plain)),
    { numRuns: 200 },
  );
});

test('the page asks nobody for anything', (t) => {
  const html = page(exampleStatus());
  t.notRegex(html, /<(script|link|img|iframe|object|embed|form)\b/);
  t.notRegex(html, /(src|href)="(?!\/(health|ready|metrics)")/);
  t.notRegex(html, /url\(|@import|style="/);
});
