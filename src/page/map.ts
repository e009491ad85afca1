import { isPlaced, projection } from '../dashboard/projection.ts';
import { presence, type Status } from '../dashboard/status.ts';
import { drawing } from './element.ts';
import { say } from './settings.ts';

const width = 1000;
const height = 340;

/** The stations where they are, as links; none where fewer than two have a place. */
export function map(status: Status): SVGElement | undefined {
  const placed = status.stations.filter(isPlaced);
  if (placed.length < 2) return undefined;
  const place = projection(placed, width, height);
  const firing = new Set(
    status.alerts.filter(({ state }) => state !== 'pending').map(({ station }) => station),
  );
  const marks = placed.map((station) => {
    const { x, y } = place(station);
    const state = presence(station, status.now);
    return drawing(
      'g',
      { transform: `translate(${x} ${y})` },
      drawing('title', {}, `${station.name ?? station.id}: ${say(state)}`),
      drawing('circle', { r: 7, class: state.replace(/[, ]+/g, '-') }),
      firing.has(station.id) && drawing('circle', { r: 13, class: 'ring' }),
      placed.length <= 60 && drawing('text', { y: 28, 'text-anchor': 'middle' }, station.id),
    );
  });
  return drawing(
    'svg',
    { class: 'bay', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': say('map') },
    drawing('rect', { width, height, rx: 10 }),
    marks,
  );
}
