import test from 'ava';
import fc from 'fast-check';
import { type Decoded, decoder } from '../../src/ingest/decode.ts';
import { stationCatalog } from '../../src/ingest/stations.ts';

const variables = { chlorophyll: { unit: 'ug/L' }, waterTemperature: { unit: 'degC' } };
const limits = { payload: 4096, depth: 8, values: 50 };
const decode = decoder({
  formats: [
    { topic: 'native/{station}', payload: 'native' },
    {
      topic: 'mapped',
      payload: 'mapped',
      mapping: {
        records: '/rows',
        station: '/id',
        time: '/ts',
        values: { chlorophyll: '/chl', waterTemperature: { at: '/m/0', unit: 'degF' } },
      },
    },
    {
      topic: 'csv/{station}',
      payload: 'csv',
      mapping: {
        columns: ['t', 'chl', 'temp'],
        time: 't',
        values: { chlorophyll: 'chl', waterTemperature: 'temp' },
      },
    },
  ],
  stations: stationCatalog([{ id: 'b1' }], 'accept'),
  variables,
  limits,
});

const seeds: readonly (readonly [topic: string, payload: string])[] = [
  [
    'native/b1',
    '{"time":"2026-05-01T12:00:00Z","values":{"chlorophyll":3.25,"waterTemperature":{"value":68,"unit":"degF"}}}',
  ],
  [
    'native/b1',
    '[{"time":1777636800,"variable":"chlorophyll","value":-1e-3,"sensor":"a"},{"time":1777636800000,"variable":"waterTemperature","value":4}]',
  ],
  [
    'native/b1',
    '{"station":"b1","readings":[{"time":"2026-05-01T12:00:00+02:00","values":[{"variable":"chlorophyll","value":1}]}]}',
  ],
  [
    'mapped',
    '{"id":"b1","rows":[{"ts":"2026-05-01T12:00:00Z","chl":"3.5","m":[68]},{"ts":1777636800,"chl":null}]}',
  ],
  ['csv/b1', '2026-05-01T12:00:00Z,3.25,20\n"2026-05-01T12:10:00Z","3.5",NaN\n'],
];

/** What must hold of any answer: nothing half-checked gets through, and nothing is lost without a word. */
function fault(answer: readonly Decoded[]): string | undefined {
  for (const one of answer) {
    if (one.kind === 'contact' || one.kind === 'numbered') continue;
    if (one.kind === 'rejection') {
      if (!(one.values >= 1) || one.detail.length > 1000)
        return `rejection of ${one.values}: ${one.detail.length}`;
    } else if (!Number.isFinite(one.value) || !Object.hasOwn(variables, one.variable))
      return `value ${one.value}`;
    else if (!(one.time >= 0 && one.time < 4_102_444_800_000)) return `time ${one.time}`;
    else if (!/^[^\p{Cc}\p{Cs}/+#]{1,128}$/u.test(one.station) || one.sensor.length > 128) return one.station;
  }
  return answer.length > limits.values ? `${answer.length} values` : undefined;
}

const bytesOf = (text: string) => Buffer.from(text);
const topics = fc.oneof(fc.constantFrom(...seeds.map(([topic]) => topic)), fc.string({ unit: 'binary' }));

test('any bytes on any topic: never thrown, always accounted for', (t) => {
  fc.assert(
    fc.property(topics, fc.uint8Array({ maxLength: 200 }), (topic, payload) => {
      t.is(fault(decode({ topic, payload, receivedAt: 0 })), undefined);
    }),
    { numRuns: 5000 },
  );
});

test('any JSON: never thrown, always accounted for', (t) => {
  fc.assert(
    fc.property(topics, fc.json({ maxDepth: 6 }), (topic, body) => {
      const answer = decode({ topic, payload: bytesOf(body), receivedAt: 0 });
      t.is(fault(answer), undefined);
    }),
    { numRuns: 3000 },
  );
});

/** Mutations as faulty links and faulty software make them. */
type Mutation = (bytes: Buffer, at: number, what: number) => Buffer;
const tokens = [
  'null',
  '1e999',
  '-0',
  '"',
  '{',
  '[',
  '\\u0000',
  'NaN',
  '9'.repeat(40),
  '"__proto__":',
  ',',
  '\ud800',
  '%',
];
const mutations: readonly Mutation[] = [
  (bytes, at, what) =>
    bytes.length ? Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ (1 << (what % 8)) : byte))) : bytes,
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, what) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + (what % 9))]),
  (bytes, at, what) =>
    Buffer.concat([bytes.subarray(0, at), bytesOf(tokens[what % tokens.length]!), bytes.subarray(at)]),
  (bytes, at, what) =>
    Buffer.concat([
      bytes.subarray(0, at),
      bytes.subarray(Math.max(0, at - (what % 20)), at),
      bytes.subarray(at),
    ]),
  (bytes, at, what) => {
    const [, other] = seeds[what % seeds.length]!;
    return Buffer.concat([bytes.subarray(0, at), bytesOf(other).subarray(at)]);
  },
];

test('20,000 mutated payloads over all formats: never thrown, always accounted for', (t) => {
  const random = mulberry(20_260_501);
  const outcomes = { readings: 0, rejections: 0 };
  for (let run = 0; run < 20_000; run++) {
    const [topic, text] = seeds[random() % seeds.length]!;
    let payload: Buffer = bytesOf(text);
    for (let times = 1 + (random() % 3); times > 0; times--)
      payload = mutations[random() % mutations.length]!(payload, random() % (payload.length + 1), random());
    const answer = decode({ topic, payload, receivedAt: 0 });
    const found = fault(answer);
    if (found) t.fail(`run ${run}, ${topic}, ${payload.toString('latin1')}: ${found}`);
    for (const { kind } of answer) outcomes[kind === 'reading' ? 'readings' : 'rejections']++;
  }
  // Both sides are reached, or the mutations would prove nothing.
  t.true(outcomes.readings > 5000 && outcomes.rejections > 5000, JSON.stringify(outcomes));
});

test('the same payload gives the same answer', (t) => {
  for (const [topic, text] of seeds) {
    const message = { topic, payload: bytesOf(text), receivedAt: 0 };
    t.deepEqual(decode(message), decode(message));
    t.true(
      decode(message).every(({ kind }) => kind === 'reading'),
      text,
    );
  }
});

/** Mulberry32, public domain: small integers from a seed. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return (x ^ (x >>> 14)) >>> 0;
  };
}
