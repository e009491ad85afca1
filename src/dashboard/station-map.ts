import { type Html, html } from './html.ts';
import { isPlaced, projection } from './projection.ts';
import { presence, type Status } from './status.ts';

const width = 1000;
const height = 340;

/** The stations where they are, north up, coloured by presence and ringed where an alert fires; none without two places. */
export function stationMap({ stations, alerts, now }: Status): Html | undefined {
  const placed = stations.filter(isPlaced);
  if (placed.length < 2) return undefined;
  const place = projection(placed, width, height);
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
