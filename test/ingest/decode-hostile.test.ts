import test from 'ava';
import fc from 'fast-check';
import { type Decoded, decoder } from '../../src/ingest/decode.ts';
import { stationCatalog } from '../../src/ingest/stations.ts';
import { formats, mutants, seeds, standsIn } from './mutator.ts';

const variables = { chlorophyll: { unit: 'ug/L' }, waterTemperature: { unit: 'degC' } };
const limits = { payload: 4096, depth: 8, values: 50 };
const decode = decoder({ formats, stations: stationCatalog([{ id: 'b1' }], 'accept'), variables, limits });

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

test('20,000 mutated messages over all formats: never thrown, accounted for, and no value that is not there', (t) => {
  const outcomes = { readings: 0, rejections: 0 };
  for (const { topic, payload } of mutants(20_260_501, 20_000)) {
    const answer = decode({ topic, payload, receivedAt: 0 });
    const found = fault(answer);
    if (found) t.fail(`${topic}, ${payload.toString('latin1')}: ${found}`);
    for (const one of answer) {
      if (one.kind === 'reading') outcomes.readings++;
      if (one.kind === 'rejection') outcomes.rejections++;
      if (one.kind === 'reading' && !standsIn(one.value, payload))
        t.fail(`${payload.toString('latin1')}: ${one.value}`);
    }
  }
  // Both sides are reached, or the mutations would prove nothing.
  t.true(outcomes.readings > 4000 && outcomes.rejections > 4000, JSON.stringify(outcomes));
});

test('the same payload gives the same answer', (t) => {
  for (const [topic, text] of seeds) {
    const message = { topic, payload: bytesOf(text), receivedAt: 0 };
    t.deepEqual(decode(message), decode(message));
    t.true(
      decode(message).every(({ kind }) => kind !== 'rejection'),
      text,
    );
  }
});
