/** Stations that share their warnings: one bloom over many of them is one bulletin. */
export interface Area {
  readonly id: string;
  readonly name?: string | undefined;
  readonly stations: readonly string[];
  /** [latitude, longitude] in degrees north and east, WGS 84; the last repeats the first (CAP 1.2, polygon). */
  readonly polygon?: readonly (readonly [number, number])[] | undefined;
  /** Radius in km (CAP 1.2, circle). */
  readonly circle?:
    | { readonly latitude: number; readonly longitude: number; readonly radius: number }
    | undefined;
  /** Languages of the warnings there, RFC 3066 tags, the first one foremost. */
  readonly languages?: readonly string[] | undefined;
}

/** The area of each station; a station that is in none is an area of its own. */
export function areasByStation(areas: readonly Area[]): (station: string) => string {
  const areaOf = new Map(areas.flatMap(({ id, stations }) => stations.map((station) => [station, id])));
  return (station) => areaOf.get(station) ?? station;
}
