import test from 'ava';
import fc from 'fast-check';
import {
  type MovingDigits,
  movingDigits,
  movingMnist,
  reflected,
} from '../../../../src/model/networks/conv-lstm/moving-digits.ts';
import { toPatches } from '../../../../src/model/networks/conv-lstm/patches.ts';

const one: MovingDigits = { ...movingMnist, count: 1, drawn: 20 };
const area = 64 * 64;

test('sequences repeat for their seed, and go on where they were', (t) => {
  const [first, second] = [movingDigits(one), movingDigits(one)];
  const once = first(2);
  t.deepEqual(once, second(2));
  t.notDeepEqual(once, first(2));
  t.notDeepEqual(once, movingDigits({ ...one, seed: 2 })(2));
});

test('a digit moves between 3 and 5 pixels a frame, but for the cut to whole pixels, and never leaves', (t) => {
  const frames = movingDigits(one)(30);
  const brightness = (n: number) => sum(frames.subarray(n * area, (n + 1) * area), () => 1);
  const speeds = Array.from({ length: 30 }, (_, sequence) => {
    const centres = Array.from({ length: 20 }, (_, n) => centre(frames.subarray((sequence * 20 + n) * area)));
    for (let n = 1; n < 20; n++)
      t.true(Math.abs(brightness(sequence * 20 + n) - brightness(sequence * 20)) < 1e-2);
    // Over 4 frames and without a bounce the cut matters little.
    return Math.max(
      ...centres.slice(4).map(([y, x], n) => Math.hypot(y - centres[n]![0], x - centres[n]![1]) / 4),
    );
  });
  t.true(
    speeds.every((speed) => speed < 5.4),
    `${speeds}`,
  );
  t.true(speeds.filter((speed) => speed > 2.6).length > 25, `${speeds}`);
});

test('where digits overlap the brighter one shows', (t) => {
  const frames = movingDigits({ ...movingMnist, count: 8, drawn: 20 })(3);
  t.true(frames.every((value) => value >= 0 && value <= 1));
});

test('a centre is reflected at walls half a digit from the border', (t) => {
  t.is(reflected(53, 14, 50), 47);
  t.is(reflected(10, 14, 50), 18);
  t.is(reflected(14 + 72, 14, 50), 14);
  fc.assert(
    fc.property(fc.double({ min: -1e3, max: 1e3, noNaN: true }), (position) => {
      const at = reflected(position, 14, 50);
      return at >= 14 && at <= 50;
    }),
  );
});

test('squares of pixels become the channels of one place', (t) => {
  const frames = Float32Array.from({ length: 2 * 8 * 8 }, (_, n) => n);
  const patches = toPatches(frames, 8, 4);
  for (let n = 0; n < 2; n++)
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 8; x++) {
        const place = ((n * 2 + Math.floor(y / 4)) * 2 + Math.floor(x / 4)) * 16 + (y % 4) * 4 + (x % 4);
        t.is(patches[place], frames[(n * 8 + y) * 8 + x]);
      }
});

function sum(frame: Float32Array, factor: (n: number) => number): number {
  let total = 0;
  for (let n = 0; n < area; n++) total += frame[n]! * factor(n);
  return total;
}

function centre(frame: Float32Array): [number, number] {
  const whole = sum(frame, () => 1);
  return [sum(frame, (n) => Math.floor(n / 64)) / whole, sum(frame, (n) => n % 64) / whole];
}
