import test from 'ava';
import fc from 'fast-check';
import type { Reading } from '../../src/ingest/reading.ts';
import { encodeLine } from '../../src/store/line-protocol.ts';
import { readingText } from '../../src/store/reading-text.ts';
import { readingLine, refusalOf } from '../../src/store/schema.ts';
import { reading } from './points.ts';

const name = fc.oneof(
  fc.constantFrom('B01', 'exo 1', 'a,b=c', '', 'end\\', 'line\nbreak', '\ud800', 'ü', 'x'.repeat(256)),
  fc.string({ maxLength: 4 }),
);
const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1e21, 5e-324, NaN, Infinity));
const time = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double());
const anyReading: fc.Arbitrary<Reading> = fc
  .record({
    station: name,
    sensor: name,
    variable: name,
    value: number,
    time,
    receivedAt: time,
    flag: fc.constantFrom(1, 2, 3, 4, 9),
    failed: fc.subarray(['grossRange', 'spike', 'rateOfChange', 'say "no"']),
    revision: fc.constantFrom('first', 'correction', 'flagged'),
    lateOnly: fc.boolean(),
  })
  .map((change) => reading(change as Partial<Reading>));

test('the short way writes what the long way writes, and what is refused goes the long way', (t) => {
  let short = 0;
  fc.assert(
    fc.property(anyReading, (given) => {
      const text = readingText(given);
      const refused = refusalOf(given) !== undefined;
      if (text !== undefined) short++;
      return text === undefined
        ? refused || given.failed.includes('say "no"')
        : !refused && text === encodeLine(readingLine(given));
    }),
    { numRuns: 5000 },
  );
  t.true(short > 100, `${short} went the short way`);
});
