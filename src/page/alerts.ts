import type { AlertStatus, Status } from '../dashboard/status.ts';
import { presence, severities } from '../dashboard/status.ts';
import { element } from './element.ts';
import { orderForm } from './order.ts';
import { instant, say } from './settings.ts';
import type { View } from './view.ts';

const ranks: Readonly<Record<string, number>> = { firing: 0, stale: 1, acknowledged: 2, pending: 3 };

const weight = ({ severity }: AlertStatus) => severities.indexOf(severity);

export const stateWord = (state: AlertStatus['state']): string =>
  state === 'firing' || state === 'pending' ? say(state) : state;

/** Alerts in the order of how much they ask for. */
export function alertList(status: Status, alerts: readonly AlertStatus[]): HTMLElement {
  if (alerts.length === 0) return element('p', { class: 'soft' }, say('noAlerts'));
  const sorted = [...alerts].sort(
    (a, b) => (ranks[a.state] ?? 9) - (ranks[b.state] ?? 9) || weight(b) - weight(a) || a.onset - b.onset,
  );
  return element(
    'ul',
    {},
    sorted.map((alert) => item(status, alert)),
  );
}

function item({ stations, now }: Status, alert: AlertStatus): HTMLElement {
  const station = stations.find(({ id }) => id === alert.station);
  const state = station && presence(station, now);
  return element(
    'li',
    { 'data-alert': alert.id },
    element('span', { class: `dot ${alert.state}` }),
    element('strong', {}, alert.text),
    ` ${say('at')} `,
    element('a', { href: `#/station/${encodeURIComponent(alert.station)}` }, station?.name ?? alert.station),
    ' ',
    element(
      'small',
      {},
      `${alert.severity}, ${stateWord(alert.state)} ${say('since')} ${instant(alert.onset)}`,
    ),
    element('br'),
    element('span', { class: 'soft' }, `${alert.reason}.`),
    state !== undefined &&
      state !== 'reporting' &&
      element('span', { class: 'soft' }, ` ${say('station')}: ${say(state)}.`),
  );
}

/** The alerts with what can be done about each. */
export function alertsView(): View {
  const list = element('section');
  let shown = '';
  return {
    root: element('div', {}, list),
    title: () => say('alerts'),
    update(status) {
      const look = JSON.stringify(status.alerts);
      if (look === shown) return;
      // A form that is being filled in stays.
      if (list.contains(document.activeElement) && document.activeElement?.tagName === 'INPUT') return;
      shown = look;
      const items = alertList(status, status.alerts);
      for (const row of items.querySelectorAll('li')) row.append(orderForm(row.dataset['alert']!));
      list.replaceChildren(element('h2', {}, say('alerts')), items);
    },
  };
}
