import test from 'ava';
import { forwardTicks } from '../../src/stream/forward-ticks.ts';
import { draw } from './drawing.ts';
import { reading, tick } from './events.ts';

test('ticks that run backward are dropped, and nothing else', (t) => {
  draw(t, {
    operator: forwardTicks({}),
    input: ' a-b-c-d-e',
    output: 'a-b---d-e',
    events: { a: tick(10), b: tick(10), c: tick(9), d: reading(1, 1), e: tick(11) },
  });
});
