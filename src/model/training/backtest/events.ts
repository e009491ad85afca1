/** A stretch of steps in the spike, [from, to). */
export interface Event {
  readonly from: number;
  readonly to: number;
  /** Whether its beginning was measured: the step before it is known not to be in the spike. */
  readonly begins: boolean;
}

/**
 * Runs of 1 in states by step (1 in the spike, 0 not, -1 not known). Runs less than `apart` steps from each other are one
 * event: a sensor that wavers around a level is not a string of blooms.
 */
export function eventsOf(states: ArrayLike<number>, apart: number): Event[] {
  const events: Event[] = [];
  for (let at = 0; at < states.length; at++) {
    if (states[at] !== 1) continue;
    const from = at;
    while (at < states.length && states[at] === 1) at++;
    const last = events.at(-1);
    if (last && from - last.to < apart) events[events.length - 1] = { ...last, to: at };
    else events.push({ from, to: at, begins: from > 0 && states[from - 1] === 0 });
  }
  return events;
}

/** Counts of a yes or no forecast; they add up over stations. */
export interface Contingency {
  readonly hits: number;
  readonly misses: number;
  readonly falseAlarms: number;
  readonly rejections: number;
}

/** Each sample by itself: was it in the spike, was it said to be. Pairs with -1 are left out. */
export function contingency(truth: ArrayLike<number>, said: ArrayLike<number>): Contingency {
  const counts = { hits: 0, misses: 0, falseAlarms: 0, rejections: 0 };
  for (let i = 0; i < truth.length; i++) {
    if (truth[i]! < 0 || said[i]! < 0) continue;
    if (truth[i] === 1) counts[said[i] === 1 ? 'hits' : 'misses']++;
    else counts[said[i] === 1 ? 'falseAlarms' : 'rejections']++;
  }
  return counts;
}

/** Probability of detection, false alarm ratio, critical success index; null where there is nothing to divide by. */
export interface Ratios {
  readonly pod: number | null;
  readonly far: number | null;
  readonly csi: number | null;
}

export function ratiosOf({ hits, misses, falseAlarms }: Omit<Contingency, 'rejections'>): Ratios {
  return {
    pod: ratio(hits, hits + misses),
    far: ratio(falseAlarms, hits + falseAlarms),
    csi: ratio(hits, hits + misses + falseAlarms),
  };
}

export const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
