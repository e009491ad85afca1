import type { ChannelStatus, Status } from '../dashboard/status.ts';
import { element, scrolled } from './element.ts';
import { orderButtons } from './order.ts';
import { say, whole } from './settings.ts';

/** How people are told, what waits, and what was given up; undefined where nobody is told. */
export function channelTable({ channels }: Status): HTMLElement | undefined {
  if (!channels || channels.length === 0) return undefined;
  const head = (['channel', 'waitingMessages', 'dead', 'unanswered'] as const).map((name) =>
    element('th', { scope: 'col' }, say(name)),
  );
  const table = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, head)),
    element('tbody', {}, channels.map(row)),
  );
  return element('section', {}, element('h2', {}, say('channels')), scrolled(say('channels'), table));
}

function row({ name, waiting, dead, unanswered }: ChannelStatus): HTMLElement {
  const again = dead > 0 && orderButtons([{ action: 'resend', details: { channel: name } }]);
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    element('td', {}, whole(waiting)),
    element('td', {}, whole(dead), again),
    element('td', {}, whole(unanswered)),
  );
}
