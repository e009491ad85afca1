import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as timer } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { type Disk, openDisk } from '../../src/disk.ts';
import type { Reading } from '../../src/ingest/reading.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import { lmdbSpill } from '../../src/store/lmdb-spill.ts';
import type { Spill } from '../../src/store/point-queue.ts';
import type { Refusal, Store, Stored } from '../../src/store/store.ts';
import { retryAfter, StoreWriter, type StoreWriterOptions } from '../../src/store/store-writer.ts';
import { startInflux } from '../servers.ts';
import { alert, all, always, reading, start } from './points.ts';
import { type Outcome, ScriptedStore } from './scripted-store.ts';

const numbered = (from: number, count: number): Reading[] =>
  Array.from({ length: count }, (_, at) => reading({ time: start + from + at, value: from + at }));
const valuesOf = (points: Iterable<Stored>) => [...points].map((point) => (point as Reading).value);

function newDisk(t: ExecutionContext): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'redtide-writer-'));
  const disk = openDisk(folder);
  t.teardown(async () => {
    await disk.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return disk;
}

/** Sleeps that are written down and take one turn of the event loop. */
function quick(waits: number[] = []): Pick<StoreWriterOptions, 'sleep' | 'random'> {
  const sleep = (ms: number) => {
    waits.push(ms);
    return new Promise(setImmediate);
  };
  return { sleep, random: () => 0.5 };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn > 2000) throw new Error(`waited too long for ${what}`);
    await timer(2);
  }
}

test('writes in batches, in order, and says what was stored and refused', async (t) => {
  const store = new ScriptedStore();
  store.script.push('store', 'refuse', 'store');
  const [stored, refused] = [[] as number[], [] as Refusal[]];
  const writer = new StoreWriter(store, {
    batch: 10,
    ...quick(),
    onStored: ({ length }) => stored.push(length),
    onRefused: (refusal) => refused.push(refusal),
  });
  const points = numbered(0, 25);
  writer.add(points.slice(0, 3));
  writer.add(points.slice(3));
  t.like(writer.health, { state: 'ok', pending: 25, spilled: 0 });
  t.deepEqual(writer.unsaved(), points);
  await writer.drain();
  t.deepEqual(store.writes, [points.slice(0, 10), points.slice(10, 20), points.slice(20)]);
  t.deepEqual(stored, [10, 9, 5]);
  t.deepEqual(refused, [{ point: points[10]!, reason: 'told to' }]);
  t.like(writer.health, { state: 'ok', reason: undefined, pending: 0 });
  t.deepEqual(writer.unsaved(), []);
});

test('waits for a batch to fill, and no longer than the delay', async (t) => {
  const store = new ScriptedStore();
  const waits: { readonly ms: number; readonly end: () => void }[] = [];
  const sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((end) => {
      waits.push({ ms, end });
      signal.addEventListener('abort', () => end());
    });
  const writer = new StoreWriter(store, { batch: 10, delay: 700, sleep });
  writer.add(numbered(0, 4));
  await timer(5);
  t.deepEqual([store.writes.length, waits.at(-1)!.ms], [0, 700]);
  waits.at(-1)!.end();
  await until('the delay', () => store.writes.length === 1);
  t.is(store.writes[0]!.length, 4);

  writer.add(numbered(4, 4));
  await timer(5);
  t.is(store.writes.length, 1);
  writer.add(numbered(8, 8));
  await until('a full batch', () => store.writes.length === 2);
  t.is(store.writes[1]!.length, 10);
});

