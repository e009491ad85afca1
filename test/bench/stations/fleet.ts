/**
 * One fleet through the pipeline, in a process of its own: `fleet.ts STATIONS MESSAGES`. Prints what a reading and a
 * station cost, as JSON. Behind the pipeline stand the ledger and the board of the edge; before it, journal records
 * in memory, made while no clock runs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Board } from '../../../src/board.ts';
import { formatsOf } from '../../../src/commands/adapters.ts';
import { checkConfig } from '../../../src/config/load.ts';
import type { JournalRecord } from '../../../src/ingest/journal-record.ts';
import type { Reading } from '../../../src/ingest/reading.ts';
import { Ledger } from '../../../src/ledger.ts';
import { runPipeline } from '../../../src/pipeline.ts';
import { planOf, settingsOf } from '../../../src/plan.ts';
import { MemoryKeep } from '../../../src/stream/kept.ts';
import { cadence, fleetMessages, stationsOf } from '../pipeline/fleet-messages.ts';

const [stations = 0, messages = 0] = process.argv.slice(2).map(Number);
const valuesInMessage = 2;
/** So many measurements fill what is kept of a station by its age (`revisable`); a station's size grows no more. */
const filling = 60;
const warmUp = 40_000;
/** As many records are in memory at once. */
const chunk = 256;

/** What an edge keeps of `count` stations, and what it does at a record. */
function fleetOf(count: number) {
  const config = checkConfig({ stations: stationsOf(count).map((id) => ({ id, cadence: '10m' })) }, 'bench');
  const keep = new MemoryKeep();
  const plan = planOf(config, formatsOf(config));
  const ledger = new Ledger(keep);
  const board = new Board({ stations: plan.stations, rules: plan.rules, ledger, keep });
  const push = runPipeline({
    ...settingsOf(plan),
    predictor: () => undefined,
    keep: keep.again(),
    onDuplicate: ({ station }) => ledger.settled(station, 'duplicate'),
  });
  return {
    ledger,
    take(record: JournalRecord) {
      const outcomes = push(record);
      for (const outcome of outcomes) ledger.take(outcome);
      ledger.stored(outcomes.filter(({ kind }) => kind === 'reading') as Reading[]);
      board.observe(outcomes, record);
    },
  };
}

/** Records as a journal has them: a message where it came, and a tick every ten seconds. */
function* recordsOf(count: number): Generator<JournalRecord> {
  const start = Date.UTC(2026, 0, 1);
  let [sequence, ticked, at] = [0, start, 0];
  for (const { topic, payload } of fleetMessages(count, valuesInMessage, start - cadence, Infinity)) {
    const receivedAt = Math.floor(start + (at++ * cadence) / count);
    for (; ticked <= receivedAt; ticked += 10_000) yield { kind: 'tick', time: ticked, sequence: ++sequence };
    yield { kind: 'message', topic, payload: Buffer.from(payload), receivedAt, sequence: ++sequence };
  }
}

/** Seconds of CPU, all threads, that `take` needs for so many messages and the ticks between them. */
function spentOn(
  count: number,
  records: Generator<JournalRecord>,
  take: (record: JournalRecord) => void,
): number {
  let spent = 0;
  for (let left = count; left > 0; left -= chunk) {
    const some = nextOf(records, Math.min(chunk, left));
    const before = process.cpuUsage();
    for (const record of some) take(record);
    const { user, system } = process.cpuUsage(before);
    spent += (user + system) / 1e6;
  }
  return spent;
}

function nextOf(records: Generator<JournalRecord>, messages: number): JournalRecord[] {
  const taken: JournalRecord[] = [];
  for (let left = messages; left > 0; ) {
    const record = records.next().value as JournalRecord;
    if (record.kind === 'message') left--;
    taken.push(record);
  }
  return taken;
}

async function bytesInUse(): Promise<number> {
  for (let time = 0; time < 3; time++) {
    globalThis.gc!();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const another = fleetOf(100);
spentOn(warmUp, recordsOf(100), another.take);

const before = await bytesInUse();
const [fleet, records] = [fleetOf(stations), recordsOf(stations)];
spentOn(filling * stations, records, fleet.take);
const seconds = spentOn(messages, records, fleet.take);
const bytes = (await bytesInUse()) - before;
const { stored, received } = fleet.ledger.total();
if (stored !== received || received !== (messages + filling * stations) * valuesInMessage)
  throw new Error(`${received} readings came in, and ${stored} went through`);
process.stdout.write(
  `${JSON.stringify({ microseconds: (seconds * 1e6) / (messages * valuesInMessage), bytes: bytes / stations })}\n`,
);
