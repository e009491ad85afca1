import type { Criterion, State } from './criteria.ts';

/** What people found out about a station: an officer's verdict on a warning, or a cell count. Times are ms since the epoch. */
export interface Sighting {
  readonly station: string;
  /** Of the sensor whose word it replaces. */
  readonly variable: string;
  /** [from, to) */
  readonly from: number;
  readonly to: number;
  /** Whether there was a spike. */
  readonly found: boolean;
  readonly beyond: Criterion['beyond'];
  /** The level that was, or was not, crossed, in the variable's unit; absent where a spike of any size was looked for. */
  readonly level?: number | undefined;
}

/** Those of a station, also under the name of an earlier deployment (deployments.ts). */
export const sightingsAt = (sightings: readonly Sighting[], station: string, variable: string): Sighting[] =>
  sightings.filter(
    (one) => one.variable === variable && (one.station === station || station.startsWith(`${one.station}@`)),
  );

/**
 * Whether a step is in the spike, where people looked. Who finds a level crossed confirms the thresholds up to it, who
 * finds it not crossed refutes those from it on. A refuted spike of the sensor is no truth about other thresholds
 * either, nor about how fast the value rose. Findings prevail over each other as spikes do over calm: to miss one is
 * worse.
 */
export function sightedState(
  measured: State,
  criterion: Criterion,
  { from, to }: Pick<Sighting, 'from' | 'to'>,
  sightings: readonly Sighting[],
): State {
  const here = sightings.filter((one) => one.beyond === criterion.beyond && one.from < to && one.to > from);
  if (here.some((one) => one.found && isAbout(one, criterion))) return 1;
  const refuted = here.filter(({ found }) => !found);
  if (refuted.some((one) => isAbout(one, criterion))) return 0;
  return refuted.length > 0 && measured === 1 ? -1 : measured;
}

function isAbout({ found, level }: Sighting, { of, beyond, threshold }: Criterion): boolean {
  if (of !== 'value') return false;
  if (level === undefined || level === threshold) return true;
  const milder = beyond === 'above' ? threshold < level : threshold > level;
  return milder === found;
}
