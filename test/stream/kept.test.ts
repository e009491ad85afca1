import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { type OperatorFunction, Subject } from 'rxjs';
import type { Reading, Tick } from '../../src/ingest/reading.ts';
import { dedupe } from '../../src/stream/dedupe.ts';
import { type Keep, Kept, MemoryKeep, type Saved } from '../../src/stream/kept.ts';
import { pack, unpack } from '../../src/stream/pack.ts';
import { qualify } from '../../src/stream/qualify.ts';
import { toSteps } from '../../src/stream/to-steps.ts';
import { toWindows } from '../../src/stream/to-windows.ts';
import { watermark } from '../../src/stream/watermark.ts';
import { arrivals, horizon, limits, lookback, step, variables } from './arrivals.ts';
import { tick } from './events.ts';

/** All stages, and what each of them emits. */
function stream(keep: Keep, seen: object[]): (event: Reading | Tick) => void {
  const input = new Subject<Reading | Tick>();
  const grid = { step, horizon, gap: 12, keep };
  const through = <A, B extends object>(operator: OperatorFunction<A, B>, source: Subject<A>): Subject<B> => {
    const output = new Subject<B>();
    source.pipe(operator).subscribe((event) => {
      seen.push(event);
      output.next(event);
    });
    return output;
  };
  const unique = through(
    dedupe<Reading | Tick>({ ...grid, onDuplicate: (reading) => seen.push({ reading }) }),
    input,
  );
  const flagged = through(qualify<Reading | Tick>({ ...grid, limits }), unique);
  const marked = through(watermark({ lateness: 5, idle: 30, step, keep }), flagged);
  const steps = through(toSteps({ ...grid, lookback, cadence: () => 5 }), marked);
  through(toWindows({ step, lookback, variables, keep }), steps);
  return (event) => input.next(event);
}

/** Time goes by in ticks between the arrivals, and for a while after the last. */
const events = arrivals.map((arrived): (Reading | Tick)[] => {
  const last = arrived.at(-1)!.receivedAt;
  const ticks = Array.from({ length: (last + 100) / 7 }, (_, index) => index * 7);
  const all = [...arrived, ...ticks.map(tick)];
  const when = (event: Reading | Tick) => (event.kind === 'tick' ? event.time : event.receivedAt);
  return all.sort((a, b) => when(a) - when(b));
});

/** Runs from the first event to the last, cut before each of `cuts`: only what was saved goes on. */
function runWithCuts(
  input: readonly (Reading | Tick)[],
  cuts: readonly number[],
  checkpoints: readonly number[],
) {
  const seen: object[] = [];
  const saved: Saved[] = [];
  let keep = new MemoryKeep();
  let take = stream(keep, seen);
  for (const [index, event] of input.entries()) {
    if (cuts.includes(index) || checkpoints.includes(index)) saved.push(...keep.takeDirty());
    if (cuts.includes(index)) take = stream((keep = new MemoryKeep(saved)), seen);
    take(event);
  }
  saved.push(...keep.takeDirty());
  return { seen, state: new Map(saved.map(({ stage, station, state }) => [`${stage} ${station}`, state])) };
}

test('cut anywhere, saved and restored, the stream goes on as if nothing had been', (t) => {
  const places = fc.array(fc.nat(200), { maxLength: 4 });
  fc.assert(
    fc.property(events, places, places, (input, cuts, checkpoints) => {
      const whole = runWithCuts(input, [], []);
      const cut = runWithCuts(input, cuts, checkpoints);
      assert.deepEqual(cut.seen, whole.seen);
      assert.deepEqual([...cut.state].sort(), [...whole.state].sort());
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('cut before every event of one input', (t) => {
  const [input] = fc.sample(events, { numRuns: 1, seed: 7 }) as [(Reading | Tick)[]];
  const { seen } = runWithCuts(input, [], []);
  t.true(seen.length > input.length, `${seen.length} events`);
  t.deepEqual(runWithCuts(input, [...input.keys()], []).seen, seen);
});

const text = {
  encode: (state: string[]) => pack(state, []),
  decode: (bytes: Uint8Array) => unpack(bytes).names,
};

test('only stations that changed since the last time are dirty', (t) => {
  const kept = new Kept(text);
  kept.change('B01', () => ['a']).push('b');
  kept.change('B02', () => []);
  t.deepEqual(
    kept.takeDirty().map(([station]) => station),
    ['B01', 'B02'],
  );
  kept.get('B01');
  t.deepEqual(kept.takeDirty(), []);
  kept.change('B01', () => []).push('c');
  kept.delete('B02');
  kept.delete('B03');
  t.deepEqual(kept.takeDirty(), [
    ['B01', pack(['a', 'b', 'c'], [])],
    ['B02', undefined],
  ]);
  t.is(kept.size, 1);
});

test('what was deleted stays away, and what was restored is decoded when it is asked for', (t) => {
  const saved: Saved[] = [
    { stage: 'x', station: 'B01', state: pack(['a'], []) },
    { stage: 'x', station: 'B02', state: pack(['b'], []) },
    { stage: 'x', station: 'B01', state: undefined },
    { stage: 'y', station: 'B01', state: pack(['c'], []) },
    { stage: 'x', station: 'B03', state: new Uint8Array(3) },
  ];
  const kept = new MemoryKeep(saved).map('x', text);
  t.is(kept.size, 2);
  t.is(kept.get('B01'), undefined);
  t.deepEqual(kept.get('B02'), ['b']);
  t.throws(() => kept.get('B03'), { message: /3 bytes is damaged/ });
});

test('a restored station can be deleted without being decoded', (t) => {
  const kept = new MemoryKeep([{ stage: 'x', station: 'B01', state: pack(['a'], []) }]).map('x', text);
  kept.delete('B01');
  t.is(kept.get('B01'), undefined);
  t.deepEqual(kept.takeDirty(), [['B01', undefined]]);
});

test('one keep serves one subscription: two would share their memory', (t) => {
  const keep = new MemoryKeep();
  keep.map('dedupe', text);
  t.throws(() => keep.map('dedupe', text), { message: /state of dedupe is in use/ });
});

test('packed names and numbers come back, from any place in a buffer', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' })),
      fc.array(fc.double()),
      fc.nat(9),
      (names, numbers, at) => {
        const bytes = pack(names, numbers);
        const around = new Uint8Array(bytes.length + 9);
        around.set(bytes, at);
        const back = unpack(around.subarray(at, at + bytes.length));
        assert.deepEqual([back.names, [...back.numbers]], [names, numbers]);
      },
    ),
  );
  t.pass();
});

test('state that is cut off or longer is refused', (t) => {
  const bytes = pack(['a', 'b'], [1, 2, 3]);
  for (let length = 0; length < bytes.length; length++)
    t.throws(() => unpack(bytes.subarray(0, length)), { message: /damaged/ }, `${length} bytes`);
  t.throws(() => unpack(Uint8Array.of(...bytes, 0)), { message: /damaged/ });
});
