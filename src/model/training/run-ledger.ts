import type { Disk } from '../../disk.ts';
import type { Run } from './due.ts';
import type { HandChange, ServiceChange } from './service-history.ts';

/**
 * What was due, done, refused and failed, and why: one entry for each attempt, in LMDB, in order of its start. Beside
 * them, what people put into service themselves; the schedule does not count those as runs.
 */
export class RunLedger {
  readonly #runs;
  readonly #since;
  readonly #byHand;

  constructor(disk: Disk) {
    this.#runs = disk.database<Run, number>('training-runs');
    this.#since = disk.database<number, string>('training-since');
    this.#byHand = disk.database<HandChange, number>('service-changes-by-hand');
  }

  /** When this ledger began: nothing was due before. The first call says so. */
  async since(now: number): Promise<number> {
    const known = this.#since.get('since');
    if (known === undefined) await this.#since.put('since', now);
    return known ?? now;
  }

  /** Resolves once it is on the disk. */
  async put(run: Run): Promise<void> {
    await this.#runs.put(run.startedAt, run);
  }

  /** Of who holds the lease: what its host has running is dead. Its end is not known. */
  async failDead(host: string): Promise<void> {
    const outcome = 'it was killed, or its machine went down: it left no word';
    for (const run of this.list())
      if (run.state === 'running' && run.host === host) await this.put({ ...run, state: 'failed', outcome });
  }

  /** Resolves once it is on the disk. */
  async putByHand(change: HandChange): Promise<void> {
    await this.#byHand.put(change.time, change);
  }

  get last(): Run | undefined {
    return [...this.#runs.getRange({ reverse: true, limit: 1 })][0]?.value;
  }

  /** Newest first. */
  list(limit = 100): Run[] {
    return [...this.#runs.getRange({ reverse: true, limit })].map(({ value }) => value);
  }

  /** The newest whose decision is so. */
  newestRun(isSo: (decision: Decided) => boolean): Run | undefined {
    for (const { value } of this.#runs.getRange({ reverse: true })) if (isSo(decidedIn(value))) return value;
    return undefined;
  }

  /** Newest first. */
  listByHand(limit = 100): HandChange[] {
    return [...this.#byHand.getRange({ reverse: true, limit })].map(({ value }) => value);
  }

  /** What put another version into service, of all time, in no order. */
  changes(): ServiceChange[] {
    return [
      ...this.listByHand(Number.POSITIVE_INFINITY),
      ...this.list(Number.POSITIVE_INFINITY).flatMap(retrained),
    ];
  }
}

/** What this room knows of a decision: the versions that it is about. */
interface Decided {
  readonly champion?: string;
  readonly promoted?: { readonly id: string };
}

const decidedIn = ({ decision }: Run) => (decision ?? {}) as Decided;

function retrained(run: Run): ServiceChange[] {
  const { startedAt, endedAt: time = startedAt, outcome } = run;
  const { champion: from, promoted } = decidedIn(run);
  const why = outcome === undefined ? {} : { reason: outcome };
  return promoted ? [{ kind: 'retrained', time, from, to: promoted.id, ...why }] : [];
}
