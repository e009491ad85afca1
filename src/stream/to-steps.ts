import type { OperatorFunction } from 'rxjs';
import type { Reading } from '../ingest/reading.ts';
import { cellStart, firstReflaggable, type Revisability } from './grid.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { type NamedSeries, Series, SeriesSet } from './series.ts';
import type { Step, StepBatch, Watermark } from './step.ts';
import { FLAG, summarize, VALUE } from './summary.ts';

export interface ToStepsOptions extends Revisability {
  /** Steps in a window. A cell is told of, empty or not, while a window that ends with it holds a reading. */
  readonly lookback: number;
  /** How often a station measures, ms: what coverage is counted against. */
  readonly cadence: (station: string) => number;
  readonly keep?: Keep | undefined;
}

/**
 * Sums readings up on the fixed grid. A cell closes when the watermark passes its end; a reading that comes to a
 * closed cell, is corrected or flagged anew makes the cell again, whole, with the next revision, at once. After a
 * station's last reading `lookback` - 1 empty cells are told of, and then no more: a window of nothing but gaps says
 * nothing new, and a year of silence would cost as much as a year of data.
 */
export function toSteps(options: ToStepsOptions): OperatorFunction<Reading | Watermark, StepBatch> {
  return operator((emit) => {
    const stepper = new Stepper(options, emit);
    return (event) => (event.kind === 'reading' ? stepper.add(event) : stepper.close(event));
  });
}

interface Cells {
  newest: number;
  /** Cells that start before it are closed. */
  closed: number;
  /** Start of the newest closed cell that has a reading. */
  filled: number;
  /** Cells that start before it are forgotten. */
  floor: number;
  /** Columns: time, value, flag. */
  readonly series: SeriesSet;
  /** Columns: start of a cell that was emitted, its revision. */
  readonly emitted: Series;
}

const codec: Codec<Cells> = {
  encode: ({ newest, closed, filled, floor, series, emitted }) => {
    const rows = emitted.rows();
    return series.pack([newest, closed, filled, floor, rows.length, ...rows]);
  },
  decode: (bytes) => {
    const { head, series } = SeriesSet.unpack(3, (numbers) => 5 + numbers[4]!, bytes);
    const [newest, closed, filled, floor] = head;
    const emitted = Series.of(2, head.slice(5));
    return { newest: newest!, closed: closed!, filled: filled!, floor: floor!, series, emitted };
  },
};

const create = (): Cells => ({
  newest: -Infinity,
  closed: -Infinity,
  filled: -Infinity,
  floor: -Infinity,
  series: new SeriesSet(3),
  emitted: new Series(2),
});

class Stepper {
  readonly #options: ToStepsOptions;
  readonly #emit: (batch: StepBatch) => void;
  readonly #kept: Kept<Cells>;

  constructor(options: ToStepsOptions, emit: (batch: StepBatch) => void) {
    this.#options = options;
    this.#emit = emit;
    this.#kept = (options.keep ?? new MemoryKeep()).map(`toSteps/${options.step}`, codec);
  }

  add(reading: Reading): void {
    if (reading.lateOnly) return;
    const cells = this.#kept.change(reading.station, create);
    const start = cellStart(reading.time, this.#options.step);
    if (start < cells.floor || !put(cells, reading)) return;
    if (reading.time > cells.newest) cells.newest = reading.time;
    if (start < cells.closed) this.#revise(reading.station, cells, start);
  }

  close({ station, time, cause }: Watermark): void {
    if (!this.#kept.get(station)) return;
    const cells = this.#kept.change(station, create);
    const end = cellStart(time, this.#options.step);
    for (
      let start = this.#next(cells, cells.closed);
      start < end;
      start = this.#next(cells, start + this.#options.step)
    )
      this.#tell(station, cells, start, 0, cause === 'idle');
    if (end > cells.closed) cells.closed = end;
    this.#forget(cells);
  }

  /** The next cell to be told of, from `start` on; Infinity where nothing is known of one. */
  #next({ filled, series }: Cells, start: number): number {
    const { step, lookback } = this.#options;
    if (start < filled + lookback * step) return start;
    let first = Infinity;
    for (const each of series.all) {
      const row = each.series.search(start);
      if (row < each.series.length) first = Math.min(first, each.series.time(row));
    }
    return cellStart(first, step);
  }

  #revise(station: string, cells: Cells, start: number): void {
    this.#tell(station, cells, start, (revisionOf(cells, start) ?? -1) + 1, false);
    this.#tellAfter(station, cells, start);
  }

  /** Tells of the cells after one that had been empty, as if its first reading had been in time. */
  #tellAfter(station: string, cells: Cells, filled: number): void {
    const { step, lookback } = this.#options;
    const end = Math.min(cells.closed, filled + lookback * step);
    for (let start = filled + step; start < end; start += step)
      if (revisionOf(cells, start) === undefined) this.#tell(station, cells, start, 0, false);
  }

  #tell(station: string, cells: Cells, start: number, revision: number, idle: boolean): void {
    const { step: length, cadence } = this.#options;
    const expected = length / cadence(station);
    const steps = cells.series.all.flatMap(
      (each) => stepOf(each, station, start, length, expected, revision) ?? [],
    );
    if (steps.length > 0 && start > cells.filled) cells.filled = start;
    const row = cells.emitted.search(start);
    if (!cells.emitted.holds(row, start)) cells.emitted.insert(row, start);
    cells.emitted.put(row, 1, revision);
    this.#emit({ kind: 'steps', station, start, length, revision, steps, idle });
  }

  /** What can change no more is forgotten, but nothing that is still open. */
  #forget(cells: Cells): void {
    const floor = Math.min(cells.closed, firstReflaggable(cells.newest, this.#options));
    if (floor <= cells.floor) return;
    cells.floor = floor;
    cells.series.dropBefore(floor);
    cells.emitted.drop(cells.emitted.search(floor));
  }
}

function revisionOf({ emitted }: Cells, start: number): number | undefined {
  const row = emitted.search(start);
  return emitted.holds(row, start) ? emitted.at(row, 1) : undefined;
}

/** Whether the reading says anything new. */
function put({ series }: Cells, { variable, sensor, time, value, flag }: Reading): boolean {
  const rows = series.open(variable, sensor);
  const row = rows.search(time);
  const known = rows.holds(row, time);
  if (known && Object.is(rows.at(row, VALUE), value) && rows.at(row, FLAG) === flag) return false;
  if (!known) rows.insert(row, time);
  rows.put(row, VALUE, value);
  rows.put(row, FLAG, flag);
  return true;
}

function stepOf(
  { variable, sensor, series }: NamedSeries,
  station: string,
  start: number,
  length: number,
  expected: number,
  revision: number,
): Step | undefined {
  const [from, to] = [series.search(start), series.search(start + length)];
  if (from === to) return undefined;
  const { mean, count, minimum, maximum, deviation, flag } = summarize(series, from, to);
  const coverage = Math.min(1, count / expected);
  return {
    kind: 'step',
    station,
    sensor,
    variable,
    start,
    length,
    mean,
    count,
    minimum,
    maximum,
    deviation,
    coverage,
    flag,
    revision,
  };
}
