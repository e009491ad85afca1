import test from 'ava';
import fc from 'fast-check';
import { epochBoundary, observationTime } from '../../src/ingest/observation-time.ts';

const latest = Date.parse('2100-01-01T00:00:00Z');
const instant = fc.integer({ min: 0, max: latest - 1 });

test('every instant, written in any zone, is read back', (t) => {
  const minutes = fc.integer({ min: -1439, max: 1439 });
  fc.assert(
    fc.property(
      instant,
      minutes,
      fc.constantFrom('T', 't', ' '),
      fc.boolean(),
      (ms, offset, between, colon) => {
        const local = new Date(ms + offset * 60_000).toISOString();
        if (local.length !== 24) return;
        const size = Math.abs(offset);
        const digits = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0'));
        const zone = (offset < 0 ? '-' : '+') + digits.join(colon ? ':' : '');
        t.is(observationTime(local.slice(0, 10) + between + local.slice(11, 23) + zone), ms);
      },
    ),
  );
});

test('it agrees with Date.parse on what both read', (t) => {
  for (const text of [
    '2024-02-29T23:59:59Z',
    '2023-06-01T12:30Z',
    '1999-12-31T23:59:59.5Z',
    '2020-01-01T00:00:00+05:30',
  ])
    t.is(observationTime(text), Date.parse(text), text);
});

test('what is no such time is refused', (t) => {
  for (const text of [
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-00-10T00:00:00Z',
    '2023-01-00T00:00:00Z',
    '2023-04-31T00:00:00Z',
    '2023-01-01T24:00:00Z',
    '2023-01-01T23:60:00Z',
    '2023-01-01T23:59:60Z',
    '2023-01-01',
    '2023-01-01T00Z',
    '23-01-01T00:00:00Z',
    '2023-01-01T00:00:00+24:00',
    '2023-01-01T00:00:00 Z',
    '2100-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '',
    ' ',
    'now',
    '0x10',
    '1e9',
    null,
    undefined,
    true,
    {},
    [],
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    1e18,
  ])
    t.is(observationTime(text), undefined, String(text));
});

test('a time without a zone is refused unless UTC is assumed', (t) => {
  t.is(observationTime('2023-01-01T00:00:00'), undefined);
  t.is(observationTime('2023-01-01 00:00:00', 'iso', true), Date.UTC(2023, 0, 1));
});

test('seconds and milliseconds since the epoch are told apart by their size, or by the format', (t) => {
  t.is(observationTime(1_700_000_000), 1_700_000_000_000);
  t.is(observationTime(1_700_000_000_123), 1_700_000_000_123);
  t.is(observationTime(1_700_000_000.25), 1_700_000_000_250);
  t.is(observationTime(epochBoundary), epochBoundary);
  t.is(observationTime(epochBoundary - 1), undefined, 'the year 5138');
  t.is(observationTime(1_700_000_000, 'epoch-ms'), 1_700_000_000);
  t.is(observationTime('1700000000', 'epoch-s'), 1_700_000_000_000);
  t.is(observationTime('2023-01-01T00:00:00Z', 'epoch-s'), undefined);
  t.is(observationTime(1_700_000_000, 'iso'), undefined);
});

test('text of digits is not an epoch unless the format says so', (t) => {
  t.is(observationTime('1700000000'), undefined);
});
