import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Checkpoint } from '../../src/checkpoint.ts';
import { openDisk } from '../../src/disk.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import type { Codec } from '../../src/stream/kept.ts';
import { temporaryFolder } from '../process.ts';

const child = new URL('torn-child.ts', import.meta.url).pathname;
const codec: Codec<{ text: string }> = {
  encode: ({ text }) => Buffer.from(text),
  decode: (bytes) => ({ text: Buffer.from(bytes).toString() }),
};

interface State {
  readonly position: number;
  readonly kept: [string, string][];
  readonly records: string[];
}

const filler = (round: number) => `round ${round} `.repeat(12);

/** A folder that was checkpointed a few times, and all states that it ever had on the disk. */
async function written(t: ExecutionContext): Promise<{ file: string; states: State[] }> {
  const folder = temporaryFolder(t);
  const disk = openDisk(folder);
  const journal = openJournal(disk);
  const extras = () => ({ unsaved: [], spilled: [], forget: () => {} });
  const checkpoint = new Checkpoint({ disk, now: () => 0, extras });
  const kept = checkpoint.keep.map('texts', codec);
  const states: State[] = [];
  const records: string[] = [];
  const note = () =>
    states.push({
      position: checkpoint.savedPosition,
      kept: [...kept.entries()].map(([name, { text }]): [string, string] => [name, text]).sort(),
      records: [...records],
    });
  for (let round = 1; round <= 6; round++) {
    const payload = Buffer.from(filler(round));
    await journal.append({ kind: 'message', topic: 'a', payload, receivedAt: round });
    records.push(filler(round));
    for (let at = 0; at < 40; at += round) kept.change(`S${at}`, () => ({ text: '' })).text = filler(round);
    checkpoint.reached(round);
    await checkpoint.save();
    note();
  }
  await disk.close();
  return { file: join(folder, 'disk.mdb'), states };
}

interface Found extends Partial<State> {
  readonly refused?: string;
}

/** A process of its own: LMDB may crash on a file that is not its own. */
function start(folder: string): Promise<{ found: Found | undefined; signal: string | undefined }> {
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      ['--import=tsx', '--no-warnings', child, folder],
      { encoding: 'utf8', timeout: 20_000 },
      (error, out) =>
        resolve({
          found: out === '' ? undefined : JSON.parse(out),
          signal: error?.signal ?? (error ? `code ${error.code}` : undefined),
        }),
    ),
  );
}

/** The checkpoint is one that was written, whole; the journal a beginning of what was appended, and no shorter. */
function isTrue({ position, kept, records }: Found, states: readonly State[]): boolean {
  const state = states.find((one) => one.position === position);
  const empty = position === 0 && kept!.length === 0;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const all = states.at(-1)!.records;
  return (empty || same(kept, state?.kept)) && same(records, all.slice(0, records!.length));
}

async function judge(t: ExecutionContext, bytes: Buffer, states: readonly State[], what: string) {
  const folder = join(temporaryFolder(t), 'data');
  mkdirSync(folder);
  writeFileSync(join(folder, 'disk.mdb'), bytes);
  // As the start that made the folder left it.
  writeFileSync(join(folder, 'disk.mdb-holds-data'), '');
  const { found, signal } = await start(folder);
  if (!found) return `crash: ${signal}`;
  if (found.refused !== undefined) {
    t.true(found.refused.length > 30, found.refused);
    return 'refused';
  }
  t.true(isTrue(found, states), `${what}: ${JSON.stringify(found).slice(0, 300)}`);
  return 'true';
}

/** Two at a time. */
async function judgeAll(t: ExecutionContext, states: readonly State[], tries: Iterable<[string, Buffer]>) {
  const ends: Record<string, number> = {};
  const queue = [...tries];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const end = await judge(t, next[1], states, next[0]);
      ends[end] = (ends[end] ?? 0) + 1;
    }
  };
  await Promise.all([worker(), worker()]);
  t.log(ends);
  t.deepEqual(
    Object.keys(ends).filter((end) => end.startsWith('crash')),
    [],
  );
  return ends;
}

/** xorshift32 */
function random(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const flips = Number(process.env['REDTIDE_TORN'] ?? 10);

test('bits that flip in the file are refused or harmless, never another value', async (t) => {
  const { file, states } = await written(t);
  const whole = readFileSync(file);
  t.is(await judge(t, whole, states, 'untouched'), 'true');
  const tries = function* (): Generator<[string, Buffer]> {
    for (let seed = 1; seed <= flips; seed++) {
      const draw = random(seed * 2_654_435_761);
      const torn = Buffer.from(whole);
      for (let flip = 0; flip < 16; flip++) torn[draw(torn.length)]! ^= 1 << draw(8);
      yield [`seed ${seed}`, torn];
    }
  };
  const ends = await judgeAll(t, states, tries());
  t.true((ends['refused'] ?? 0) > 0, 'no flip was noticed');
});

test('a file that was cut is refused or gives a state that was written', async (t) => {
  const { file, states } = await written(t);
  const whole = readFileSync(file);
  const tries = function* (): Generator<[string, Buffer]> {
    for (const share of [0, 0.05, 0.3, 0.6, 0.9]) {
      const length = Math.floor(whole.length * share);
      yield [`cut to ${length}`, whole.subarray(0, length)];
    }
  };
  const ends = await judgeAll(t, states, tries());
  t.true((ends['refused'] ?? 0) > 0, 'no cut was noticed');
});

test('a state exchanged for an older one is refused', async (t) => {
  const { file, states } = await written(t);
  const folder = temporaryFolder(t);
  copyFileSync(file, join(folder, 'disk.mdb'));
  const disk = openDisk(folder);
  const state = disk.database<Buffer, string[]>('state', { encoding: 'binary' });
  const old = Buffer.from(state.get(['state', 'texts', 'S0'])!);
  await state.put(['state', 'texts', 'S1'], old);
  await disk.close();
  const { found } = await start(folder);
  t.regex(found?.refused ?? '', /checkpoint is damaged/);
  t.true(states.length > 0);
});

test('an emptied file is refused, and a missing one; a new folder is begun', async (t) => {
  const folder = join(temporaryFolder(t), 'data');
  await openDisk(folder).close();
  writeFileSync(join(folder, 'disk.mdb'), '');
  t.regex(
    (await start(folder)).found?.refused ?? '',
    /it held data, and its disk.mdb is empty or gone. Keep/,
  );
  rmSync(join(folder, 'disk.mdb'));
  t.regex((await start(folder)).found?.refused ?? '', /it held data/);
});
