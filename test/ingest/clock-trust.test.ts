import test from 'ava';
import fc from 'fast-check';
import {
  type ClockFacts,
  type ClockState,
  doubt,
  firstLook,
  look,
  settle,
  type TrustOptions,
  tolerance,
} from '../../src/ingest/clock-trust.ts';

const hour = 3_600_000;
const options: TrustOptions = { trust: 'auto', earliest: 1e12, newest: 2e12, patience: 600_000 };
const facts = (wall: number, synchronised?: boolean, monotonic = 0): ClockFacts => ({
  wall,
  monotonic,
  synchronised,
});

test('what speaks against a clock', (t) => {
  const told = [true, undefined, false];
  const rows = (trust: TrustOptions['trust'], wall: number, waited = 0) =>
    told
      .map((synchronised) => doubt(facts(wall, synchronised), waited, { ...options, trust }) ?? '-')
      .join(' | ');
  const [release, journal, unsure] = [
    'before the release of this version',
    'before the newest record of the journal',
    'not synchronised',
  ];
  t.is(rows('always', 0), '- | - | -');
  t.is(rows('auto', 1e12 - 1), `${release} | ${release} | ${release}`);
  t.is(rows('auto', 2e12 - tolerance - 1), `- | ${journal} | ${journal}`);
  t.is(rows('auto', 2e12 - tolerance), `- | - | ${unsure}`);
  t.is(rows('auto', 2e12, options.patience), '- | - | -');
  t.is(rows('synchronised', 2e12, options.patience), `- | ${unsure} | ${unsure}`);
  t.is(rows('synchronised', 1e12 - 1), `${release} | ${release} | ${release}`);
});

test('a host without a battery is held until it knows the time, and then says how wrong it was', (t) => {
  const { state, event } = firstLook(facts(5000), options);
  t.like(event, { state: 'held', reason: 'before the release of this version' });
  t.deepEqual(look(state, facts(5000 + hour, undefined, hour), options), { state });
  const known = look(state, facts(2e12 + hour, undefined, 2 * hour), options);
  t.like(known.event, { state: 'trusted', shift: 2e12 + hour - 5000 - 2 * hour });
  t.like(known.state, { trusted: true, offset: 2e12 - hour });
  t.like(firstLook(facts(2e12), options).event, { state: 'started', shift: 0 });
});

/** A trusted clock that jumps by `shift` at 1000 and is looked at again after `after`: what is told, and our time then. */
function jump(shift: number, trust: TrustOptions['trust'], synchronised: boolean | undefined, after = 0) {
  const given = { ...options, trust };
  const trusted: ClockState = { offset: 2e12, trusted: true, from: 0, unconfirmed: 0 };
  const told = [];
  let state = trusted;
  for (const at of [1000, 1000 + after]) {
    const seen = look(state, { wall: 2e12 + at + shift, monotonic: at, synchronised }, given);
    state = seen.state;
    if (seen.event) told.push(seen.event.state);
  }
  return `${told.join(' ') || '-'}: ${state.offset - 2e12}`;
}

test('jumps while running, by what the host says of them', (t) => {
  t.is(jump(tolerance, 'auto', undefined), `-: ${tolerance}`);
  t.is(jump(-tolerance, 'synchronised', undefined), `-: ${-tolerance}`);
  for (const shift of [hour, -hour]) {
    t.is(jump(shift, 'auto', true), `adopted: ${shift}`);
    t.is(jump(shift, 'always', false), `adopted: ${shift}`);
    t.is(jump(shift, 'synchronised', true), `adopted: ${shift}`);
    t.is(jump(shift, 'synchronised', undefined, settle), 'disregarded: 0');
    t.is(jump(shift, 'auto', undefined, settle - 1), 'disregarded: 0');
  }
  t.is(jump(hour, 'auto', undefined, settle), `disregarded adopted: ${hour}`);
  t.is(jump(-hour, 'auto', undefined, settle), 'disregarded: 0');
});

test('a jump ahead that was followed unconfirmed may be undone', (t) => {
  const ahead: ClockState = { offset: 2e12 + hour, trusted: true, from: 0, unconfirmed: hour };
  const back = look(ahead, facts(2e12 + 1000, undefined, 1000), options);
  t.like(back.event, { state: 'adopted', shift: -hour });
  t.like(back.state, { offset: 2e12, unconfirmed: 0 });
});

test('our time never goes back while nothing confirms it, but for undoing; and it is never far from a confirmed host', (t) => {
  const story = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: -5 * hour, max: 5 * hour }),
      fc.constantFrom(true, false, undefined),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(story, (steps) => {
      let [monotonic, error, bound] = [0, 0, 0];
      let { state } = firstLook(facts(2e12), options);
      for (const [pause, shift, synchronised] of steps) {
        monotonic += pause;
        if (Math.abs(shift) > 4 * hour) error += shift;
        const before = state.offset;
        const seen = look(state, { wall: 2e12 + monotonic + error, monotonic, synchronised }, options);
        state = seen.state;
        const moved = state.offset - before;
        if (synchronised) bound = 0;
        else {
          if (moved < -tolerance) t.true(-moved <= bound + tolerance, `${moved} of ${bound}`);
          bound = Math.max(0, bound + (Math.abs(moved) > tolerance ? moved : 0));
        }
        if (synchronised) t.is(state.offset, 2e12 + error);
        if (Math.abs(moved) > tolerance) t.is(seen.event?.shift, moved);
      }
    }),
    { numRuns: 1000 },
  );
});
