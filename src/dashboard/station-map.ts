import { type Html, html } from './html.ts';
import { presence, type StationStatus, type Status } from './status.ts';

const width = 1000;
const height = 340;
const margin = { x: 70, y: 40 };

type Placed = StationStatus & { readonly latitude: number; readonly longitude: number };

const isPlaced = (station: StationStatus): station is Placed =>
  station.latitude !== undefined && station.longitude !== undefined;

/** The stations where they are, north up, coloured by presence and ringed where an alert fires; none without two places. */
export function stationMap({ stations, alerts, now }: Status): Html | undefined {
  const placed = stations.filter(isPlaced);
  if (placed.length < 2) return undefined;
  const place = projection(placed);
  const firing = new Set(alerts.filter(({ state }) => state === 'firing').map(({ station }) => station));
  return html`<svg class="bay" viewBox="0 0 ${width} ${height}" role="img" aria-label="Map of the stations">
<rect width="${width}" height="${height}" rx="10"/>
${placed.map((station) => {
  const { x, y } = place(station);
  return html`<g transform="translate(${x} ${y})"><title>${station.name ?? station.id}</title>
<circle r="7" class="${className(presence(station, now))}"/>${firing.has(station.id) && html`<circle r="13" class="ring"/>`}
<text x="0" y="28" text-anchor="middle">${station.id}</text></g>
`;
})}</svg>`;
}

export const className = (name: string) => name.replace(/[, ]+/g, '-');

/** Equirectangular around the mean latitude, the largest scale that fits: true enough for one network. */
function projection(stations: readonly Placed[]) {
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
