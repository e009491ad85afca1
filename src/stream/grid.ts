/** How far back readings may still change flags, steps and windows; one object for all stages of a stream. */
export interface Revisability {
  /** Length of a cell of the time grid, ms. */
  readonly step: number;
  /** Readings up to this much older than the newest of their station still change something, ms. */
  readonly horizon: number;
  /** Readings further apart than this are no neighbours of each other, ms; the horizon where it is not given. */
  readonly gap?: number | undefined;
}

/** Start of the cell [start, start + step) that holds `time`. The grid is aligned to the epoch. */
export function cellStart(time: number, step: number): number {
  return Math.floor(time / step) * step;
}

/** Start of the oldest cell that a reading may still change: a cell can be revised as a whole or not at all. */
export function firstRevisable(newest: number, { step, horizon }: Revisability): number {
  return cellStart(newest - horizon, step);
}

/**
 * Start of the oldest cell whose flags may still change. A reading at the edge of what can be revised decides on the
 * flag of the one before it, which is at most a gap older.
 */
export function firstReflaggable(newest: number, grid: Revisability): number {
  return cellStart(firstRevisable(newest, grid) - gapOf(grid), grid.step);
}

export function gapOf({ gap, horizon }: Revisability): number {
  return gap ?? horizon;
}
