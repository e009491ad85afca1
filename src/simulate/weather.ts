import { between, drift, uniform } from './chance.ts';
import type { SimulatedStation } from './stations.ts';

export const hour = 3_600_000;
export const day = 24 * hour;

/** Which thread of chance each thing draws from, so that no two share one. */
const thread = { front: 11, gust: 12, cloud: 13, local: 14, rain: 15 } as const;

/** -1 to 1, highest on day `warmest` of the year. */
export function season(time: number, warmest: number): number {
  return Math.cos((2 * Math.PI * (time / day - warmest)) / 365.2425);
}

/** Mean solar time, hours from 0 to 24: noon is when the sun is highest over the station. */
export function solarHour(time: number, { longitude }: SimulatedStation): number {
  const hours = time / hour + longitude / 15;
  return hours - 24 * Math.floor(hours / 24);
}

/** -1 to 1 over the day, highest at the given solar hour. */
export function diel(time: number, station: SimulatedStation, highest: number): number {
  return Math.cos((2 * Math.PI * (solarHour(time, station) - highest)) / 24);
}

/** Share of the sky, 0 to 1; the same over the whole bay. */
export function cloud(seed: number, time: number): number {
  return 1 / (1 + Math.exp(-1.5 * drift(time, 1.5 * day, seed, thread.cloud)));
}

/** Sunlight at the surface, 0 at night to 1 under a clear noon. */
export function light(seed: number, time: number, station: SimulatedStation): number {
  return Math.max(0, diel(time, station, 12) + 0.1) * (1 - 0.6 * cloud(seed, time)) * 0.9;
}

/** degC: season, fronts that pass in days, the day, and a little of each place's own. */
export function airTemperature(seed: number, time: number, station: SimulatedStation, index: number): number {
  const clear = 1 - 0.6 * cloud(seed, time);
  return (
    23.5 +
    5.8 * season(time, 205) +
    2.0 * drift(time, 4 * day, seed, thread.front) +
    0.5 * drift(time, 6 * hour, seed, thread.gust) +
    2.6 * clear * diel(time, station, 14.5) +
    0.3 * drift(time, 8 * hour, seed, thread.local, index)
  );
}

/** How far a front pushes the water, -1 to 1 and sometimes beyond; the sea feels it a day later. */
export function frontFelt(seed: number, time: number): number {
  return drift(time - day, 4 * day, seed, thread.front);
}

const rainSlot = 6 * day;

/** Freshwater from rain, 0 to about 1: it comes within hours and leaves over days. At most one flood in 6 days. */
export function freshet(seed: number, time: number): number {
  const slot = Math.floor(time / rainSlot);
  let sum = 0;
  for (let n = slot - 2; n <= slot; n++) sum += flood(seed, n, time);
  return sum;
}

function flood(seed: number, slot: number, time: number): number {
  const onset = (slot + uniform(seed, thread.rain, slot, 1)) * rainSlot;
  const wet = 0.5 + 0.3 * season(onset, 190);
  if (time <= onset || uniform(seed, thread.rain, slot, 2) > wet) return 0;
  const age = (time - onset) / hour;
  return between(0.15, 1, seed, thread.rain, slot, 3) * (1 - Math.exp(-age / 6)) * Math.exp(-age / 40);
}
