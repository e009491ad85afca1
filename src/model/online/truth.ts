import type { Window } from '../../stream/window.ts';

export interface Settling {
  /** ms of a step. */
  readonly step: number;
  /** ms that a step must lie behind the end of the window before it is taken as measured. */
  readonly revisable: number;
}

/** Steps that start before it count as measured. A window that is shorter than `revisable` settles its oldest step. */
export function settledUntil({ end, lookback }: Window, { step, revisable }: Settling): number {
  return end - Math.min(Math.ceil(revisable / step), lookback - 1) * step;
}

/** The mean of a step of a window; undefined where it has none, or the window does not reach so far back. */
export function measuredAt(window: Window, variable: string, time: number): number | undefined {
  const row = window.lookback - (window.end - time) / window.step;
  const cell = row * window.variables.length + window.variables.indexOf(variable);
  return row >= 0 && window.mask[cell] ? window.values[cell] : undefined;
}
