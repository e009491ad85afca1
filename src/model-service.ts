import type { Disk } from './disk.ts';
import type { Service } from './model/retention.ts';

interface Entry {
  readonly record: number;
  readonly from: number;
  readonly to?: number | undefined;
}

/**
 * Which versions served at this edge, until when, and which record of the journal names each last. It lies beside the
 * journal, so what a checkpoint covers is in it.
 */
export class ModelService {
  readonly #entries;
  readonly #since;

  constructor(disk: Disk) {
    this.#entries = disk.database<Entry, string>('model-service');
    this.#since = disk.database<number, string>('model-service-since');
  }

  /** When this began to be written: what was there before may have served. */
  get since(): number {
    return this.#since.get('since') ?? Number.POSITIVE_INFINITY;
  }

  /** At a start. What serves then was put into service by a record that may still be in the journal. */
  async begin(now: number, serving: string | undefined, head: number): Promise<void> {
    if (this.#since.get('since') === undefined) await this.#since.put('since', now);
    if (serving !== undefined && this.#entries.get(serving)?.to !== undefined)
      await this.#entries.put(serving, { ...this.#entries.get(serving)!, to: undefined });
    else if (serving !== undefined && !this.#entries.get(serving))
      await this.#entries.put(serving, { record: head, from: now });
  }

  /**
   * At a record that names a version.
   * @param serving the version in service after it: another one where the one named was refused.
   */
  async note(
    { id, sequence, time }: { readonly id: string; readonly sequence: number; readonly time: number },
    serving: string | undefined,
  ): Promise<void> {
    const writes = [...this.#entries.getRange()]
      .filter(({ key, value }) => key !== serving && value.to === undefined)
      .map(({ key, value }) => this.#entries.put(key, { ...value, to: Math.max(value.from, time) }));
    const before = this.#entries.get(id);
    const to = serving === id ? undefined : (before?.to ?? time);
    writes.push(this.#entries.put(id, { record: sequence, from: before?.from ?? time, to }));
    await Promise.all(writes);
  }

  list(): Service[] {
    return [...this.#entries.getRange()].map(({ key, value: { record, to } }) => ({ id: key, record, to }));
  }
}
