import type { OperatorFunction } from 'rxjs';
import type { Reading } from '../ingest/reading.ts';
import { cellStart, firstRevisable, type Revisability } from './grid.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { SeriesSet } from './series.ts';

export interface DedupeOptions extends Revisability {
  /** Told of each reading that is dropped: its identity and value came before. */
  readonly onDuplicate?: ((reading: Reading) => void) | undefined;
  readonly keep?: Keep | undefined;
}

/** Columns: time, value. */
interface Remembered {
  newest: number;
  readonly series: SeriesSet;
}

const codec: Codec<Remembered> = {
  encode: ({ newest, series }) => series.pack([newest]),
  decode: (bytes) => {
    const { head, series } = SeriesSet.unpack(2, () => 1, bytes);
    return { newest: head[0]!, series };
  },
};

const create = (): Remembered => ({ newest: -Infinity, series: new SeriesSet(2) });

/**
 * Drops readings that came before with the same value, and marks those that came with another one as corrections: the
 * last to arrive holds. What is older than the horizon passes as `lateOnly`, unseen: whether it came before is not
 * known any longer. All that is no reading passes.
 */
export function dedupe<T extends { readonly kind: string }>(
  options: DedupeOptions,
): OperatorFunction<T | Reading, T | Reading> {
  return operator((emit) => {
    const kept = (options.keep ?? new MemoryKeep()).map('dedupe', codec);
    return (event) => {
      if (event.kind !== 'reading') return emit(event);
      const reading = admit(event as Reading, kept, options);
      if (reading) emit(reading);
      else options.onDuplicate?.(event as Reading);
    };
  });
}

/** The reading as it is to go on; undefined for a duplicate. */
function admit(reading: Reading, kept: Kept<Remembered>, options: DedupeOptions): Reading | undefined {
  const { station, sensor, variable, time } = reading;
  // -0 becomes 0: which of the two came first must not be told by any bit behind.
  const value = reading.value + 0;
  if (time < firstRevisable(kept.get(station)?.newest ?? -Infinity, options))
    return { ...reading, value, lateOnly: true };
  const state = kept.change(station, create);
  const series = state.series.open(variable, sensor);
  const row = series.search(time);
  const known = series.holds(row, time);
  if (known && same(series.at(row, 1), value)) return undefined;
  if (!known) series.insert(row, time);
  series.put(row, 1, value);
  if (time > state.newest) advance(state, time, options);
  if (known) return { ...reading, value, revision: 'correction' };
  return Object.is(value, reading.value) ? reading : { ...reading, value };
}

/** Forgetting is done once per cell: it costs the common reading nothing. */
function advance(state: Remembered, time: number, options: DedupeOptions): void {
  const entered = cellStart(time, options.step) > cellStart(state.newest, options.step);
  state.newest = time;
  if (entered) state.series.dropBefore(firstRevisable(time, options));
}

/** NaN is the same as NaN. */
function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