test('tries again with growing waits until it works, and keeps the order', async (t) => {
  const store = new ScriptedStore();
  store.failOpening = 2;
  store.script.push('fail', 'lost', 'fail', 'store');
  const waits: number[] = [];
  const writer = new StoreWriter(store, { batch: 2, backoff: { first: 100, most: 700 }, ...quick(waits) });
  writer.add([reading({ value: 1 }), reading({ value: 2 }), reading({ value: 3 })]);
  await until('the first failure', () => writer.health.state === 'retrying');
  t.is(writer.health.reason, 'not there yet');
  await writer.drain();
  t.deepEqual(waits, [75, 150, 300, 525, 525]);
  t.deepEqual(store.writes.map(valuesOf), [[1, 2], [1, 2], [1, 2], [1, 2], [3]]);
  t.is((store.held.values().next().value as Reading).value, 3);
  t.like(writer.health, { state: 'ok', reason: undefined, failures: 0, pending: 0 });
});

test('waits as long as the server asks, within reason', (t) => {
  t.is(retryAfter(1, 0), 500);
  t.is(retryAfter(1, 0.999_999), 1000);
  t.is(retryAfter(3, 0, undefined, { first: 100, most: 10_000 }), 200);
  t.is(retryAfter(1000, 0.999_999), 60_000);
  t.is(retryAfter(1, 0, 7000), 7000);
  t.is(retryAfter(1, 0, 1e12), 600_000);
});

test('past the bound, points go to the disk, and come back in order', async (t) => {
  const disk = newDisk(t);
  const store = new ScriptedStore();
  store.script.push(...Array<Outcome>(50).fill('fail'));
  const writer = new StoreWriter(store, { batch: 10, bound: 50, spill: lmdbSpill(disk), ...quick() });
  const points = numbered(0, 1005);
  for (let at = 0; at < points.length; at += 7) writer.add(points.slice(at, at + 7));
  await disk.synced();
  await until('the disk', () => writer.health.spilled >= 900);
  const unsaved = writer.unsaved();
  t.true(unsaved.length <= 60, `${unsaved.length} points only in memory`);
  t.deepEqual(unsaved, points.slice(-unsaved.length));
  t.is(writer.health.pending, 1005);
  await writer.drain();
  t.deepEqual([...store.held.values()], points);
  t.deepEqual([...lmdbSpill(disk).blocks()], []);
  writer.add(numbered(1005, 3));
  t.is(writer.unsaved().length, 3);
});

test('stopping writes what waits; what can not be written is found by the next start, in order', async (t) => {
  const disk = newDisk(t);
  const store = new ScriptedStore();
  const options = { batch: 10, bound: 20, spill: lmdbSpill(disk), ...quick() };
  const first = new StoreWriter(store, {
    ...options,
    delay: 3_600_000,
    sleep: (ms, signal) => timer(ms, null, { signal }),
  });
  first.add(numbered(0, 5));
  await first.stop(5000);
  t.is(store.held.size, 5);

  const second = new StoreWriter(store, { ...options, sleep: (ms, signal) => timer(ms, null, { signal }) });
  store.script.push('store', 'fail');
  second.add(numbered(5, 42));
  await second.stop(5000);
  await disk.synced();
  const unsaved = second.unsaved();
  t.is(second.health.pending, 32);
  t.deepEqual(valuesOf(unsaved), [45, 46]);
  const before = store.writes.length;
  second.add(numbered(47, 3));
  await timer(10);
  t.is(store.writes.length, before);

  const third = new StoreWriter(store, options);
  third.add(unsaved);
  await third.drain();
  t.deepEqual(valuesOf(store.writes.slice(before).flat()), valuesOf(numbered(15, 32)));
});

test('stopping does not wait for a store that hangs', async (t) => {
  const store = new ScriptedStore();
  store.script.push('hang');
  const writer = new StoreWriter(store, { batch: 10 });
  writer.add(numbered(0, 10));
  await writer.stop(20);
  t.deepEqual(writer.unsaved(), numbered(0, 10));
  await writer.drain();
  t.is(store.held.size, 0);
});

