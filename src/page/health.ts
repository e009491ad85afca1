import type { Change } from '../dashboard/change.ts';
import { modelNotes } from '../dashboard/model-notes.ts';
import { type Counts, pendingValues, type Status, totals } from '../dashboard/status.ts';
import { channelTable } from './channels.ts';
import { element, scrolled } from './element.ts';
import { isFilledIn } from './order.ts';
import { say, whole } from './settings.ts';
import type { View } from './view.ts';

/** Whether the edge itself is well, and what became of every value. */
export function healthView(verdict: () => Change['edge']['ready'] | undefined): View {
  const root = element('div');
  return {
    root,
    title: () => say('health'),
    update(status) {
      if (isFilledIn(root)) return;
      const channels = channelTable(status);
      root.replaceChildren(
        element('section', {}, element('h2', {}, say('thisEdge')), facts(status, verdict())),
        ...(channels ? [channels] : []),
        element('section', {}, element('h2', {}, say('ledger')), scrolled(say('ledger'), ledger(status))),
      );
    },
  };
}

function facts(status: Status, ready: Change['edge']['ready'] | undefined): HTMLElement {
  const { source, store, model, journal } = status;
  const fact = (name: string, value: string) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value));
  const reasons = ready?.reasons.map(({ detail }) => detail).join('; ');
  const waiting = store.waiting > 0 ? `, ${whole(store.waiting)} ${say('waiting')}` : '';
  return element(
    'dl',
    {},
    fact(say('ready'), ready?.ok ? say('yes') : (reasons ?? '')),
    fact(say('source'), `${source.state}, ${source.address}`),
    fact(say('store'), `${store.name} ${store.state}${waiting}`),
    fact(
      say('model'),
      [model ? `${model.id}, ${model.backend}` : say('none'), ...modelNotes(status)].join('; '),
    ),
    fact(
      say('journal'),
      `${whole(journal.position)} ${say('of')} ${whole(journal.head)} ${say('processed')}`,
    ),
  );
}

const columns = ['received', 'stored', 'quarantined', 'duplicate', 'lateOnly', 'shed'] as const;

function ledger(status: Status): HTMLElement {
  const rows: [string, Counts][] = status.stations.map(({ id, counts }) => [id, counts]);
  if (status.unknown) rows.push([say('unknown'), status.unknown]);
  rows.push(['Σ', totals(status)]);
  const cell = (content: string) => element('td', {}, content);
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, say('station')),
        columns.map((name) => element('th', { scope: 'col' }, say(name))),
        element('th', { scope: 'col' }, say('pendingValues')),
      ),
    ),
    element(
      'tbody',
      {},
      rows.map(([name, counts]) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, name),
          columns.map((column) => cell(whole(counts[column]))),
          cell(whole(pendingValues(counts))),
        ),
      ),
    ),
  );
}
