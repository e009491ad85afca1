import { headlineCounts, type Status } from '../dashboard/status.ts';
import { alertsView } from './alerts.ts';
import { element, setText } from './element.ts';
import { follow, type Known, statusOf } from './feed.ts';
import { healthView } from './health.ts';
import { overview } from './overview.ts';
import { choose, current, instant, say } from './settings.ts';
import { stationView } from './station.ts';
import type { View } from './view.ts';
import { languages } from './words.ts';

/** Takes over the page that the server has written: the same content, kept fresh, and more of it. */

let known: Known = { connection: 'connecting', edge: undefined, stations: new Map() };
let view: View | undefined;
let shownAt = '';

const state = element('p', { class: 'connection', role: 'status' });
const headline = element('p', { class: 'headline', 'aria-live': 'polite' });
const main = element('main', { id: 'content', tabindex: '-1' });
const clock = element('time');
const bar = element('nav', { 'aria-label': 'Redtide' });

function views(): View {
  const [, name, argument = ''] = location.hash.split('/');
  if (name === 'station') return stationView(decodeURIComponent(argument));
  if (name === 'alerts') return alertsView();
  if (name === 'health') return healthView(() => known.edge?.ready);
  return overview();
}

function open(): void {
  view?.close?.();
  view = views();
  shownAt = location.hash;
  main.replaceChildren(view.root);
  for (const link of bar.querySelectorAll('a'))
    if (link.getAttribute('href') === (location.hash || '#/')) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  show();
}

function show(): void {
  const status = statusOf(known);
  state.className = `connection ${known.connection}`;
  setText(state, connectionIn(status));
  if (!status) return;
  setText(headline, headlineIn(status));
  setText(clock, instant(status.now));
  clock.dateTime = new Date(status.now).toISOString();
  view?.update(status);
  document.title = `${view?.title(status)} – ${headlineIn(status)}`;
}

function connectionIn(status: Status | undefined): string {
  if (!status) return say('connecting');
  return known.connection === 'lost' ? `${say('lost')} ${instant(status.now)}` : say('connected');
}

/** As `headline` of the status, in the reader's language. */
function headlineIn(status: Status): string {
  const { reporting, firing, total } = headlineCounts(status);
  const heard = `${reporting}/${total} ${say('ofStations')}`;
  if (firing > 0) return `${firing} ${say('alertsFiring')}, ${heard}`;
  return `${reporting === 0 ? say('nothingKnown') : say('noAlert')}, ${heard}`;
}

function frame(): void {
  const { language, theme } = current();
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
  document.documentElement.dataset['theme'] = theme;
  const link = (href: string, text: string) => element('a', { href }, text);
  bar.replaceChildren(
    link('#/', say('stations')),
    link('#/alerts', say('alerts')),
    link('#/health', say('health')),
  );
  document.body.replaceChildren(
    element('a', { href: '#content', class: 'skip', click: skip }, say('skip')),
    element('header', {}, element('h1', {}, 'Redtide'), bar, clock),
    state,
    headline,
    main,
    element('footer', {}, choices()),
  );
}

/** A fragment of our own would be taken for a view. */
function skip(event: Event): void {
  event.preventDefault();
  main.focus();
}

function choices(): HTMLElement {
  const { language, zone, theme } = current();
  return element(
    'div',
    { class: 'choices' },
    select(say('language'), language, { en: 'English', zh: '中文' }, (value) =>
      choose({ language: languages.find((one) => one === value) ?? 'en' }),
    ),
    select(say('timeZone'), zone, { utc: say('utc'), local: say('local') }, (value) =>
      choose({ zone: value === 'local' ? 'local' : 'utc' }),
    ),
    select(say('theme'), theme, { auto: say('auto'), light: say('light'), dark: say('dark') }, (value) =>
      choose({ theme: value as 'auto' }),
    ),
  );
}

function select(
  label: string,
  value: string,
  options: Readonly<Record<string, string>>,
  onChoice: (value: string) => void,
): HTMLElement {
  const change = (event: Event) => {
    onChoice((event.target as HTMLSelectElement).value);
    frame();
    open();
  };
  const items = Object.entries(options).map(([name, text]) =>
    element('option', { value: name, selected: name === value }, text),
  );
  return element('label', {}, label, ' ', element('select', { change }, items));
}

addEventListener('hashchange', () => {
  if (location.hash !== shownAt) open();
});
frame();
open();
follow((next) => {
  known = next;
  show();
});