test('a disk that fails is said, and memory keeps the points', async (t) => {
  const full: Spill = {
    blocks: () => [],
    put: () => Promise.reject(new Error('no space left on device')),
    get: () => undefined,
    remove: () => Promise.resolve(),
  };
  const store = new ScriptedStore();
  store.script.push(...Array<Outcome>(30).fill('fail'));
  const writer = new StoreWriter(store, { batch: 10, bound: 20, spill: full, ...quick() });
  writer.add(numbered(0, 100));
  await until('the failure', () => writer.health.failures > 2);
  t.is(writer.unsaved().length, 100);
  await writer.drain();
  t.deepEqual([...store.held.values()], numbered(0, 100));
});

type Act =
  | { readonly kind: 'add'; readonly count: number }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly Outcome[] }
  | { readonly kind: 'turns'; readonly turns: number }
  | { readonly kind: 'checkpoint' | 'crash' };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('outcomes' as const),
      outcomes: fc.array(fc.constantFrom<Outcome>('store', 'fail', 'lost'), { maxLength: 8 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('turns' as const), turns: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'checkpoint' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
);

/** Store, spill and time as one process sees them: after its crash nothing it does has an effect any more. */
function mortal(store: Store, spill: Spill) {
  let dead = false;
  const never = new Promise<never>(() => {});
  const guarded = <T extends object>(whole: T): T =>
    new Proxy(whole, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => (dead ? never : (member.apply(target, given) as unknown));
      },
    });
  const options = { spill: guarded(spill), sleep: guarded(quick()).sleep!, random: () => 0.5 };
  return { store: guarded(store), options, die: () => (dead = true) };
}

/** As LMDB: what is put or removed is there a turn later, in the order of the calls. */
class SlowSpill implements Spill {
  readonly kept = new Map<number, readonly Stored[]>();

  blocks() {
    const numbers = [...this.kept.keys()].sort((a, b) => a - b);
    return numbers.map((number) => {
      const count = this.kept.get(number)!.length;
      return { number, count, bytes: count };
    });
  }

  async put(number: number, points: readonly Stored[]): Promise<number> {
    const copy = structuredClone(points);
    await new Promise(setImmediate);
    this.kept.set(number, copy);
    return points.length;
  }

  get(number: number): readonly Stored[] | undefined {
    return this.kept.get(number);
  }

  async remove(number: number): Promise<void> {
    await new Promise(setImmediate);
    this.kept.delete(number);
  }
}

test('past its room the oldest go, but for the changes of alerts, and are told of once', async (t) => {
  const [store, disk] = [new ScriptedStore(), newDisk(t)];
  store.script.push('fail');
  let release = () => {};
  const back = new Promise<void>((resolve) => {
    release = resolve;
  });
  const shed: Stored[] = [];
  const spill = lmdbSpill(disk);
  const maximum = (await spill.put(1, numbered(0, 10))) * 4;
  await spill.remove(1, 10);
  const room = { maximum, full: 'shed' } as const;
  const options = {
    batch: 10,
    bound: 10,
    spill,
    room,
    onShed: (points: readonly Stored[]) => shed.push(...points),
  };
  const writer = new StoreWriter(store, { ...options, sleep: () => back });
  const change = alert();
  writer.add([...numbered(0, 11), change]);
  for (let from = 11; from < 200; from++) {
    writer.add(numbered(from, 1));
    await new Promise(setImmediate);
  }
  t.false(writer.full);
  const taken = () => [...spill.blocks()].reduce((sum, { bytes }) => sum + bytes, 0);
  await until('what goes has left the disk', () => taken() <= maximum * 1.5);
  release();
  await writer.drain();
  t.true(shed.length > 50, `${shed.length} were shed`);
  t.deepEqual(
    valuesOf(shed),
    [...valuesOf(shed)].sort((a, b) => a - b),
    'the oldest first',
  );
  t.false(shed.includes(change));
  t.is(shed.length + store.held.size, 201, 'each is stored or shed');
  t.is(writer.health.pending, 0);
  await writer.stop(0);
});

