/** Where a station or the centre of a cell lies; degrees, north and east positive. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const earthRadius = 6371.0088;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Great-circle distance in km (haversine, mean radius of the Earth of IUGG). */
export function distance(a: Place, b: Place): number {
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2;
  const h =
    half(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude);
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The name of a cell as a station: `22.5625,114.1042`. */
export const cellName = ({ latitude, longitude }: Place): string => `${latitude},${longitude}`;

/** The centre of a cell from its name; undefined where it is no cell's. */
export function placeOfCell(station: string): Place | undefined {
  const found = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(station);
  return found ? { latitude: Number(found[1]), longitude: Number(found[2]) } : undefined;
}
