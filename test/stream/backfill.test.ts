import test from 'ava';
import { backfill } from '../../src/stream/backfill.ts';
import type { StationState } from '../../src/stream/condition.ts';
import type { Gap } from '../../src/stream/gaps.ts';
import { draw } from './drawing.ts';
import { tick } from './events.ts';

const options = { wait: 10, retry: 40, attempts: 2 };
const sequence = { stream: '', first: 3, last: 5 };

const gap = (more: Partial<Gap> = {}): Gap => ({
  kind: 'gap',
  station: 'B01',
  stream: '',
  state: 'open',
  first: 3,
  last: 5,
  missing: 3,
  came: 0,
  from: 20,
  to: 60,
  time: 100,
  ...more,
});
const asked = (attempt: number, time: number, more: object = { sequence }) => ({
  kind: 'backfill' as const,
  station: 'B01',
  from: 20,
  to: 60,
  attempt,
  time,
  ...more,
});

test('a gap is asked for after a while, again later, and then no more', (t) => {
  draw(t, {
    operator: backfill(options),
    input: ' a-b-c-d-e-f-g',
    output: '----C---E----',
    events: {
      a: gap(),
      b: tick(109),
      c: tick(110),
      C: asked(1, 110),
      d: tick(149),
      e: tick(150),
      E: asked(2, 150),
      f: tick(10_000),
      g: tick(20_000),
    },
  });
});

test('what has come, or can come no longer, is not asked for', (t) => {
  draw(t, {
    operator: backfill(options),
    input: ' a-b-c-d-e',
    output: '---------',
    events: {
      a: gap(),
      b: gap({ state: 'closed', missing: 0, came: 1 }),
      c: gap({ first: 8, last: 9 }),
      d: gap({ first: 8, last: 9, state: 'given-up' }),
      e: tick(10_000),
    },
  });
});

test('several gaps of a station are asked for one after the other, not all at once', (t) => {
  draw(t, {
    operator: backfill(options),
    input: ' ab-c-d-e',
    output: '---C-D-E',
    events: {
      a: gap(),
      b: gap({ first: 8, last: 9, time: 101 }),
      c: tick(111),
      C: asked(1, 111),
      d: tick(121),
      D: asked(1, 121, { sequence: { stream: '', first: 8, last: 9 } }),
      e: tick(151),
      E: asked(2, 151),
    },
  });
});

test('a silence that is over is asked for once, by time', (t) => {
  const heard: StationState = {
    kind: 'station',
    station: 'B01',
    state: 'heard',
    before: 'silent',
    since: 500,
    last: 100,
    time: 500,
    interval: 10,
  };
  draw(t, {
    operator: backfill(options),
    input: ' a-b-c-d',
    output: '--B----',
    events: {
      a: heard,
      b: tick(510),
      B: asked(1, 510, { from: 100, to: 500 }),
      c: { ...heard, before: 'late' },
      d: tick(10_000),
    },
  });
});
