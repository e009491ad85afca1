import type { Bloom, Hypoxia } from './bloom.ts';
import { stations } from './stations.ts';
import { hour } from './weather.ts';

/** What goes wrong between a buoy's sensors and the broker; times in ms. */
export type Fault =
  | { readonly kind: 'dead'; readonly station: string; readonly from: number; readonly to?: number }
  | {
      readonly kind: 'wrong-clock';
      readonly station: string;
      readonly from: number;
      readonly to: number;
      /** ms that its stamps are ahead; negative: behind. */
      readonly ahead: number;
    }
  | { readonly kind: 'late-burst'; readonly station: string; readonly from: number; readonly to: number };

/** A story told over the random world: its own blooms and hypoxia, and faults of buoys. */
export interface Scenario {
  readonly blooms: readonly Bloom[];
  readonly hypoxia: readonly Hypoxia[];
  readonly faults: readonly Fault[];
  /** No bloom of the random schedule peaks within [from, to). */
  readonly quiet?: { readonly from: number; readonly to: number };
}

export const noScenario: Scenario = { blooms: [], hypoxia: [], faults: [] };

/** How one record leaves its buoy: never, or at a time and with a stamp. */
export type Departure =
  | { readonly kind: 'never'; readonly reason: 'dead' }
  | { readonly kind: 'sent'; readonly at: number; readonly stamp: number };

/** Decides what the faults of a scenario make of the record that a station takes at a time. */
export function departure(scenario: Scenario, station: string, time: number): Departure {
  let at = time;
  let stamp = time;
  for (const fault of scenario.faults) {
    if (fault.station !== station || time < fault.from || time >= (fault.to ?? Number.POSITIVE_INFINITY))
      continue;
    if (fault.kind === 'dead') return { kind: 'never', reason: 'dead' };
    if (fault.kind === 'wrong-clock') stamp = time + fault.ahead;
    if (fault.kind === 'late-burst') at = fault.to;
  }
  return { kind: 'sent', at, stamp };
}

const indexOf = (id: string) => stations.findIndex((station) => station.id === id);

/**
 * The story of the demonstration, in hours after `start`. A bloom at B04 passes 20 ug/L about hour 31, peaks about
 * hour 41 and drifts to the other buoys; oxygen at B02 falls below 4 mg/L about hour 45 and is lowest at hour 58;
 * B06 falls silent for good at hour 30; B05 stamps 7 h ahead from hour 20 to 44; B07 keeps its records from hour 25
 * to 31 and sends them in one burst.
 */
export function demoScenario(start: number): Scenario {
  const at = (hours: number) => start + hours * hour;
  const bloom = { origin: indexOf('B04'), peak: 46, growth: 5.5, decay: 16, hypoxia: 0.2, key: 1_000_001 };
  return {
    blooms: [{ ...bloom, peakAt: at(42) }],
    hypoxia: [{ origin: indexOf('B02'), lowestAt: at(58), share: 0.68, key: 1_000_002 }],
    faults: [
      { kind: 'wrong-clock', station: 'B05', from: at(20), to: at(44), ahead: 7 * hour },
      { kind: 'late-burst', station: 'B07', from: at(25), to: at(31) },
      { kind: 'dead', station: 'B06', from: at(30) },
    ],
    quiet: { from: at(-96), to: at(132) },
  };
}
