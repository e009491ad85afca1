import test from 'ava';
import { type Decoded, type DecoderOptions, decode, decoder } from '../../src/ingest/decode.ts';
import type { Format } from '../../src/ingest/format.ts';
import { stationCatalog } from '../../src/ingest/stations.ts';

const stations = [
  {
    id: 'b1',
    sensors: [
      { id: 'optode-2m', variable: 'dissolvedOxygen' },
      { id: 'optode-9m', variable: 'dissolvedOxygen' },
    ],
  },
  { id: 'b2', sensors: [{ id: 'thermistor', variable: 'waterTemperature', unit: 'degF' }] },
];
const variables = {
  chlorophyll: { unit: 'ug/L' },
  dissolvedOxygen: { unit: 'mg/L' },
  waterTemperature: { unit: 'degC' },
};
const at = '2026-05-01T12:00:00Z';
const time = Date.parse(at);

const options = (format: Format, unknown: 'quarantine' | 'accept' = 'quarantine'): DecoderOptions => ({
  formats: [format],
  stations: stationCatalog(stations, unknown),
  variables,
});
const native = options({ topic: 'buoys/{station}/telemetry', payload: 'native' });

function decoded(body: unknown, using = native, topic = 'buoys/b1/telemetry') {
  const payload = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return decode({ topic, payload, receivedAt: 99 }, using);
}

/** Readings, rejections and numbers in short: `station sensor variable value`, `reason: detail`, `station #stream number`. */
const short = (...given: Parameters<typeof decoded>) => decoded(...given).flatMap(inShort);

function inShort(one: Decoded): string[] {
  if (one.kind === 'contact') return [];
  if (one.kind === 'rejection') return [`${one.reason}: ${one.detail}`];
  if (one.kind === 'numbered') return [`${one.station} #${one.stream} ${one.number}`];
  return [`${one.station} ${one.sensor} ${one.variable} ${Number(one.value.toPrecision(12))}`];
}

test('native: one value', (t) => {
  t.deepEqual(decoded({ time: at, variable: 'chlorophyll', value: 3.25 }), [
    {
      kind: 'reading',
      station: 'b1',
      sensor: 'default',
      variable: 'chlorophyll',
      time,
      value: 3.25,
      receivedAt: 99,
      flag: 2,
      failed: [],
      revision: 'first',
      lateOnly: false,
    },
  ]);
});

test('native: several variables, with unit and sensor where they are said', (t) => {
  const values = {
    chlorophyll: 3.25,
    waterTemperature: { value: 68, unit: 'degF' },
    dissolvedOxygen: { value: 250, unit: 'umol/L', sensor: 'optode-9m' },
  };
  t.deepEqual(short({ station: 'b1', time: time / 1000, values, sequence: 12, battery: 12.1 }), [
    'b1 default chlorophyll 3.25',
    'b1 default waterTemperature 20',
    'b1 optode-9m dissolvedOxygen 7.9995',
    'b1 # 12',
  ]);
});

test('fluorescence becomes a concentration by the relation of its sensor; what has a unit of its own keeps it', (t) => {
  const relation = { from: 'RFU', slope: 4, intercept: -0.5 };
  const catalog = stationCatalog(
    [{ id: 'b1', sensors: [{ id: 'f', variable: 'chlorophyll', relation }] }],
    'accept',
  );
  const using = { ...native, stations: catalog };
  const told = (value: unknown, topic?: string) => {
    const [one] = decoded({ time: at, values: { chlorophyll: value } }, using, topic);
    return one?.kind === 'reading' ? one.value : one?.kind === 'rejection' ? one.reason : one?.kind;
  };
  t.is(told(2), 7.5);
  t.is(told({ value: 2, unit: 'FFU' }), 7.5);
  t.is(told({ value: 2, unit: 'ug/L' }), 2);
  t.is(told({ value: 2, unit: 'mg/L' }), 2000);
  t.is(told({ value: 2, unit: 'NTU' }), 'bad-unit');
  t.is(told({ value: 2, unit: 'RFU' }, 'buoys/b9/telemetry'), 'bad-unit');
});

test('native: sensors side by side, and the first of the list where none is named', (t) => {
  const values = [
    { variable: 'dissolvedOxygen', value: 8 },
    { variable: 'dissolvedOxygen', sensor: 'optode-9m', value: 6 },
    { variable: 'dissolvedOxygen', sensor: 'optode-9m', value: 5, time: '2026-05-01T12:10:00Z' },
  ];
  t.deepEqual(short({ time: at, values }), [
    'b1 optode-2m dissolvedOxygen 8',
    'b1 optode-9m dissolvedOxygen 6',
    'b1 optode-9m dissolvedOxygen 5',
  ]);
  t.is((decoded({ time: at, values })[2] as { time: number }).time, time + 600_000);
});

