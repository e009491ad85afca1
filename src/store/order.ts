import type { AlertState, AlertTransition } from '../alerts/alert.ts';

/** By UTF-8 bytes, as LMDB sorts its keys; JavaScript's `<` puts emoji before U+E000. */
export function compareNames(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const states: readonly AlertState[] = ['pending', 'firing', 'resolved', 'inactive', 'acknowledged', 'stale'];

/** Transitions of one time in the order in which they can follow each other. */
export const stateRank = (state: AlertState) => states.indexOf(state);

/** Station, variable, time, rule, state, severity, area, mode. */
export function compareAlerts(a: AlertTransition, b: AlertTransition): number {
  return (
    compareNames(a.station, b.station) ||
    compareNames(a.evidence.variable, b.evidence.variable) ||
    a.time - b.time ||
    compareNames(a.rule, b.rule) ||
    stateRank(a.to) - stateRank(b.to) ||
    compareNames(a.severity, b.severity) ||
    compareNames(a.area, b.area) ||
    compareNames(a.mode, b.mode)
  );
}
