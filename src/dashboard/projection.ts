import type { StationStatus } from './status.ts';

const margin = { x: 70, y: 40 };

export type Placed = StationStatus & { readonly latitude: number; readonly longitude: number };

export const isPlaced = (station: StationStatus): station is Placed =>
  station.latitude !== undefined && station.longitude !== undefined;

/** Equirectangular around the mean latitude, the largest scale that fits: true enough for one network. */
export function projection(stations: readonly Placed[], width: number, height: number) {
  const latitudes = stations.map(({ latitude }) => latitude);
  const east = eastward(stations);
  const squeeze = Math.cos(((Math.min(...latitudes) + Math.max(...latitudes)) * Math.PI) / 360);
  const [x, y] = [axis(stations.map(east).map((degrees) => degrees * squeeze)), axis(latitudes)];
  const scale = Math.min((width - 2 * margin.x) / x.extent, (height - 2 * margin.y) / y.extent);
  return (station: Placed) => ({
    x: Math.round(width / 2 + (east(station) * squeeze - x.middle) * scale),
    y: Math.round(height / 2 - 6 - (station.latitude - y.middle) * scale),
  });
}

/** Degrees east of the first station, -180 to 180, so that a network may lie across the date line. */
function eastward([first]: readonly Placed[]) {
  return ({ longitude }: Placed) => ((((longitude - first!.longitude) % 360) + 540) % 360) - 180;
}

function axis(values: readonly number[]) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { middle: (low + high) / 2, extent: Math.max(high - low, 1e-6) };
}
