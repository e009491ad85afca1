import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import pino from 'pino';
import { Activation } from '../src/activation.ts';
import { Board } from '../src/board.ts';
import { Checkpoint } from '../src/checkpoint.ts';
import { formatsOf } from '../src/commands/adapters.ts';
import { modelOf } from '../src/commands/shore.ts';
import { openDisk } from '../src/disk.ts';
import { orderText } from '../src/ingest/command.ts';
import { openJournal } from '../src/ingest/journal.ts';
import type { Entry, JournalRecord } from '../src/ingest/journal-record.ts';
import type { Reading } from '../src/ingest/reading.ts';
import { Ledger } from '../src/ledger.ts';
import { type Outcome, runPipeline } from '../src/pipeline.ts';
import { type Plan, PlanInForce, planOf, settingsOf } from '../src/plan.ts';
import { exportSorted } from '../src/store/export.ts';
import { LmdbStore } from '../src/store/lmdb-store.ts';

import { isPoint, type Stored } from '../src/store/store.ts';
import { ruleWith } from './alerts/evidence.ts';

import { configOf, hour, recording, start } from './edge/recording.ts';
import { temporaryFolder } from './process.ts';

const config = configOf('unused');
const log = pino({ level: 'silent' });
const configured = planOf(config, formatsOf(config));

const low = ruleWith({ id: 'lower', level: 0.1, clear: 0.05 });

/** In its 24th hour the station B09 is known, another rule comes, and the columns of the windows change. */
const changed: Plan = {
  ...configured,
  stations: [...configured.stations, { ...configured.stations[0]!, id: 'B09' }],
  columns: [...configured.columns].reverse(),
  rules: [...configured.rules, low],
};

function entriesOf(): Entry[] {
  const entries = recording();
  const at = entries.findIndex((entry) => entry.kind === 'tick' && entry.time >= start + 24 * hour);
  const text = JSON.stringify(changed);
  entries.splice(at, 0, { kind: 'configuration', time: start + 24 * hour, text });
  const order = { action: 'none', author: 'test', details: {} };
  entries.splice(at + 5, 0, { kind: 'command', time: start + 25 * hour, text: orderText(order) });
  return entries;
}

/** What a run leaves behind: the sorted export, the ledger, and what the board shows. */
interface Result {
  readonly lines: readonly string[];
  readonly ledger: unknown;
  readonly produced: unknown;
  readonly alerts: unknown;
}

const isStored = (outcome: Outcome): Stored[] => {
  if (outcome.kind === 'steps') return [...outcome.steps];
  return isPoint(outcome) ? [outcome] : [];
};

/** One life of an edge on `folder`, from its checkpoint through `until`, which it saves. */
async function live(folder: string, until: number, cut: () => boolean): Promise<Result | undefined> {
  const disk = openDisk(folder);
  const journal = openJournal(disk);
  const store = new LmdbStore(disk);
  const extras = () => ({ unsaved: [], spilled: [], forget: () => {} });
  const checkpoint = new Checkpoint({ disk, now: () => 0, extras });
  const { keep } = checkpoint;
  const ledger = new Ledger(keep);
  const board = new Board({ stations: config.stations, rules: config.rules, ledger, keep });
  const model = await modelOf(config);
  const activation = new Activation({ model, journal, keep, clock: () => 0, log });
  await activation.restore();
  const onDuplicate = ({ station }: Reading) => ledger.settled(station, 'duplicate');
  let push: ReturnType<typeof runPipeline>;
  const plan = new PlanInForce({
    configured,
    journal,
    keep,
    behind: false,
    clock: () => 0,
    apply: (plan) => {
      const predictor = () => model.current;
      push = runPipeline({ ...settingsOf(plan), predictor, keep: keep.again(), onDuplicate });
      board.configure(plan);
    },
  });
  plan.restore();
  const take = async (record: JournalRecord) => {
    if (record.kind === 'model') await activation.activate(record.id);
    if (record.kind === 'configuration') plan.take(record.text);
    const outcomes = push(record);
    const points = outcomes.flatMap(isStored);
    await store.write(points);
    for (const outcome of outcomes) ledger.take(outcome);
    ledger.stored(points);
    board.observe(outcomes, record);
    checkpoint.reached(record.sequence);
  };
  for (const record of journal.read(checkpoint.position + 1, until)) {
    await take(record);
    if (cut()) break;
  }
  await checkpoint.save();
  const done = checkpoint.position === until;
  const lines: string[] = [];
  const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  if (done) for await (const line of exportSorted(store, all)) lines.push(line);
  const { produced, alerts } = board.show();
  const accounts = [...ledger.stations()].sort(([a], [b]) => (a < b ? -1 : 1));
  model.dispose();
  await journal.close();
  await disk.close();
  return done ? { lines, ledger: accounts, produced, alerts } : undefined;
}

