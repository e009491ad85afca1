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

/** The silence that keeps people from being told of an alert for longest; undefined where none does at that time. */
export function silencing(
  silences: Iterable<Silence>,
  {
    rule,
    area,
    stations,
  }: { readonly rule: string; readonly area: string; readonly stations: readonly string[] },
  time: number,
): Silence | undefined {
  const applies = ({ place, rule: only, until }: Silence) => {
    if (time >= until || (only !== undefined && only !== rule)) return false;
    // Of several stations, one that is silenced does not silence the others.
    return place === undefined || place === area || stations.every((station) => station === place);
  };
  const longer = (a: Silence, b: Silence) => b.until - a.until || (a.id < b.id ? -1 : 1);
  return [...silences].filter(applies).sort(longer)[0];
}

export function maintained(silences: Iterable<Silence>, station: string, time: number): boolean {
  for (const { of, place, until } of silences)
    if (of === 'maintenance' && time < until && place === station) return true;
  return false;
}
