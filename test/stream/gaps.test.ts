import test from 'ava';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import type { Numbered } from '../../src/ingest/reading.ts';
import { type CounterRestart, type Gap, gaps } from '../../src/stream/gaps.ts';
import { MemoryKeep } from '../../src/stream/kept.ts';
import { draw } from './drawing.ts';

const numbered = (number: number, time = number * 10, stream = ''): Numbered => ({
  kind: 'numbered',
  station: 'B01',
  stream,
  number,
  time,
  receivedAt: time + 1,
});

function gap(state: Gap['state'], more: Partial<Gap>): Gap {
  const base = { kind: 'gap', station: 'B01', stream: '', first: 3, last: 5, came: 0 } as const;
  return { ...base, missing: 3, from: 20, to: 60, time: 61, state, ...more };
}

test('what is missing is told, what comes late closes it, and a repetition is nothing', (t) => {
  draw(t, {
    operator: gaps(),
    input: ' ab-c-d-e-f-g-h',
    output: '---C-D-E---G--',
    events: {
      a: numbered(1),
      b: numbered(2),
      c: numbered(6),
      C: gap('open', {}),
      d: numbered(4),
      D: gap('open', { missing: 2, came: 1, time: 41 }),
      e: numbered(3),
      E: gap('open', { missing: 1, came: 1, time: 31 }),
      f: numbered(4),
      g: numbered(5),
      G: gap('closed', { missing: 0, came: 1, time: 51 }),
      h: numbered(7),
    },
  });
});

test('a lower number with a newer time is another beginning: what was missing is given up', (t) => {
  draw(t, {
    operator: gaps(),
    input: ' ab-c----d',
    output: '-B-(GR)-D',
    events: {
      a: numbered(2),
      b: numbered(4),
      B: gap('open', { first: 3, last: 3, missing: 1, from: 20, to: 40, time: 41 }),
      c: numbered(1, 100),
      G: gap('given-up', { first: 3, last: 3, missing: 1, from: 20, to: 40, time: 101 }),
      R: { kind: 'counter-restart', station: 'B01', stream: '', before: 4, number: 1, time: 101 },
      d: numbered(4, 130),
      D: gap('open', { first: 2, last: 3, missing: 2, from: 100, to: 130, time: 131 }),
    },
  });
});

test('counters stand apart, a leap without sense is another counter, and their number is bounded', (t) => {
  const found = run([
    numbered(1, 10, 'a'),
    numbered(9, 10, 'b'),
    numbered(2, 20, 'a'),
    numbered(10, 20, 'b'),
    numbered(5_000_000, 30, 'a'),
    ...Array.from({ length: 1000 }, (_, at) => numbered(at, 40, `hostile ${at}`)),
    ...Array.from({ length: 1000 }, (_, at) => numbered(at + 2, 50, `hostile ${at}`)),
  ]);
  t.deepEqual(found[0], {
    kind: 'counter-restart',
    station: 'B01',
    stream: 'a',
    before: 2,
    number: 5_000_000,
    time: 31,
  });
  t.is(found.filter(({ kind }) => kind === 'gap').length, 14);
});

function run(inputs: readonly Numbered[], cut = inputs.length): (Gap | CounterRestart)[] {
  const found: (Gap | CounterRestart)[] = [];
  const first = new MemoryKeep();
  const feed = (keep: MemoryKeep, part: readonly Numbered[]) => {
    const subject = new Subject<Numbered>();
    subject.pipe(gaps({ keep })).subscribe((one) => found.push(one));
    for (const input of part) subject.next(input);
  };
  feed(first, inputs.slice(0, cut));
  feed(new MemoryKeep(first.takeDirty()), inputs.slice(cut));
  return found;
}

test('whatever is lost, repeated and out of order: what is said to be missing is what never came', (t) => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(arrivals, fc.nat(80), (numbers, cut) => {
      const inputs = numbers.map((number) => numbered(number));
      const found = run(inputs, Math.min(cut, inputs.length));
      t.deepEqual(run(inputs), found);
      let missing = 0;
      for (const one of found) {
        if (one.kind !== 'gap') return t.fail('a restart that was none');
        missing += one.came === 0 ? one.missing : -one.came;
      }
      const came = new Set(numbers);
      const from = numbers[0]!;
      const never = Array.from({ length: Math.max(...numbers) + 1 }, (_, n) => n).filter(
        (n) => n > from && !came.has(n),
      );
      t.is(missing, never.length);
    }),
    { numRuns: 2000 },
  );
});
