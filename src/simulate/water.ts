import { drift } from './chance.ts';
import type { SimulatedStation } from './stations.ts';
import { day, diel, freshet, frontFelt, hour, season } from './weather.ts';

const thread = { warmth: 21, salt: 22 } as const;

/** Period in hours and amplitude in m of the four largest constituents: M2, S2, K1, O1. */
const constituents = [
  [12.4206, 0.4],
  [12, 0.16],
  [23.9345, 0.36],
  [25.8193, 0.29],
] as const;

/** Height above the mean, m: mixed, mainly semidiurnal, with springs and neaps. */
export function tide(time: number): number {
  return constituents.reduce((sum, [period, height]) => {
    return sum + height * Math.cos((2 * Math.PI * time) / hour / period);
  }, 0);
}

/** degC near the surface: slower and milder than the air, a little cooler when the tide brings the sea in. */
export function waterTemperature(
  seed: number,
  time: number,
  station: SimulatedStation,
  index: number,
): number {
  return (
    23.2 +
    4.6 * season(time, 225) +
    0.8 * frontFelt(seed, time) +
    (0.25 + 0.3 * station.inshore) * diel(time, station, 15.5) -
    0.25 * station.inshore * tide(time - hour) +
    0.3 * drift(time, 2 * day, seed, thread.warmth, index)
  );
}

/** Practical salinity: the sea's, less the river's, moved to and fro by the tide, and floods after rain. */
export function salinity(seed: number, time: number, station: SimulatedStation, index: number): number {
  const { inshore } = station;
  const fresh = (0.15 + 0.85 * inshore) * 11 * freshet(seed, time);
  const swing = (0.1 + 0.7 * inshore) * (1 + fresh / 6) * tide(time - hour);
  const slow = 0.35 * drift(time, 3 * day, seed, thread.salt, index);
  return Math.max(2, 33.4 - 3 * inshore - fresh + swing + slow);
}
