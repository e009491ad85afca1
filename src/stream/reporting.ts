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
  readonly intervals: number[];
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
  if (begunAt > Number.NEGATIVE_INFINITY) remember(reporting.intervals, receivedAt - begunAt);
  reporting.begunAt = receivedAt;
}

/** In place: a list that replaced it would outlive the young generation, for each report. */
function remember(intervals: number[], interval: number): void {
  if (intervals.length === memory) intervals.copyWithin(0, 1)[memory - 1] = interval;
  else intervals.push(interval);
}

/** The median interval, of one cadence at least: a station cannot report more often than it measures. */
export function learntInterval({ intervals }: Reporting, cadence: number): number {
  if (intervals.length < enough) return cadence;
  const sorted = [...intervals].sort((a, b) => a - b);
  return Math.max(cadence, sorted[sorted.length >> 1]!);
}