test("native: a sensor's own unit holds where the payload says none", (t) => {
  const at2 = (values: unknown) => short({ time: at, values }, native, 'buoys/b2/telemetry');
  t.deepEqual(at2({ waterTemperature: 68 }), ['b2 thermistor waterTemperature 20']);
  t.deepEqual(at2({ waterTemperature: { value: 20, unit: 'degC' } }), ['b2 thermistor waterTemperature 20']);
  t.deepEqual(at2({ waterTemperature: { value: 20, sensor: 'other' } }), ['b2 other waterTemperature 20']);
});

test('native: batches, as an array and with what they share', (t) => {
  const records = [1, 2].map((value) => ({ time: at, variable: 'chlorophyll', value }));
  const expected = ['b1 default chlorophyll 1', 'b1 default chlorophyll 2'];
  t.deepEqual(short(records), expected);
  t.deepEqual(short({ station: 'b1', readings: records }), expected);
  const shared = { station: 'b1', time: at, sensor: 's', readings: [{ variable: 'chlorophyll', value: 1 }] };
  t.deepEqual(short(shared), ['b1 s chlorophyll 1']);
  t.deepEqual(short([]), []);
});

test('native: null is no value; everything else that is no number is refused', (t) => {
  t.deepEqual(short({ time: at, values: { chlorophyll: null } }), []);
  for (const value of ['"3"', 'true', '[]', '{}', '1e999', '""'])
    t.regex(
      short(`{"time":"${at}","variable":"chlorophyll","value":${value}}`).join(),
      /^bad-value: payload: .* is not a finite/,
      value,
    );
  t.regex(
    short({ time: at, values: { chlorophyll: {} } }).join(),
    /^bad-value: \/values\/chlorophyll: undefined/,
  );
});

test('native: each fault has its reason and place, and does not take the others with it', (t) => {
  const good = { time: at, variable: 'chlorophyll', value: 1 };
  const faults = [
    [{ ...good, time: 'yesterday' }, 'bad-time: /1: "yesterday" is no time with a zone'],
    [{ ...good, time: '2026-05-01T12:00:00' }, 'bad-time: /1: "2026-05-01T12:00:00" is no time with a zone'],
    [{ variable: 'chlorophyll', value: 1 }, 'bad-time: /1: undefined is no time with a zone'],
    [
      { ...good, variable: 'constructor' },
      'unknown-variable: /1: "constructor" is not in the table of variables',
    ],
    [{ ...good, unit: 'RFU' }, 'bad-unit: /1: cannot convert "RFU" to ug/L'],
    [{ ...good, unit: 5 }, 'bad-unit: /1: cannot convert 5 to ug/L'],
    [{ ...good, sensor: 'a/b' }, 'bad-value: /1: "a/b" cannot name a sensor'],
    [{ ...good, station: 'b2' }, 'unknown-station: /1/station: "b2", but the topic or the batch says "b1"'],
    [{ time: at }, 'undecodable: /1: has neither a variable nor values'],
    [7, 'undecodable: /1: 7 is not an object'],
  ] as const;
  for (const [fault, expected] of faults)
    t.deepEqual(short([good, fault, good]), [
      'b1 default chlorophyll 1',
      expected,
      'b1 default chlorophyll 1',
    ]);
});

test('a station that is not listed is quarantined, or accepted where that is allowed', (t) => {
  const body = { time: at, variable: 'chlorophyll', value: 1 };
  t.deepEqual(short(body, native, 'buoys/b9/telemetry'), [
    'unknown-station: payload: "b9" is not in the list of stations',
  ]);
  const open = options(native.formats[0]!, 'accept');
  t.deepEqual(short(body, open, 'buoys/b9/telemetry'), ['b9 default chlorophyll 1']);
  const anywhere = options({ topic: 'in/#', payload: 'native' }, 'accept');
  t.deepEqual(short({ ...body, station: 'b9' }, anywhere, 'in/x/y'), ['b9 default chlorophyll 1']);
  t.deepEqual(short(body, anywhere, 'in'), ['unknown-station: payload: no station is named']);
  for (const station of ['', 'a/b', 'a\nb', 'x'.repeat(129), 5])
    t.regex(
      short({ ...body, station }, anywhere, 'in').join(),
      /^unknown-station: payload: .* cannot name a station/,
    );
});

