/**
 * Somebody's wish that nobody be told for a while. `maintenance` is of a station that is being worked on: what it
 * measures meanwhile is no evidence either.
 */
export interface Silence {
  readonly id: string;
  readonly of: 'silence' | 'maintenance';
  /** Which alerts: of any rule, and of any area or station, where absent. */
  readonly rule?: string;
  /** An area, or a station. */
  readonly place?: string;
  /** ms since the epoch. */
  readonly from: number;
  readonly until: number;
  readonly author: string;
  readonly note: string;
}

/** The silence that keeps people from being told of an alert; undefined where there is none at that time. */
export function silencing(
  silences: Iterable<Silence>,
  {
    rule,
    area,
    stations,
  }: { readonly rule: string; readonly area: string; readonly stations: readonly string[] },
  time: number,
): Silence | undefined {
  for (const silence of silences) {
    if (time >= silence.until || (silence.rule !== undefined && silence.rule !== rule)) continue;
    const { place } = silence;
    if (place === undefined || place === area) return silence;
    // Of several stations, one that is silenced does not silence the others.
    if (stations.every((station) => station === place)) return silence;
  }
  return undefined;
}

export function maintained(silences: Iterable<Silence>, station: string, time: number): boolean {
  for (const { of, place, until } of silences)
    if (of === 'maintenance' && time < until && place === station) return true;
  return false;
}