test('a spill that is full says so until the store has taken some, and over a restart', async (t) => {
  const [store, disk] = [new ScriptedStore(), newDisk(t)];
  const never = () => new Promise(() => {});
  store.script.push('hang');
  const room = { maximum: 1000, full: 'stop' } as const;
  const options = { batch: 10, bound: 10, spill: lmdbSpill(disk), room };
  const writer = new StoreWriter(store, { ...options, sleep: never });
  writer.add(numbered(0, 100));
  await until('the spill', () => writer.health.spilled === 100);
  t.true(writer.full);
  const next = new StoreWriter(store, { ...options, ...quick() });
  t.true(next.full);
  await next.drain();
  t.false(next.full);
  t.deepEqual(valuesOf(store.held.values()), valuesOf(numbered(0, 100)));
});

test('whatever fails, and whenever the process dies, the newest value of each key is what stays', async (t) => {
  let spilled = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 30 }), async (acts) => {
      const [store, spill] = [new ScriptedStore(), new SlowSpill()];
      const added: Reading[] = [];
      let checkpoint: { unsaved: readonly Stored[]; position: number } = { unsaved: [], position: 0 };
      const live = () => {
        const guarded = mortal(store, spill);
        const options = { batch: 4, bound: 10, ...guarded.options };
        return { writer: new StoreWriter(guarded.store, options), die: guarded.die };
      };
      let life = live();
      const crash = async () => {
        life.die();
        await new Promise(setImmediate);
        life = live();
        life.writer.add(checkpoint.unsaved);
        life.writer.add(added.slice(checkpoint.position));
      };
      for (const one of acts) {
        if (one.kind === 'add') {
          const points = Array.from({ length: one.count }, (_, at) =>
            reading({ time: start + ((added.length + at) % 7), value: added.length + at }),
          );
          added.push(...points);
          life.writer.add(points);
        } else if (one.kind === 'outcomes') store.script.push(...one.outcomes);
        else if (one.kind === 'turns')
          for (let turn = 0; turn < one.turns; turn++) await new Promise(setImmediate);
        else if (one.kind === 'checkpoint') {
          // Its commit is behind the puts before it, as in LMDB.
          checkpoint = { unsaved: life.writer.unsaved(), position: added.length };
          await new Promise(setImmediate);
        } else await crash();
        spilled = Math.max(spilled, life.writer.health.spilled);
      }
      await crash();
      await life.writer.drain();
      const newest = new Map(added.map(({ time, value }) => [time, value]));
      const held = new Map(
        [...store.held.values()].map((point) => [(point as Reading).time, (point as Reading).value]),
      );
      t.deepEqual(held, newest);
      t.deepEqual(spill.blocks(), []);
    }),
    { numRuns: 400 },
  );
  t.true(spilled > 20, `at most ${spilled} points were on the disk`);
});

test('InfluxDB is killed and started again in the middle, and has every point', async (t) => {
  const server = await startInflux(t);
  if (!server) return;
  const store = new InfluxStore({ url: server.url, database: 'd', deadline: 2000 });
  const writer = new StoreWriter(store, {
    batch: 1000,
    bound: 5000,
    spill: lmdbSpill(newDisk(t)),
    backoff: { first: 20, most: 100 },
  });
  const points = numbered(0, 40_000);
  for (let at = 0; at < points.length; at += 200) {
    writer.add(points.slice(at, at + 200));
    if (at === 10_000) await server.kill();
    if (at === 30_000) {
      await until('trouble', () => writer.health.state === 'retrying');
      t.regex(writer.health.reason!, /InfluxDB at/);
      t.true(writer.health.pending > 5000);
      await server.start();
    }
    await new Promise(setImmediate);
  }
  await writer.drain();
  t.deepEqual(await all(store.readings(always)), points);
  t.like(writer.health, { state: 'ok', pending: 0, spilled: 0 });
});
