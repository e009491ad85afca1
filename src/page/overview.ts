import { age, foremost, presence, type StationStatus, type Status } from '../dashboard/status.ts';
import { unitSymbol } from '../dashboard/unit-symbol.ts';
import { alertList } from './alerts.ts';
import { element, keyed, scrolled, setText } from './element.ts';
import { map } from './map.ts';
import { figure, instant, say } from './settings.ts';
import { sparkline } from './sparkline.ts';
import type { View } from './view.ts';

/** How all stations are, in five seconds: alerts, the map, and a row a station. */
export function overview(): View {
  const alerts = element('section', { 'aria-live': 'polite' });
  const place = element('section');
  const rows = new Map<string, Element>();
  const head = element('thead');
  const body = element('tbody');
  const table = element(
    'section',
    {},
    element('h2', {}, say('stations')),
    scrolled(say('stations'), element('table', {}, head, body)),
  );
  let shownHead = '';
  let shownMap = '';
  return {
    root: element('div', {}, alerts, place, table),
    title: () => 'Redtide',
    update(status) {
      alerts.replaceChildren(element('h2', {}, say('alerts')), foremostAlerts(status));
      // Redrawn only where something on it changed, so that a pointer can rest on it.
      const look = JSON.stringify([
        status.alerts.map(({ station, state }) => [station, state]),
        status.stations.map((one) => [one.id, presence(one, status.now)]),
      ]);
      if (look !== shownMap) {
        shownMap = look;
        const drawn = map(status);
        place.replaceChildren(...(drawn ? [element('h2', {}, say('map')), drawn] : []));
        place.hidden = drawn === undefined;
      }
      const names = JSON.stringify(status.variables);
      if (names !== shownHead) {
        shownHead = names;
        head.replaceChildren(header(status));
        body.replaceChildren();
        rows.clear();
      }
      keyed(
        body,
        rows,
        status.stations,
        ({ id }) => id,
        (station) => makeRow(station, status),
        (row, station) => updateRow(row, station, status),
      );
    },
  };
}

/** The stations must not go out of sight below the alerts of a bad day. */
const atMost = 5;

function foremostAlerts(status: Status): HTMLElement {
  const { alerts } = status;
  const all = element('a', { href: '#/alerts' }, `${say('allAlerts')} (${alerts.length})`);
  const list = alertList(status, alerts, atMost);
  return alerts.length > atMost ? element('div', {}, list, all) : list;
}

const spark = 'chlorophyll';

function header({ variables }: Status): Element {
  return element(
    'tr',
    {},
    element('th', { scope: 'col' }, say('station')),
    variables.map(({ title, unit }) =>
      element('th', { scope: 'col' }, title, element('br'), element('small', {}, unitSymbol(unit))),
    ),
    element('th', { scope: 'col' }, say('lastHeard')),
  );
}

function makeRow({ id, name }: StationStatus, { variables, now }: Status): Element {
  const link = element('a', { href: `#/station/${encodeURIComponent(id)}` }, name ?? id);
  return element(
    'tr',
    {},
    element(
      'th',
      { scope: 'row' },
      element('span', { class: 'dot' }),
      link,
      ' ',
      element('small', {}, name ? id : ''),
    ),
    variables.map((variable) =>
      element(
        'td',
        {},
        variable.name === spark && sparkline(id, variable.name, now),
        element('span', { class: 'value' }),
        element('small', { class: 'to' }),
      ),
    ),
    element('td', { class: 'heard' }),
  );
}

function updateRow(row: Element, station: StationStatus, { variables, now }: Status): void {
  const state = presence(station, now);
  const { newest } = station;
  row.querySelector('.dot')!.className = `dot ${state.replace(/[, ]+/g, '-')}`;
  variables.forEach(({ name }, at) => {
    const cell = row.children[at + 1]!;
    const reading = station.readings[name];
    setText(cell.querySelector('.value')!, reading ? figure(reading.value) : '–');
    cell.classList.toggle('stale', state !== 'reporting');
    cell.classList.toggle('doubtful', reading !== undefined && reading.flag >= 3);
    if (reading) cell.setAttribute('title', `${instant(reading.time)}, ${say('flag')} ${reading.flag}`);
    const forecast = station.forecasts.find(({ variable }) => variable === name);
    const shown = forecast && state === 'reporting' ? ` → ${figure(foremost(forecast).median)}` : '';
    setText(cell.querySelector('.to')!, shown);
  });
  const heard =
    newest === undefined
      ? say('never seen')
      : newest > now
        ? say('now')
        : `${age(now - newest)} ${say('ago')}`;
  setText(
    row.lastElementChild!,
    state === 'reporting' || newest === undefined ? heard : `${heard}, ${say(state)}`,
  );
}
