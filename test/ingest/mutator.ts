import type { Format } from '../../src/ingest/format.ts';

/** Messages as faulty links, faulty software and hostile people make them, from a seed. */

/** One of each kind that a decoder knows. */
export const formats: readonly Format[] = [
  { topic: 'native/{station}', payload: 'native' },
  { topic: 'presence/{station}', payload: 'presence' },
  {
    topic: 'mapped',
    payload: 'mapped',
    mapping: {
      records: '/rows',
      station: '/id',
      time: '/ts',
      sequence: '/n',
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
];

export const seeds: readonly (readonly [topic: string, payload: string])[] = [
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
    '{"station":"b1","sequence":7,"readings":[{"time":"2026-05-01T12:00:00+02:00","values":[{"variable":"chlorophyll","value":1}]}]}',
  ],
  [
    'mapped',
    '{"id":"b1","rows":[{"ts":"2026-05-01T12:00:00Z","chl":"3.5","m":[68]},{"ts":1777636800,"n":2,"chl":null}]}',
  ],
  ['csv/b1', '2026-05-01T12:00:00Z,3.25,20\n"2026-05-01T12:10:00Z","3.5",NaN\n'],
  ['presence/b1', '{"state":"online"}'],
];

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
    Buffer.concat([bytes.subarray(0, at), Buffer.from(tokens[what % tokens.length]!), bytes.subarray(at)]),
  (bytes, at, what) =>
    Buffer.concat([
      bytes.subarray(0, at),
      bytes.subarray(Math.max(0, at - (what % 20)), at),
      bytes.subarray(at),
    ]),
  (bytes, at, what) => {
    const [, other] = seeds[what % seeds.length]!;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(other).subarray(at)]);
  },
];

export interface Mutant {
  readonly topic: string;
  readonly payload: Buffer;
}

/** One in eight has a mutated topic too. */
export function* mutants(seed: number, count: number): Generator<Mutant> {
  const random = mulberry(seed);
  const mutate = (bytes: Buffer) =>
    mutations[random() % mutations.length]!(bytes, random() % (bytes.length + 1), random());
  for (let run = 0; run < count; run++) {
    const [topic, text] = seeds[random() % seeds.length]!;
    let payload: Buffer = Buffer.from(text);
    for (let times = 1 + (random() % 3); times > 0; times--) payload = mutate(payload);
    yield { topic: random() % 8 === 0 ? mutate(Buffer.from(topic)).toString() : topic, payload };
  }
}

/** Whether a value stands in the payload, as it is or in degrees Fahrenheit. */
export function standsIn(value: number, payload: Uint8Array): boolean {
  const numbers =
    Buffer.from(payload)
      .toString('latin1')
      .match(/[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/g) ?? [];
  const near = (other: number) => Math.abs(other - value) <= 1e-9 * Math.max(1, Math.abs(value));
  return numbers.some((text) => near(Number(text)) || near(((Number(text) - 32) * 5) / 9));
}

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
