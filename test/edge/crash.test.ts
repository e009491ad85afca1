import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openData } from '../../src/commands/shore.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { type Account, pending } from '../../src/ledger.ts';
import { exportSorted } from '../../src/store/export.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { temporaryFolder } from '../process.ts';
import { configOf, recording } from './recording.ts';

const child = new URL('edge-child.ts', import.meta.url).pathname;
const entries = recording();

interface Life {
  readonly data: string;
  readonly log: string;
  readonly from: number;
  readonly until: number;
  readonly end: string;
}

/** Runs one life of an edge; resolves with what it printed, which is nothing where it was killed. */
function live({ data, log, from, until, end }: Life): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(
      process.execPath,
      ['--import=tsx', '--no-warnings', child, data, log, `${from}`, `${until}`, end],
      { encoding: 'utf8' },
      (error, out, err) =>
        error && error.signal !== 'SIGKILL' ? reject(new Error(err || error.message)) : resolve(out),
    ),
  );
}

async function exported(data: string): Promise<string[]> {
  const disk = openData(configOf(data));
  const lines: string[] = [];
  const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  for await (const line of exportSorted(new LmdbStore(disk), all)) lines.push(line);
  await disk.close();
  return lines;
}

/** What the journal of `data` holds, as an undisturbed edge would have taken it. */
async function journalled(data: string): Promise<number> {
  const disk = openData(configOf(data));
  const { head } = openJournal(disk);
  await disk.close();
  return head;
}

interface Printed {
  readonly total: Account;
  readonly produced: Record<string, number>;
}

/** Lives that end as `ends` say, then one that drains. An entry in the journal but not acknowledged is sent again. */
async function lives(t: ExecutionContext, ends: readonly string[]): Promise<Printed & { lines: string[] }> {
  const data = temporaryFolder(t);
  const log = join(data, 'acknowledged');
  writeFileSync(log, '');
  const share = Math.ceil(entries.length / (ends.length + 1));
  for (const [index, end] of ends.entries())
    await live({ data, log, from: acceptedIn(log), until: share * (index + 1), end });
  const out = await live({ data, log, from: acceptedIn(log), until: entries.length, end: 'drain' });
  t.is(acceptedIn(log), entries.length);
  t.true((await journalled(data)) >= entries.length);
  return { ...(JSON.parse(out) as Printed), lines: await exported(data) };
}

const acceptedIn = (log: string) => readFileSync(log, 'utf8').split('\n').length - 1;

let once: ReturnType<typeof lives> | undefined;
/** What a life without an end in between leaves. */
const undisturbed = (t: ExecutionContext) => (once ??= lives(t, []));

test('clean stops change nothing: all is stored once and the ledger balances', async (t) => {
  const whole = await undisturbed(t);
  const cut = await lives(t, ['stop', 'stop', 'stop']);
  t.true(whole.lines.length > 500, `${whole.lines.length} lines`);
  t.is(pending(whole.total), 0);
  t.deepEqual(cut.total, whole.total);
  t.deepEqual(cut.produced, whole.produced);
  t.is(cut.lines.join('\n'), whole.lines.join('\n'));
});

test('killed at any moment: what was accepted is stored once and the ledger balances', async (t) => {
  const whole = await undisturbed(t);
  const killed = await lives(t, ['kill:30', 'kill:90', 'kill:250', 'kill:5300']);
  t.is(pending(killed.total), 0);
  // A message that was journalled but not acknowledged comes again: its values are duplicates.
  const again = killed.total.received - whole.total.received;
  t.true(again >= 0 && again <= 4 * 40, `${again} values came again`);
  t.is(killed.total.stored, whole.total.stored);
  t.is(killed.lines.join('\n'), whole.lines.join('\n'));
});
