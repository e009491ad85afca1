import { between, uniform } from './chance.ts';
import { distance, type SimulatedStation, stations } from './stations.ts';
import { day, hour } from './weather.ts';

/**
 * A bloom as it begins at one buoy; it reaches the others later and weaker. `hypoxia` is the share of the oxygen
 * that its decay takes, 0 to 1.
 */
export interface Bloom {
  /** Index of the station where it begins. */
  readonly origin: number;
  /** When chlorophyll peaks there, ms. */
  readonly peakAt: number;
  /** Chlorophyll above the background at the peak, ug/L. */
  readonly peak: number;
  /** Hours in which it grows by e, and shrinks by e. */
  readonly growth: number;
  readonly decay: number;
  readonly hypoxia: number;
  /** Names its draws of chance. */
  readonly key: number;
}

/** How the water lost its oxygen in one place: `share` is the largest share that is missing. */
export interface Hypoxia {
  readonly origin: number;
  readonly lowestAt: number;
  readonly share: number;
  readonly key: number;
}

const thread = { schedule: 31, spread: 32 } as const;
const slotLength = 8 * day;
/** Longer than any bloom can be felt before its peak or after it. */
const reach = 12 * day;
/** km per hour at which a bloom drifts through the bay. */
const driftSpeed = 0.3;

/** The bloom of one slot of 8 days, or none: about three in a month, each its own in size and speed. */
export function scheduled(seed: number, slot: number): Bloom | undefined {
  const draw = (low: number, high: number, n: number) => between(low, high, seed, thread.schedule, slot, n);
  if (draw(0, 1, 1) > 0.9) return undefined;
  return {
    origin: Math.floor(draw(0, stations.length, 2)),
    peakAt: Math.round((slot + draw(0, 1, 3)) * slotLength),
    peak: draw(25, 60, 4),
    growth: draw(5, 9, 5),
    decay: draw(12, 26, 6),
    hypoxia: draw(0, 1, 7) < 0.6 ? draw(0.45, 0.75, 8) : draw(0.05, 0.2, 8),
    key: slot,
  };
}

/** All blooms of the schedule that can be felt at a time. */
export function scheduledAround(seed: number, time: number): Bloom[] {
  const from = Math.floor((time - reach) / slotLength);
  const to = Math.floor((time + reach) / slotLength);
  const slots = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  return slots.map((slot) => scheduled(seed, slot)).filter((bloom) => bloom !== undefined);
}

/** The oxygen that a bloom takes is missed most a day and a half after its peak. */
export function hypoxiaAfter({ origin, peakAt, hypoxia, key }: Bloom): Hypoxia {
  return { origin, lowestAt: peakAt + 36 * hour, share: hypoxia, key };
}

/** Chlorophyll that a bloom adds at a station, ug/L: exponential growth, a round peak, exponential decline. */
export function bloomChlorophyll(seed: number, bloom: Bloom, index: number, time: number): number {
  const { delay, strength } = spread(seed, bloom, index);
  const age = (time - bloom.peakAt) / hour - delay;
  return bloom.peak * strength * pulse(age, bloom.growth, bloom.decay);
}

/** Share of the oxygen that is missing at a station, 0 to 1. */
export function depletion(seed: number, hypoxia: Hypoxia, index: number, time: number): number {
  const { delay, strength } = spread(seed, hypoxia, index);
  return hypoxia.share * strength * pulse((time - hypoxia.lowestAt) / hour - delay, 9, 18);
}

/** 1 at 0 h and falling to both sides, with slopes 1/`rise` and 1/`fall` on a logarithmic scale. */
function pulse(hours: number, rise: number, fall: number): number {
  const top = Math.log(fall / rise) / (1 / rise + 1 / fall);
  const shape = (x: number) => 1 / (Math.exp(-x / rise) + Math.exp(x / fall));
  return shape(hours + top) / shape(top);
}

/** Hours later, and how strong, at a station than where it began. */
function spread(seed: number, { origin, key }: { origin: number; key: number }, index: number) {
  const far = distance(stations[origin] as SimulatedStation, stations[index] as SimulatedStation);
  if (far === 0) return { delay: 0, strength: 1 };
  const luck = between(0.75, 1.05, seed, thread.spread, key, index, 1);
  const pace = 0.7 + 0.6 * uniform(seed, thread.spread, key, index, 2);
  return { delay: (far / driftSpeed) * pace, strength: luck * Math.exp(-far / 10) };
}
