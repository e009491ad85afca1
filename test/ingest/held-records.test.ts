import test from 'ava';
import fc from 'fast-check';
import { type Correction, heldRecords } from '../../src/ingest/held-records.ts';
import type { Entry, JournalRecord } from '../../src/ingest/journal-record.ts';

type Follow = Parameters<typeof heldRecords>[0]['follow'];

/** A journal in memory that ends; its batches have the given size. */
function journalOf(entries: readonly Entry[], size = 3) {
  const records = entries.map((entry, at): JournalRecord => ({ ...entry, sequence: at + 1 }));
  const follow: Follow = async function* (from) {
    for (let at = from - 1; at < records.length; at += size) yield records.slice(at, at + size);
  };
  return { follow };
}

function memory() {
  let corrections: readonly Correction[] = [];
  return { read: () => corrections, write: (given: readonly Correction[]) => void (corrections = given) };
}

async function told(
  journal: { follow: Follow },
  from = 1,
  held = memory(),
  until = Number.POSITIVE_INFINITY,
) {
  const found: string[] = [];
  for await (const batch of heldRecords(journal, held, from, new AbortController().signal))
    for (const record of batch) {
      if (record.sequence > until) return found;
      const time = record.kind === 'message' ? record.receivedAt : record.time;
      found.push(`${record.sequence} ${record.kind} ${time}`);
    }
  return found;
}

const tick = (time: number): Entry => ({ kind: 'tick', time });
const message = (receivedAt: number): Entry => ({
  kind: 'message',
  topic: 'a',
  payload: Buffer.alloc(0),
  receivedAt,
});
const clock = (state: string, time: number, shift = 0): Entry => ({
  kind: 'clock',
  time,
  text: JSON.stringify({ state, shift, reason: 'test' }),
});

test('what came while the clock was not believed goes on with the time that it should have had', async (t) => {
  const journal = journalOf([
    tick(900),
    clock('held', 10),
    message(11),
    tick(12),
    clock('trusted', 1013, 1000),
    message(1014),
  ]);
  t.deepEqual(await told(journal), [
    '1 tick 900',
    '2 clock 1010',
    '3 message 1011',
    '4 tick 1012',
    '5 clock 1013',
    '6 message 1014',
  ]);
});

test('until then it stays where it is', async (t) => {
  t.deepEqual(await told(journalOf([tick(900), clock('held', 10), message(11), tick(12)])), ['1 tick 900']);
});

test('what an earlier start could not date is as late as it can be', async (t) => {
  const stretches = [
    clock('held', 10),
    message(11),
    message(15),
    clock('held', 10),
    message(12),
    clock('trusted', 1013, 1000),
  ];
  t.deepEqual(await told(journalOf([...stretches, tick(1014)])), [
    '1 clock 1005',
    '2 message 1006',
    '3 message 1010',
    '4 clock 1010',
    '5 message 1012',
    '6 clock 1013',
    '7 tick 1014',
  ]);
  t.deepEqual(await told(journalOf([clock('held', 10), message(11), clock('started', 500), tick(501)])), [
    '1 clock 499',
    '2 message 500',
    '3 clock 500',
    '4 tick 501',
  ]);
});

test('a clock that is believed changes nothing', async (t) => {
  const journal = journalOf([
    clock('started', 5),
    message(6),
    clock('adopted', 106, 100),
    clock('disregarded', 107, -9),
    tick(108),
  ]);
  t.deepEqual(await told(journal), ['1 clock 5', '2 message 6', '3 clock 106', '4 clock 107', '5 tick 108']);
});

test('it is the same from wherever a checkpoint lets it go on, whatever the batches', async (t) => {
  const kinds = fc.constantFrom('message', 'tick', 'held', 'started', 'trusted', 'adopted');
  await fc.assert(
    fc.asyncProperty(
      fc.array(kinds, { maxLength: 30 }),
      fc.nat(30),
      fc.integer({ min: 1, max: 7 }),
      async (story, cut, size) => {
        let isHeld = false;
        const entries = story.map((kind, at) => {
          if (kind === 'message') return message(at);
          if (kind === 'tick') return tick(at);
          // Only a clock that is held can become trusted, and only another start can be held again.
          const state =
            kind === 'trusted' && !isHeld ? 'adopted' : kind === 'adopted' && isHeld ? 'held' : kind;
          isHeld = state === 'held' || (isHeld && state === 'adopted');
          return clock(state, at, state === 'trusted' ? 1000 : 0);
        });
        const whole = await told(journalOf(entries));
        const held = memory();
        const first = await told(journalOf(entries, size), 1, held, cut);
        // The generator was left with the corrections of what it had given out.
        const rest = await told(journalOf(entries, size), first.length + 1, held);
        t.deepEqual([...first, ...rest], whole);
      },
    ),
    { numRuns: 500 },
  );
});
