/** Reports remembered, and how many it takes to tell an interval. */
const memory = 15;
const enough = 5;

/** When a station's reports began, as far as it takes to learn how often they come; ms of arrival. */
export interface Reporting {
  /** Beginning of the newest report. */
  begunAt: number;
  /** Arrival of the last value. */
  heardAt: number;
  /** From one beginning to the next, the oldest first. */
  intervals: number[];
}

/**
 * Notes the arrival of a value. What comes within half a cadence of the value before belongs to the same report: a
 * gateway may send its variables one by one, or a backlog in a burst.
 */
export function noteArrival(reporting: Reporting, receivedAt: number, cadence: number): void {
  const { heardAt, begunAt } = reporting;
  if (receivedAt <= heardAt) return;
  reporting.heardAt = receivedAt;
  if (receivedAt - heardAt < cadence / 2) return;
  if (begunAt > Number.NEGATIVE_INFINITY)
    reporting.intervals = [...reporting.intervals, receivedAt - begunAt].slice(-memory);
  reporting.begunAt = receivedAt;
}

/** The median interval, of one cadence at least: a station cannot report more often than it measures. */
export function learntInterval({ intervals }: Reporting, cadence: number): number {
  if (intervals.length < enough) return cadence;
  const sorted = [...intervals].sort((a, b) => a - b);
  return Math.max(cadence, sorted[sorted.length >> 1]!);
}
