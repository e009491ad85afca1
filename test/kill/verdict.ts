import type { ExecutionContext } from 'ava';
import { messageId } from '../../src/alerts/message.ts';
import { Checkpoint } from '../../src/checkpoint.ts';
import { openData, readData } from '../../src/commands/shore.ts';
import type { Config } from '../../src/config/schema.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { Ledger, pending } from '../../src/ledger.ts';
import { exportSorted } from '../../src/store/export.ts';
import type { Store } from '../../src/store/store.ts';
import { all } from '../commands/shore.ts';
import { keyOf } from './gateway.ts';
import { undisturbed } from './undisturbed.ts';

export const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** Each value once, with its number, and no other. */
export async function holdsExactly(
  t: ExecutionContext,
  store: Store,
  values: ReadonlyMap<string, number>,
): Promise<void> {
  const missing = new Map(values);
  const invented: string[] = [];
  for await (const { station, variable, time, value } of store.readings(everything)) {
    const key = keyOf(station, variable, time);
    if (missing.get(key) !== value) invented.push(`${key} is ${value}, and was ${values.get(key)}`);
    else missing.delete(key);
  }
  t.deepEqual(invented, [], 'invented');
  t.deepEqual([...missing.keys()], [], 'acknowledged and lost');
}

/** What the folder says, while no edge runs on it. */
export async function lastCheckpoint(config: Config) {
  const disk = openData(config);
  const nothing = { unsaved: [], spilled: [], forget: () => {} };
  const { unsaved, spilled, position, keep } = new Checkpoint({ disk, now: () => 0, extras: () => nothing });
  const { head } = openJournal(disk);
  const total = new Ledger(keep).total();
  await disk.close();
  return { waiting: unsaved.length + spilled.length, position, head, total };
}

export async function ledgerBalances(t: ExecutionContext, config: Config, values: number): Promise<void> {
  const { total, position, head } = await lastCheckpoint(config);
  t.is(position, head, 'the last checkpoint is of the last record');
  t.is(pending(total), 0, 'pending in the ledger');
  t.is(total.stored, values, JSON.stringify(total));
  t.is(total.quarantined + total.lateOnly + total.shed, 0, JSON.stringify(total));
}

/** Runs an edge over the same journal without an end in between, and compares what it stores, line by line. */
export async function asUndisturbed(
  t: ExecutionContext,
  config: Config,
  store: Store,
  data: string,
): Promise<void> {
  const killed = readData(config);
  await undisturbed({ ...config, data }, openJournal(killed).read(1), async (whole) => {
    await equal(t, exportSorted(store, everything), exportSorted(whole, everything));
    t.true((await all(whole.steps(everything))).length > 100, 'steps');
    t.true((await all(whole.forecasts(everything))).length > 50, 'forecasts');
    const fired = (await all(whole.alerts(everything))).filter(({ to }) => to === 'firing');
    for (const on of ['observed', 'forecast'])
      t.true(
        fired.some(({ rule }) => rule === on),
        `an alert on what is ${on}`,
      );
  });
  await killed.close();
}

/** Line by line, since a soak's are too many to hold. */
async function equal(t: ExecutionContext, actual: AsyncGenerator<string>, expected: AsyncGenerator<string>) {
  for (let line = 1; ; line++) {
    const [one, other] = [await actual.next(), await expected.next()];
    if (one.value !== other.value) return t.is(one.value, other.value, `line ${line} of the export`);
    if (one.done) return t.true(line > 1000, `${line} lines`);
  }
}

/** Messages of a begin or an end of an alert that nobody has heard. */
export async function untold(store: Store, told: ReadonlySet<string>): Promise<string[]> {
  const transitions = await all(store.alerts(everything));
  const due = transitions.filter(
    ({ to, quiet }) => (to === 'firing' || to === 'resolved') && quiet === undefined,
  );
  return due.map(messageId).filter((id) => !told.has(id));
}

/** Whoever listens all the time has heard of each begin and end, and of nothing that is not stored. */
export async function allWereTold(
  t: ExecutionContext,
  store: Store,
  told: ReadonlySet<string>,
): Promise<void> {
  t.deepEqual(await untold(store, told), [], 'never told');
  const known = new Set((await all(store.alerts(everything))).map(messageId));
  t.deepEqual(
    [...told].filter((id) => !known.has(id)),
    [],
    'told, and not stored',
  );
}
