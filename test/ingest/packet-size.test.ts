import test from 'ava';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { packetSizeGuard } from '../../src/ingest/packet-size.ts';

const publish = (size: number) =>
  generate({ cmd: 'publish', topic: 'a', payload: Buffer.alloc(size), qos: 0, dup: false, retain: false });
const remaining = (size: number) => 3 + size;

function pass(bytes: Buffer, cuts: readonly number[], maximum: number): boolean {
  const within = packetSizeGuard(maximum);
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).every((end, at) => within(bytes.subarray(places[at], end)));
}

test('packets pass exactly while none is too large, however the bytes are cut', (t) => {
  const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.integer({ min: 100, max: 400 }),
      (all, cuts, maximum) => {
        const bytes = Buffer.concat(all.map(publish));
        t.is(
          pass(bytes, cuts, maximum),
          all.every((size) => remaining(size) <= maximum),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('a length that does not end is refused', (t) => {
  t.false(packetSizeGuard(1_000_000)(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x80])));
});
