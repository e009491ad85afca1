import type { Reading } from '../../src/ingest/reading.ts';
import { type Store, type Stored, StoreUnavailable, type WriteResult } from '../../src/store/store.ts';

/**
 * What the next write does. `lost` stores and then fails, as when an answer does not arrive; `refuse` refuses the
 * first point; `hang` never settles.
 */
export type Outcome = 'store' | 'fail' | 'lost' | 'refuse' | 'hang';

/** A store in memory that does as it is told, and then stores. */
export class ScriptedStore implements Store {
  readonly name = 'scripted';
  readonly script: Outcome[] = [];
  readonly writes: (readonly Stored[])[] = [];
  readonly held = new Map<string, Stored>();
  opened = 0;
  after: number | undefined;
  failOpening = 0;

  async open(): Promise<void> {
    if (this.failOpening-- > 0) throw new StoreUnavailable('not there yet');
    this.opened++;
  }

  async write(points: readonly Stored[]): Promise<WriteResult> {
    this.writes.push(points);
    const outcome = this.script.shift() ?? 'store';
    await new Promise(setImmediate);
    if (outcome === 'hang') return new Promise(() => {});
    if (outcome === 'fail') throw new StoreUnavailable('away', this.after);
    const refused = outcome === 'refuse' ? points.slice(0, 1) : [];
    for (const point of points) if (!refused.includes(point)) this.held.set(keyOf(point), point);
    if (outcome === 'lost') throw new StoreUnavailable('answer lost');
    return {
      stored: points.length - refused.length,
      refused: refused.map((point) => ({ point, reason: 'told to' })),
    };
  }

  async *readings(): AsyncGenerator<never> {}
  async *steps(): AsyncGenerator<never> {}
  async *forecasts(): AsyncGenerator<never> {}
  async *verifications(): AsyncGenerator<never> {}
  async *alerts(): AsyncGenerator<never> {}
  async close(): Promise<void> {}
}

function keyOf(point: Stored): string {
  const { station, sensor, variable, time } = point as Reading;
  return JSON.stringify([station, sensor, variable, time]);
}