test('what is no JSON, no UTF-8, too deep, too large or on no topic is one rejection', (t) => {
  const one = (payload: Buffer | string, topic = 'buoys/b1/telemetry', using = native) => {
    const all = decode({ topic, payload: Buffer.from(payload), receivedAt: 0 }, using);
    const result = all.filter(({ kind }) => kind !== 'contact');
    t.is(result.length, 1);
    const [only] = result;
    return only!.kind === 'rejection' ? `${only.reason}: ${only.detail} (${only.values})` : 'reading';
  };
  t.regex(one('{'), /^undecodable: not JSON: .*\(1\)$/);
  t.regex(one(''), /^undecodable: not JSON/);
  t.regex(one(Buffer.from([0x22, 0xff, 0x22])), /^undecodable: not JSON/);
  t.regex(one('"text"'), /^undecodable: "text": expected an object/);
  t.regex(one('['.repeat(17) + ']'.repeat(17)), /^too-large: nested deeper than 16/);
  t.regex(one('['.repeat(200_000)), /^too-large: nested/);
  t.regex(one('x'.repeat(262_145)), /^too-large: 262145 bytes, at most 262144/);
  t.regex(one('{}', 'elsewhere'), /^unknown-topic: no format is configured for the topic "elsewhere"/);
  const values = JSON.stringify({ time: at, values: Array(11).fill({ variable: 'chlorophyll', value: 1 }) });
  t.is(
    one(values, undefined, { ...native, limits: { values: 10 } }),
    'too-large: 11 values, at most 10 are read (11)',
  );
  t.regex(
    one('"\\"[[[[[[[[[[[[[[[[[["'),
    /^undecodable: .*: expected an object/,
    'brackets in text do not nest',
  );
});

const gateway = options({
  topic: 'gw/+/up',
  payload: 'mapped',
  mapping: {
    records: '/data/rows',
    station: '/device/id',
    time: '/ts',
    timeFormat: 'epoch-s',
    values: {
      chlorophyll: '/m/chl~1fluor',
      dissolvedOxygen: [
        { at: '/m/o2/0', unit: 'umol/L', sensor: 'optode-2m' },
        { at: '/m/o2/1', unit: 'umol/L', sensor: 'optode-9m' },
      ],
      waterTemperature: { at: '/m/t', unit: 'degF' },
    },
    missing: ['', 'NaN', -9999],
  },
});

test("a gateway's JSON by mapping: records, pointers, units, sensors, the station at the top", (t) => {
  const body = {
    device: { id: 'b1' },
    data: {
      rows: [
        { ts: time / 1000, m: { 'chl/fluor': '3.25', o2: [250, 125], t: 68 } },
        { ts: time / 1000, m: { 'chl/fluor': 'NaN', o2: [-9999], t: null } },
        { ts: 'x', m: { t: '0x10' } },
        5,
      ],
    },
  };
  t.deepEqual(short(body, gateway, 'gw/7/up'), [
    'b1 default chlorophyll 3.25',
    'b1 optode-2m dissolvedOxygen 7.9995',
    'b1 optode-9m dissolvedOxygen 3.99975',
    'b1 default waterTemperature 20',
    'bad-time: /data/rows/2/m/t: "x" is no time with a zone',
    'undecodable: /data/rows/3: 5 is not an object or array',
  ]);
  t.deepEqual(short({ data: {} }, gateway, 'gw/7/up'), [
    'undecodable: /data/rows: undefined is not an array',
  ]);
});

test('text stands for a number only where it is a plain decimal', (t) => {
  const mapped = options({
    topic: 'gw',
    payload: 'mapped',
    mapping: { station: '/s', time: '/t', values: { chlorophyll: '/v' } },
  });
  const value = (v: unknown) => short({ s: 'b1', t: at, v }, mapped, 'gw')[0];
  for (const [text, number] of [
    ['3', 3],
    ['-.5', -0.5],
    ['1.', 1],
    ['+2e-3', 0.002],
    [' 4 ', 4],
  ] as const)
    t.is(value(text), `b1 default chlorophyll ${number}`);
  for (const text of ['0x10', '1,5', '1e999', 'Infinity', '1 2', 'e5', '.', '--1', '1_000', true, []])
    t.regex(value(text)!, /^bad-value/, String(text));
});

test('rows by mapping: columns, missing markers, numbers of rows', (t) => {
  const csv = options({
    topic: 'csv/{station}',
    payload: 'csv',
    mapping: {
      columns: ['when', 'chl', 'temp'],
      time: 'when',
      assumeUtc: true,
      values: { chlorophyll: 'chl', waterTemperature: { at: 'temp', unit: 'degF' } },
      missing: ['MM', -9999],
    },
  });
  const rows = [
    '2026-05-01 12:00:00,3.25,68',
    '"2026-05-01T12:00:00Z", MM ,-9999.0',
    '',
    'never,1,NaN',
    'one cell',
  ].join('\r\n');
  t.deepEqual(short(rows, csv, 'csv/b1'), [
    'b1 default chlorophyll 3.25',
    'b1 default waterTemperature 20',
    'bad-time: row 4, chl: "never" is no time with a zone',
    'bad-time: row 4, temp: "never" is no time with a zone',
    'undecodable: row 5: 1 cells, expected 3',
  ]);
});

