import test from 'ava';
import fc from 'fast-check';
import { decodeBlock, encodeBlock, encodedLength, JournalDamaged } from '../../src/ingest/journal-codec.ts';
import type { Entry } from '../../src/ingest/journal-record.ts';

const time = fc.double({ noNaN: true });
const text = fc.string({ unit: 'grapheme' });
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    kind: fc.constant('message' as const),
    topic: text,
    payload: fc.uint8Array(),
    receivedAt: time,
  }),
  fc.record({ kind: fc.constant('tick' as const), time }),
  fc.record({ kind: fc.constant('model' as const), time, id: text }),
  fc.record({ kind: fc.constantFrom('configuration' as const, 'command' as const), time, text }),
);
const block = fc.record({
  first: fc.integer({ min: 1, max: 2 ** 47 }),
  entries: fc.array(entry, { minLength: 1, maxLength: 8 }),
});

test('a block gives its entries back, numbered', (t) => {
  fc.assert(
    fc.property(block, ({ first, entries }) => {
      const records = decodeBlock(first, encodeBlock(first, entries));
      t.deepEqual(
        records.map((record) => ('payload' in record ? { ...record, payload: [...record.payload] } : record)),
        entries.map((one, at) => ({
          ...one,
          ...('payload' in one && { payload: [...one.payload] }),
          sequence: first + at,
        })) as never,
      );
    }),
  );
});

test('the length is known before encoding', (t) => {
  fc.assert(
    fc.property(block, ({ first, entries }) => {
      const sum = entries.reduce((bytes, one) => bytes + encodedLength(one), 0);
      t.is(encodeBlock(first, entries).length, sum);
    }),
  );
});

test('a flipped bit, a cut and an added byte are refused at every place', (t) => {
  const entries: Entry[] = [
    {
      kind: 'message',
      topic: 'buoys/b1/telemetry',
      payload: Buffer.from('{"value":3.25}'),
      receivedAt: 1.5e12,
    },
    { kind: 'tick', time: 1.5e12 },
    { kind: 'configuration', time: 1.5e12, text: '{}' },
  ];
  const good = encodeBlock(7, entries);
  for (let at = 0; at < good.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1 << bit;
      t.throws(() => decodeBlock(7, bad), { instanceOf: JournalDamaged, message: /journal record (7|8|9)/ });
    }
    t.throws(() => decodeBlock(7, good.subarray(0, at)), { instanceOf: JournalDamaged });
  }
  t.throws(() => decodeBlock(7, Buffer.concat([good, Buffer.of(0)])), { instanceOf: JournalDamaged });
});

test('a block in the place of another is refused', (t) => {
  const one = encodeBlock(7, [{ kind: 'tick', time: 1 }]);
  t.throws(() => decodeBlock(8, one), { message: /record 8 .* another record is in its place/ });
});
