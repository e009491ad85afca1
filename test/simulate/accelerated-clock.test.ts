import test from 'ava';
import { acceleratedClock } from '../../src/simulate/accelerated-clock.ts';

test('begins at its start and runs at its speed', (t) => {
  let real = 5000;
  const clock = acceleratedClock({ start: 1_000_000, speed: 3600, now: () => real });
  t.is(clock(), 1_000_000);
  real += 1000;
  t.is(clock(), 1_000_000 + 3_600_000);
  t.is(clock(), 1_000_000 + 3_600_000);
});

test('refuses to stand still or run back', (t) => {
  for (const speed of [0, -1, Number.NaN])
    t.throws(() => acceleratedClock({ start: 0, speed, now: () => 0 }), { message: /^speed (0|-1|NaN): / });
});
