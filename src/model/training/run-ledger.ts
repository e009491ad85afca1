import type { Disk } from '../../disk.ts';
import type { Run } from './due.ts';

/** What was due, done, refused and failed, and why: one entry for each attempt, in LMDB, in order of its start. */
export class RunLedger {
  readonly #runs;
  readonly #since;

  constructor(disk: Disk) {
    this.#runs = disk.database<Run, number>('training-runs');
    this.#since = disk.database<number, string>('training-since');
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

  get last(): Run | undefined {
    return [...this.#runs.getRange({ reverse: true, limit: 1 })][0]?.value;
  }

  /** Newest first. */
  list(limit = 100): Run[] {
    return [...this.#runs.getRange({ reverse: true, limit })].map(({ value }) => value);
  }
}
