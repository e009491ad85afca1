import { createHash } from 'node:crypto';
import type { Database } from 'lmdb';
import type { Disk } from '../disk.ts';
import type { Refusal } from './store.ts';

/** Points that the store refused for good, with its reason; one that is refused again is there once. */
export class RefusedPoints {
  readonly #table: Database<Refusal, string>;

  constructor(disk: Disk) {
    this.#table = disk.database<Refusal, string>('store-refused');
  }

  /** Resolves once it is on the disk: no later than a checkpoint that is begun after this call. */
  async put(refusal: Refusal): Promise<void> {
    await this.#table.put(keyOf(refusal), refusal);
  }

  *list(): Generator<Refusal, void, undefined> {
    for (const { value } of this.#table.getRange()) yield value;
  }
}

/** Of fixed length: names may be what the store refused, since LMDB's keys have an end. */
const keyOf = (refusal: Refusal) =>
  createHash('sha256')
    .update(JSON.stringify(identity(refusal)))
    .digest('hex');

function identity({ point }: Refusal): string[] {
  const { kind, station } = point;
  if (kind === 'reading') return [kind, station, point.sensor, point.variable, `${point.time}`];
  if (kind === 'step') return [kind, station, point.sensor, point.variable, `${point.start}`];
  if (kind === 'forecast')
    return [kind, station, point.variable, `${point.issuedAt}`, `${point.revision}`, `${point.step}`];
  if (kind === 'verification')
    return [kind, station, point.variable, `${point.issuedAt}`, `${point.horizon}`, `${point.step}`];
  return [kind, station, point.id, point.to, `${point.time}`];
}
