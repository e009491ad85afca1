/**
 * `redtide edge CONFIG` from the sources, made to be killed: the objects are the real ones, and what is put around
 * their methods here counts the PUBACKs that go out and ends the process with SIGKILL at a named point.
 * REDTIDE_KILL_AT names the point, REDTIDE_KILL_AFTER how many PUBACKs come first, REDTIDE_KILL_SKIP how often the
 * point is passed then, and REDTIDE_KILL_DELAY how many ms into it the end comes.
 */
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Outbox } from '../../src/alerts/outbox.ts';
import { Checkpoint } from '../../src/checkpoint.ts';
import { Disk } from '../../src/disk.ts';
import { Journal } from '../../src/ingest/journal.ts';
import { main } from '../../src/main.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import { mutate } from './mutants.ts';
import type { Point } from './points.ts';

const { env } = process;
// First, so that the points are around what is wrong.
mutate(env['REDTIDE_MUTANT']);
const at = (env['REDTIDE_KILL_AT'] ?? 'never') as Point;
const armedAfter = Number(env['REDTIDE_KILL_AFTER'] ?? 0);
const delay = Number(env['REDTIDE_KILL_DELAY'] ?? 0);
/** ms; so often that many of them are cut. */
const checkpointEvery = 200;

let pubacks = 0;
let toSkip = Number(env['REDTIDE_KILL_SKIP'] ?? 0);

function count(sent: number): void {
  if (sent > 0 && pubacks < armedAfter && pubacks + sent >= armedAfter)
    process.send?.({ pubacks: pubacks + sent });
  pubacks += sent;
}

const reached = (point: Point) => point === at && pubacks >= armedAfter && toSkip-- <= 0;

/** SIGKILL to oneself does not return. */
const die = () => void process.kill(process.pid, 'SIGKILL');

/** Ends the process while the method is under way, and `after` it before its caller hears of it. */
function around<A extends unknown[], R>(
  method: (...args: A) => Promise<R>,
  { during, after }: { readonly during?: Point; readonly after?: Point },
): (...args: A) => Promise<R> {
  return async function (this: unknown, ...args: A) {
    const work = method.apply(this, args);
    if (during && reached(during)) void sleep(delay).then(die);
    const result = await work;
    if (after && reached(after)) die();
    return result;
  };
}

const append = around(Journal.prototype.append, { during: 'append', after: 'sync' });
const plain = Journal.prototype.append;
Journal.prototype.append = function (entry) {
  return (entry.kind === 'message' ? append : plain).call(this, entry);
};
InfluxStore.prototype.write = around(InfluxStore.prototype.write, { during: 'store', after: 'stored' });
Outbox.prototype.put = around(Outbox.prototype.put, { during: 'announce', after: 'announced' });

const database = Disk.prototype.database as (...args: unknown[]) => {
  put: (...args: unknown[]) => Promise<boolean>;
};
Disk.prototype.database = function (this: Disk, ...args: unknown[]) {
  const table = database.apply(this, args);
  if (args[0] === 'store-waiting') table.put = around(table.put, { during: 'spill' });
  return table;
} as Disk['database'];

let savedAt = 0;
const save = around(Checkpoint.prototype.save, { during: 'checkpoint', after: 'checkpointed' });
Checkpoint.prototype.save = function () {
  savedAt = performance.now();
  return save.call(this);
};
Checkpoint.prototype.due = () => performance.now() - savedAt >= checkpointEvery;

const write = Socket.prototype.write as (...args: unknown[]) => boolean;
Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
  const sent = pubacksIn(args[0]);
  const more = write.apply(this, args);
  count(sent);
  if (sent > 0 && reached('puback')) die();
  return more;
} as Socket['write'];

/** Whole ones, as our source writes them, or the first byte of one, as the embedded broker does (MQTT 5, 3.4). */
function pubacksIn(chunk: unknown): number {
  if (!Buffer.isBuffer(chunk) || chunk[0] !== 0x40) return 0;
  return chunk.length % 4 === 0 ? chunk.length / 4 : chunk.length === 1 ? 1 : 0;
}

process.exitCode = await main(['edge', process.argv[2]!]);
