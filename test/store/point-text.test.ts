import test from 'ava';
import fc from 'fast-check';
import type { Reading } from '../../src/ingest/reading.ts';
import { encodeLine } from '../../src/store/line-protocol.ts';
import { readingText, stepText } from '../../src/store/point-text.ts';
import { linesOf, refusalOf } from '../../src/store/schema.ts';
import type { Step } from '../../src/stream/step.ts';
import { reading, step } from './points.ts';

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constant('B01') },
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

test('readings: the short way writes what the long way writes, and what is refused goes the long way', (t) => {
  let short = 0;
  fc.assert(
    fc.property(anyReading, (given) => {
      const text = readingText(given);
      const refused = refusalOf(given) !== undefined;
      if (text !== undefined) short++;
      return text === undefined
        ? refused || given.failed.includes('say "no"')
        : !refused && text === encodeLine(linesOf(given)[0]!);
    }),
    { numRuns: 5000 },
  );
  t.true(short > 100, `${short} went the short way`);
});

const anyStep: fc.Arbitrary<Step> = fc
  .record({
    station: name,
    sensor: name,
    variable: name,
    start: fc.oneof({ weight: 3, arbitrary: fc.nat() }, time),
    length: fc.constantFrom(600_000, 0.5),
    count: fc.nat(3),
    coverage: fc.constantFrom(0, 0.25, 1),
    mean: number,
    minimum: number,
    maximum: number,
    deviation: number,
    flag: fc.constantFrom(1, 2, 3, 4, 9),
    revision: fc.nat(3),
  })
  .map((change) => step(change as Partial<Step>));

test('steps: the short way writes what the long way writes, and empty or refused ones go the long way', (t) => {
  let short = 0;
  fc.assert(
    fc.property(anyStep, (given) => {
      const text = stepText(given);
      if (text === undefined) return given.count === 0 || refusalOf(given) !== undefined || overflows(given);
      short++;
      return refusalOf(given) === undefined && text === encodeLine(linesOf(given)[0]!);
    }),
    { numRuns: 5000 },
  );
  t.true(short > 100, `${short} went the short way`);
});

const overflows = ({ coverage, mean, minimum, maximum, deviation }: Step) =>
  !Number.isFinite(coverage + mean + minimum + maximum + deviation);
