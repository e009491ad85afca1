import test from 'ava';
import { watermark } from '../../src/stream/watermark.ts';
import { draw } from './drawing.ts';
import { mark, reading, tick } from './events.ts';

const operator = watermark({ lateness: 5, idle: 30, step: 10 });

test('a reading goes on before the watermark that it moves; one out of order moves none', (t) => {
  draw(t, {
    operator,
    input: ' -a---b-c---',
    output: '-(aA)b-(cC)',
    events: {
      a: reading(20, 1),
      b: reading(17, 1),
      c: reading(21, 1),
      A: mark(15),
      C: mark(16),
    },
  });
});

test('each station has its own: one ahead makes no other late', (t) => {
  draw(t, {
    operator,
    input: ' -a---b---',
    output: '-(aA)(bB)',
    events: {
      a: reading(1000, 1, { station: 'B02' }),
      A: mark(995, { station: 'B02' }),
      b: reading(20, 1),
      B: mark(15),
    },
  });
});

test('a tick releases a station that has been silent for longer than idle, and it follows the ticks', (t) => {
  draw(t, {
    operator,
    //        50 is not longer than 30 after 20; 51 is; 54 and 55 are in one cell: 60 is the next end, due at 65
    input: ' -a---s-t-u-v-w-x-',
    output: '-(aA)--T-----W---',
    events: {
      a: reading(20, 1),
      A: mark(15),
      s: tick(50),
      t: tick(51),
      T: mark(46, { cause: 'idle' }),
      u: tick(52),
      v: tick(54),
      w: tick(55),
      W: mark(50, { cause: 'idle' }),
      x: tick(59),
    },
  });
});

test('silence counts from the arrival, not from the time of observation', (t) => {
  draw(t, {
    operator,
    input: ' -a---t-u-',
    output: '-(aA)--U-',
    events: {
      a: reading(20, 1, { receivedAt: 100 }),
      A: mark(15),
      t: tick(130),
      u: tick(131),
      U: mark(126, { cause: 'idle' }),
    },
  });
});

test('a reading told again, with its old arrival, does not make the station silent for longer', (t) => {
  draw(t, {
    operator,
    input: ' -a---b-t-u-',
    output: '-(aA)b---U-',
    events: {
      a: reading(20, 1, { receivedAt: 100 }),
      A: mark(15),
      b: reading(10, 1, { receivedAt: 11, revision: 'flagged' }),
      t: tick(130),
      u: tick(131),
      U: mark(126, { cause: 'idle' }),
    },
  });
});

test('a station that speaks again is not released, though its watermark stays', (t) => {
  draw(t, {
    operator,
    input: ' -a---t-b-u-c---',
    output: '-(aA)T-b---(cC)',
    events: {
      a: reading(20, 1),
      A: mark(15),
      t: tick(60),
      T: mark(55, { cause: 'idle' }),
      b: reading(25, 1, { receivedAt: 61 }),
      u: tick(80),
      c: reading(81, 1),
      C: mark(76),
    },
  });
});

test('stations due at one tick are released in order of silence, then of name', (t) => {
  draw(t, {
    operator,
    input: ' -c---b---a---t----',
    output: '-(cC)(bB)(aA)(YXZ)',
    events: {
      c: reading(20, 1, { station: 'B03', receivedAt: 22 }),
      C: mark(15, { station: 'B03' }),
      b: reading(20, 1, { station: 'B02', receivedAt: 21 }),
      B: mark(15, { station: 'B02' }),
      a: reading(20, 1, { receivedAt: 22 }),
      A: mark(15),
      t: tick(99),
      X: mark(94, { cause: 'idle' }),
      Y: mark(94, { cause: 'idle', station: 'B02' }),
      Z: mark(94, { cause: 'idle', station: 'B03' }),
    },
  });
});

test('late-only readings pass and move nothing, and a tick of the past does nothing', (t) => {
  draw(t, {
    operator,
    input: ' -l-a---s-t-s-|',
    output: '-l-(aA)--T---|',
    events: {
      l: reading(90, 1, { lateOnly: true, station: 'B02' }),
      a: reading(20, 1),
      A: mark(15),
      s: tick(50),
      t: tick(1000),
      T: mark(995, { cause: 'idle' }),
    },
  });
});
