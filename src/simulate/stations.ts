/** A simulated buoy: where it is, and the character of its water. */
export interface SimulatedStation {
  readonly id: string;
  readonly name: string;
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
  /** 0 at the mouth of the bay, 1 beside the river: fresher, greener, less of the tide. */
  readonly inshore: number;
}

/** How often every buoy measures, ms. */
export const cadence = 600_000;

/** Eight buoys around a bay of some 12 km on a subtropical coast; the bay exists nowhere. */
export const stations: readonly SimulatedStation[] = [
  { id: 'B01', name: 'Harbour mouth', latitude: 22.41, longitude: 114.22, inshore: 0.55 },
  { id: 'B02', name: 'Oyster bank', latitude: 22.425, longitude: 114.208, inshore: 0.8 },
  { id: 'B03', name: 'River plume', latitude: 22.44, longitude: 114.2, inshore: 1 },
  { id: 'B04', name: 'Fish farm north', latitude: 22.45, longitude: 114.228, inshore: 0.7 },
  { id: 'B05', name: 'Inner channel', latitude: 22.432, longitude: 114.24, inshore: 0.5 },
  { id: 'B06', name: 'Fish farm south', latitude: 22.405, longitude: 114.255, inshore: 0.4 },
  { id: 'B07', name: 'Bay centre', latitude: 22.425, longitude: 114.27, inshore: 0.25 },
  { id: 'B08', name: 'Open coast', latitude: 22.418, longitude: 114.305, inshore: 0 },
];

/** Distance over the water, km; the bay is small enough to be flat. */
export function distance(a: SimulatedStation, b: SimulatedStation): number {
  const north = (a.latitude - b.latitude) * 111.2;
  const east = (a.longitude - b.longitude) * 111.2 * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot(north, east);
}
