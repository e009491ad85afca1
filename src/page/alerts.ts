import type { AlertStatus, Status } from '../dashboard/status.ts';
import { presence, severities } from '../dashboard/status.ts';
import { element } from './element.ts';
import { isFilledIn, type Offer, orderButtons } from './order.ts';
import { instant, say } from './settings.ts';
import { silenceList } from './silences.ts';
import type { View } from './view.ts';

const ranks: Readonly<Record<string, number>> = { firing: 0, stale: 1, acknowledged: 2, pending: 3 };

const weight = ({ severity }: AlertStatus) => severities.indexOf(severity);

/** Alerts in the order of how much they ask for; the first ones where there are many. */
export function alertList(
  status: Status,
  alerts: readonly AlertStatus[],
  most = Number.POSITIVE_INFINITY,
): HTMLElement {
  if (alerts.length === 0) return element('p', { class: 'soft' }, say('noAlerts'));
  const sorted = [...alerts].sort(
    (a, b) => (ranks[a.state] ?? 9) - (ranks[b.state] ?? 9) || weight(b) - weight(a) || a.onset - b.onset,
  );
  return element(
    'ul',
    {},
    sorted.slice(0, most).map((alert) => item(status, alert)),
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
      `${say(alert.severity)}, ${say(alert.state)}, ${say('since')} ${instant(alert.onset)}`,
    ),
    element('br'),
    element('span', { class: 'soft' }, `${alert.reason}.`),
    state !== undefined &&
      state !== 'reporting' &&
      element('span', { class: 'soft' }, ` ${say('station')}: ${say(state)}.`),
  );
}

/** What is only pending nobody was told of: there is nothing to acknowledge. */
function offersFor({ id, rule, area, state }: AlertStatus, now: number): Offer[] {
  const silence: Offer = { action: 'silence', details: { rule, place: area }, from: now };
  const open = state === 'firing' || state === 'stale';
  return open ? [{ action: 'acknowledge', details: { alert: id } }, silence] : [silence];
}

/** The alerts with what can be done about each, and what nobody is told of. */
export function alertsView(): View {
  const list = element('section');
  const root = element('div', {}, list);
  let shown = '';
  return {
    root,
    title: () => say('alerts'),
    update(status) {
      const look = JSON.stringify([status.alerts, status.silences]);
      if (look === shown || isFilledIn(root)) return;
      shown = look;
      const items = alertList(status, status.alerts);
      for (const row of items.querySelectorAll('li')) {
        const alert = status.alerts.find(({ id }) => id === row.dataset['alert'])!;
        row.append(orderButtons(offersFor(alert, status.now)));
      }
      const silences = silenceList(status);
      list.replaceChildren(element('h2', {}, say('alerts')), items);
      root.replaceChildren(list, ...(silences ? [silences] : []));
    },
  };
}