test('the first format whose topic matches decides', (t) => {
  const both = decoder({
    ...native,
    formats: [
      { topic: 'a/{station}', payload: 'native' },
      { topic: 'a/#', payload: 'csv', mapping: { columns: ['t'], time: 't', values: {} } },
    ],
  });
  t.is(
    both({
      topic: 'a/b1',
      payload: Buffer.from(JSON.stringify({ time: at, variable: 'chlorophyll', value: 1 })),
      receivedAt: 0,
    })[0]!.kind,
    'reading',
  );
});

test('a mistake in a format is told when it is compiled', (t) => {
  const compile = (format: Format) => () => decoder(options(format));
  t.throws(compile({ topic: 'a/#/b', payload: 'native' }), {
    message: /topic pattern "a\/#\/b": # can only be the last/,
  });
  t.throws(compile({ topic: 'a', payload: 'mapped', mapping: { time: 'ts', values: {} } }), {
    message: /"ts" is no JSON pointer/,
  });
  t.throws(compile({ topic: 'a', payload: 'mapped', mapping: { time: '/~2', values: {} } }), {
    message: /~ must be written ~0/,
  });
  t.throws(compile({ topic: 'a', payload: 'csv', mapping: { columns: ['x'], time: 't', values: {} } }), {
    message: /column "t" is not among the columns: x/,
  });
});

test('numbers: of a message, of each record, by a mapping, and what is none', (t) => {
  const values = { chlorophyll: 1 };
  const batch = {
    sequence: 7,
    readings: [
      { time: at, values, sequence: 70, stream: 'hourly' },
      { time: at, values },
    ],
  };
  t.deepEqual(short(batch), [
    'b1 default chlorophyll 1',
    'b1 #hourly 70',
    'b1 default chlorophyll 1',
    'b1 # 7',
  ]);
  t.deepEqual(short({ time: at, values: {}, sequence: 3 }), ['b1 # 3']);
  t.deepEqual(short({ time: at, values, sequence: null }), ['b1 default chlorophyll 1']);
  for (const sequence of [-1, 1.5, 2 ** 53, '7x', true, []]) {
    const [reading, fault, ...rest] = short({ time: at, values, sequence });
    t.is(reading, 'b1 default chlorophyll 1');
    t.regex(fault!, /^bad-value: \/sequence: .* is no whole number/);
    t.deepEqual(rest, []);
  }
  const json = options({
    topic: 'up',
    payload: 'mapped',
    mapping: { station: '/id', time: '/t', sequence: '/n', stream: '/port', values: { chlorophyll: '/c' } },
  });
  t.deepEqual(short({ id: 'b1', t: at, n: '12', port: 2, c: 1 }, json, 'up'), [
    'b1 default chlorophyll 1',
    'b1 #2 12',
  ]);
  const csv = options({
    topic: 'rows/{station}',
    payload: 'csv',
    mapping: { columns: ['t', 'c', 'n'], time: 't', sequence: 'n', values: { chlorophyll: 'c' } },
  });
  t.deepEqual(short(`${at},1,5\n${at},,6\n${at},3,`, csv, 'rows/b1'), [
    'b1 default chlorophyll 1',
    'b1 # 5',
    'b1 # 6',
    'b1 default chlorophyll 3',
  ]);
});

test('signs of life: what names a station and has no value, and what a presence says', (t) => {
  const life = { kind: 'contact', name: 'b1', online: undefined, receivedAt: 99 };
  t.deepEqual(decoded({ time: at, values: { chlorophyll: null } }), [life]);
  t.like(decoded('{')[1], life);
  t.deepEqual(
    decoded({ time: at, values: { chlorophyll: 1 } }).map(({ kind }) => kind),
    ['reading'],
  );
  const presence = options({ topic: 'gateways/{station}/status', payload: 'presence' });
  const said = (body: unknown) => decoded(body, presence, 'gateways/g1/status');
  for (const body of ['online', ' Connected ', '1', { state: 'ONLINE' }, { online: true }, { status: '1' }])
    t.deepEqual(said(body), [{ ...life, name: 'g1', online: true }]);
  for (const body of ['offline', 'false', { online: 0 }, { status: 'disconnected' }])
    t.deepEqual(said(body), [{ ...life, name: 'g1', online: false }]);
  for (const body of ['', 'maybe', '{', { online: 'perhaps' }, [], { state: {} }])
    t.like(said(body)[0], { kind: 'rejection', reason: 'undecodable' });
});
