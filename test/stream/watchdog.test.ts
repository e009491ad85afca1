import test from 'ava';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import type { Contact, Reading, Tick } from '../../src/ingest/reading.ts';
import { type Condition, type Sign, type StationState, transitions } from '../../src/stream/condition.ts';
import { MemoryKeep } from '../../src/stream/kept.ts';
import { type WatchdogOptions, watchdog } from '../../src/stream/watchdog.ts';
import { draw } from './drawing.ts';
import { reading, tick } from './events.ts';

const options: WatchdogOptions = {
  stations: ['B01'],
  reports: () => 10,
  cadence: () => 10,
  late: 2,
  silent: 6,
  away: 1000,
};

function state(is: Condition, before: Condition, since: number, time: number, last = since): StationState {
  return { kind: 'station', station: 'B01', state: is, before, since, last, time, interval: 10 };
}

const contact = (receivedAt: number, online?: boolean, name = 'B01'): Contact => ({
  kind: 'contact',
  name,
  online,
  receivedAt,
});

test('the table: every condition and every sign', (t) => {
  const conditions: Condition[] = ['heard', 'late', 'silent', 'connected-but-silent'];
  const signs: Sign[] = ['value', 'overdue', 'lost', 'lost-connected', 'connected', 'disconnected'];
  const table = conditions.map((from) => signs.map((sign) => transitions[from][sign] ?? '-').join(' '));
  t.deepEqual(table, [
    '- late - - - -',
    'heard - silent connected-but-silent - -',
    'heard - - - connected-but-silent -',
    'heard - - - - silent',
  ]);
});

test('late after two intervals, silent after six, heard again with the next value', (t) => {
  draw(t, {
    operator: watchdog(options),
    input: ' a-b-c-d-e-f-g',
    output: 'A---C---E---G',
    events: {
      a: reading(100, 1),
      A: state('heard', 'late', 100, 100),
      b: tick(120),
      c: tick(121),
      C: state('late', 'heard', 100, 121),
      d: tick(160),
      e: tick(161),
      E: state('silent', 'late', 100, 161),
      f: tick(500),
      g: reading(501, 1),
      G: state('heard', 'silent', 501, 501, 100),
    },
  });
});

test('a station that never spoke is silent as long after the watch began', (t) => {
  draw(t, {
    operator: watchdog(options),
    input: ' a-b-c-d',
    output: '----C-D',
    events: {
      a: tick(100),
      b: tick(160),
      c: tick(161),
      C: state('silent', 'late', 100, 161),
      d: reading(170, 1),
      D: state('heard', 'silent', 170, 170, 100),
    },
  });
});

test('messages without values: connected but silent, for as long as they come', (t) => {
  draw(t, {
    operator: watchdog(options),
    input: ' a-b-c-d-e-f-g',
    output: 'A-B---D---F-G',
    events: {
      a: reading(100, 1),
      A: state('heard', 'late', 100, 100),
      b: tick(150),
      B: state('late', 'heard', 100, 150),
      c: contact(155),
      d: tick(161),
      D: state('connected-but-silent', 'late', 100, 161),
      e: tick(175),
      f: tick(176),
      F: state('silent', 'connected-but-silent', 100, 176),
      g: contact(180),
      G: state('connected-but-silent', 'silent', 100, 180),
    },
  });
});

test('what a gateway says of itself holds for its stations, whatever else comes of them', (t) => {
  draw(t, {
    operator: watchdog({ ...options, stationsOf: (name) => (name === 'G1' ? ['B01'] : [name]) }),
    input: ' a-b-c-d-e-f-g',
    output: 'A-----D-E-F--',
    events: {
      a: reading(100, 1),
      A: state('heard', 'late', 100, 100),
      b: contact(105, true, 'G1'),
      c: contact(106, true, 'G2'),
      d: tick(150),
      D: state('late', 'heard', 100, 150),
      e: tick(161),
      E: state('connected-but-silent', 'late', 100, 161),
      f: contact(163, false, 'G1'),
      F: state('silent', 'connected-but-silent', 100, 163),
      g: contact(170),
    },
  });
});

test('what comes too late to count is a sign of life, and what is only flagged anew is nothing', (t) => {
  draw(t, {
    operator: watchdog(options),
    input: ' a-b-c-d',
    output: 'A-B-C-D',
    events: {
      a: reading(100, 1),
      A: state('heard', 'late', 100, 100),
      b: tick(130),
      B: state('late', 'heard', 100, 130),
      c: tick(161),
      C: state('silent', 'late', 100, 161),
      d: reading(1, 1, { receivedAt: 162, lateOnly: true }),
      D: state('connected-but-silent', 'silent', 100, 162),
    },
  });
});

test("time in which we were away is nobody's silence", (t) => {
  draw(t, {
    operator: watchdog(options),
    input: ' a-b-c-d-e-f',
    output: 'A-----D-E--',
    events: {
      a: reading(100, 1),
      A: state('heard', 'late', 100, 100),
      b: tick(101),
      c: tick(5000),
      d: tick(5021),
      D: state('late', 'heard', 100, 5021),
      e: reading(5022, 1),
      E: state('heard', 'late', 5022, 5022, 100),
      f: tick(4000),
    },
  });
});

test('how often a station reports is learnt from its reports, and is its cadence until then', (t) => {
  const learning = { ...options, reports: () => undefined };
  const inputs = [0, 60, 61, 120, 180, 181, 240, 305].map((time) => reading(1000 + time, 1));
  const outcomes = run(learning, [...inputs, tick(1400), tick(1426)]);
  t.deepEqual(
    outcomes.map(({ state, interval }) => [state, interval]),
    [
      ['heard', 10],
      ['late', 60],
    ],
  );
});

function run(
  given: WatchdogOptions,
  inputs: readonly (Reading | Contact | Tick)[],
  cut = inputs.length,
): StationState[] {
  const found: StationState[] = [];
  const first = new MemoryKeep();
  const feed = (keep: MemoryKeep, part: typeof inputs) => {
    const subject = new Subject<Reading | Contact | Tick>();
    subject.pipe(watchdog({ ...given, keep })).subscribe((state) => found.push(state));
    for (const input of part) subject.next(input);
  };
  feed(first, inputs.slice(0, cut));
  feed(new MemoryKeep(first.takeDirty()), inputs.slice(cut));
  return found;
}

const names = fc.constantFrom('B01', 'B02', 'B03');
const events = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 60 }),
    names,
    fc.constantFrom('value', 'tick', 'tick', 'contact', 'on', 'off'),
  ),
  { maxLength: 60 },
);

test('a checkpoint anywhere changes nothing, and each change follows the table', (t) => {
  fc.assert(
    fc.property(events, fc.nat(60), (story, cut) => {
      let now = 1000;
      const inputs = story.map(([pause, station, what]) => {
        now += pause;
        if (what === 'tick') return tick(now);
        if (what === 'value') return reading(now, 1, { station });
        return contact(now, what === 'contact' ? undefined : what === 'on', station);
      });
      const given: WatchdogOptions = {
        ...options,
        stations: ['B01', 'B02'],
        reports: (station) => (station === 'B01' ? 10 : undefined),
        away: 55,
      };
      const whole = run(given, inputs);
      t.deepEqual(run(given, inputs, Math.min(cut, inputs.length)), whole);
      const last = new Map<string, Condition>();
      for (const { station, state, before } of whole) {
        t.is(before, last.get(station) ?? 'late');
        t.true(Object.values(transitions[before]).includes(state));
        last.set(station, state);
      }
    }),
    { numRuns: 1000 },
  );
});