/** A journal of the recording, and how many records it has. */
async function journalled(t: ExecutionContext): Promise<{ folder: string; head: number }> {
  const folder = temporaryFolder(t);
  const disk = openDisk(folder);
  const journal = openJournal(disk);
  await Promise.all(entriesOf().map((entry) => journal.append(entry)));
  const { head } = journal;
  await journal.close();
  await disk.close();
  return { folder, head };
}

function copyOf(t: ExecutionContext, folder: string): string {
  const copy = temporaryFolder(t);
  for (const name of readdirSync(folder)) cpSync(join(folder, name), join(copy, name));
  return copy;
}

const kinds = (lines: readonly string[]) => new Set(lines.map((line) => JSON.parse(line).kind));

test('the same journal gives the same bytes, counts and alerts: twice, and cut at every record', async (t) => {
  const { folder, head } = await journalled(t);
  const whole = (await live(copyOf(t, folder), head, () => false))!;
  t.true(head > 120, `${head} records`);
  t.deepEqual(kinds(whole.lines), new Set(['reading', 'step', 'forecast', 'verification', 'alert']));
  t.deepEqual(await live(copyOf(t, folder), head, () => false), whole);

  const cutAtEvery = copyOf(t, folder);
  let lives = 0;
  let result: Result | undefined;
  while (!result) {
    lives++;
    result = await live(cutAtEvery, head, () => true);
  }
  t.is(lives, head);
  t.is(result.lines.join('\n'), whole.lines.join('\n'));
  t.deepEqual(result, whole);
});

test('one cut gives the same as none, wherever it is', async (t) => {
  const { folder, head } = await journalled(t);
  const whole = await live(copyOf(t, folder), head, () => false);
  for (let at = 7; at < head; at += 37) {
    const copy = copyOf(t, folder);
    let left = at;
    t.is(await live(copy, head, () => --left === 0), undefined);
    t.deepEqual(await live(copy, head, () => false), whole, `cut after record ${at}`);
  }
});

test('the recording has every fault that it should have', async (t) => {
  const { folder, head } = await journalled(t);
  const { ledger, produced } = (await live(folder, head, () => false))!;
  const accounts = new Map(ledger as [string, Record<string, number>][]);
  t.like(accounts.get('B02'), { duplicate: 15, quarantined: 5, lateOnly: 1 });
  t.true(accounts.get('(unknown)')!['quarantined']! > 0);
  t.true((produced as { noForecasts: number }).noForecasts > 0);
});

test('another configuration holds from its record on', async (t) => {
  const { folder, head } = await journalled(t);
  const { lines } = (await live(folder, head, () => false))!;
  const alerts = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'alert');
  const lower = alerts.filter(({ rule }) => rule === 'lower');
  t.true(lower.length > 0);
  t.true(lower.every(({ time }) => time >= start + 24 * hour));
  t.true(alerts.some(({ rule, time }) => rule !== 'lower' && time < start + 24 * hour));
});
