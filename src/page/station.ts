import type { Drawn, Foretold } from '../dashboard/history.ts';
import {
  age,
  foremost,
  presence,
  type StationStatus,
  type Status,
  type VariableStatus,
} from '../dashboard/status.ts';
import { unitSymbol } from '../dashboard/unit-symbol.ts';
import { alertList } from './alerts.ts';
import { chart, legend } from './chart.ts';
import { element, scrolled, setText } from './element.ts';
import { get } from './feed.ts';
import { figure, instant, say } from './settings.ts';
import { skillTable } from './skill.ts';
import type { View } from './view.ts';

const day = 86_400_000;
const spans = { day, week: 7 * day, month: 30 * day, year: 365 * day } as const;
type Span = keyof typeof spans;
/** Pixels of a wide screen: no more buckets can be told apart. */
const width = 800;
/** Forecasts are shown over spans on which single ones can be seen. */
const forecastsUpTo = 7 * day;

/** One station: its values with their flags, a variable over time with the forecast, its alerts. */
export function stationView(id: string): View {
  const heading = element('h2');
  const alerts = element('div');
  const values = element('tbody');
  const picture = element('div', { class: 'chart' });
  const note = element('p', { class: 'soft', role: 'status' });
  const choice = element('div', { class: 'choice' });
  const skill = element('section');
  let shownSkill = '';
  const table = element('details', {}, element('summary', {}, say('table')));
  let variable: string | undefined;
  let span: Span = 'day';
  let drawnFor = '';
  let undraw: (() => void) | undefined;
  let loading: AbortController | undefined;
  let latest: Status | undefined;

  const draw = async () => {
    const status = latest;
    const about = status?.variables.find(({ name }) => name === variable);
    const station = status?.stations.find((one) => one.id === id);
    if (!status || !about || !station) return;
    loading?.abort();
    loading = new AbortController();
    try {
      const [observed, earlier] = await load(
        id,
        about.name,
        status.now,
        spans[span],
        station,
        loading.signal,
      );
      undraw?.();
      picture.replaceChildren();
      const ahead = station.forecasts.find(({ variable: name }) => name === about.name);
      const empty = observed.time.length === 0;
      setText(note, empty ? say('noData') : '');
      const unit = `${about.title} (${unitSymbol(about.unit)})`;
      undraw = empty
        ? undefined
        : chart(picture, { unit, observed, earlier, ahead: span === 'year' ? undefined : ahead });
      picture.append(legend(earlier?.horizon));
      table.replaceChildren(
        element('summary', {}, say('table')),
        scrolled(say('table'), dataTable(observed, about)),
      );
    } catch (error) {
      if ((error as Error).name !== 'AbortError')
        setText(note, `${say('failed')} ${(error as Error).message}`);
    }
  };

  const pick = (status: Status) => {
    const button = (text: string, pressed: boolean, click: () => void) =>
      element('button', { type: 'button', 'aria-pressed': `${pressed}`, click }, text);
    choice.replaceChildren(
      element(
        'div',
        { role: 'group', 'aria-label': say('variable') },
        status.variables.map(({ name, title }) =>
          button(title, name === variable, () => {
            variable = name;
            pick(status);
            void draw();
          }),
        ),
      ),
      element(
        'div',
        { role: 'group', 'aria-label': say('time') },
        (Object.keys(spans) as Span[]).map((name) =>
          button(say(name), name === span, () => {
            span = name;
            pick(status);
            void draw();
          }),
        ),
      ),
    );
  };

  return {
    root: element(
      'div',
      {},
      element('p', {}, element('a', { href: '#/' }, `← ${say('back')}`)),
      element('section', {}, heading, alerts, scrolled(say('readings'), element('table', {}, values))),
      element('section', {}, choice, picture, note, table),
      skill,
    ),
    title: ({ stations }) => stations.find((one) => one.id === id)?.name ?? id,
    update(status) {
      latest = status;
      const station = status.stations.find((one) => one.id === id);
      setText(heading, `${id}: ${say('never seen')}`);
      if (!station) return;
      if (variable === undefined) {
        variable = (status.variables.find(({ name }) => name === 'chlorophyll') ?? status.variables[0])?.name;
        pick(status);
      }
      describe(station, status, heading);
      const own = status.alerts.filter((alert) => alert.station === id);
      alerts.replaceChildren(...(own.length > 0 ? [alertList(status, own)] : []));
      const verified = JSON.stringify(station.verified ?? []);
      if (verified !== shownSkill) {
        shownSkill = verified;
        skill.replaceChildren(...skillTable(station, status));
      }
      values.replaceChildren(...status.variables.map((about) => valueRow(station, about)));
      const state = JSON.stringify([
        station.newest,
        station.forecasts.map(({ issuedAt }) => issuedAt),
        variable,
        span,
      ]);
      if (state === drawnFor) return;
      drawnFor = state;
      void draw();
    },
    close() {
      loading?.abort();
      undraw?.();
    },
  };
}

async function load(
  station: string,
  variable: string,
  now: number,
  span: number,
  { forecasts }: StationStatus,
  signal: AbortSignal,
): Promise<[Drawn, Foretold | undefined]> {
  const query = new URLSearchParams({
    station,
    variable,
    from: `${now - span}`,
    to: `${now}`,
    width: `${width}`,
  });
  const observed = get<Drawn>(`/api/history?${query}`, signal);
  const forecast = forecasts.find((one) => one.variable === variable);
  const horizon = forecast && foremost(forecast).horizon;
  if (horizon === undefined || span > forecastsUpTo) return [await observed, undefined];
  query.set('horizon', `${horizon}`);
  return Promise.all([observed, get<Foretold>(`/api/foretold?${query}`, signal)]);
}

function describe(station: StationStatus, { now }: Status, heading: HTMLElement): void {
  const { id, name, newest } = station;
  const heard = newest === undefined ? '' : `, ${age(Math.max(0, now - newest))} ${say('ago')}`;
  setText(heading, `${name ? `${name} (${id})` : id}: ${say(presence(station, now))}${heard}`);
}

function valueRow(
  { readings, forecasts }: StationStatus,
  { name, title, unit }: VariableStatus,
): HTMLElement {
  const reading = readings[name];
  const forecast = forecasts.find(({ variable }) => variable === name);
  const told = forecast && foremost(forecast);
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, title),
    element('td', {}, reading ? `${figure(reading.value)} ${unitSymbol(unit)}` : '–'),
    element('td', {}, reading ? say(`flag${reading.flag}` as 'flag1') : ''),
    element('td', {}, reading ? instant(reading.time) : ''),
    element(
      'td',
      {},
      told
        ? `→ ${figure(told.median)} ${unitSymbol(unit)}, ${age(told.ahead)} ${say('ahead')} (${forecast!.model})`
        : '',
    ),
  );
}

/** The same numbers for those who don't see the picture; at most the last 200. */
function dataTable({ time, mean, flag }: Drawn, { title, unit }: VariableStatus): HTMLElement {
  const from = Math.max(0, time.length - 200);
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        [say('time'), `${title} (${unitSymbol(unit)})`, say('flag')].map((text) =>
          element('th', { scope: 'col' }, text),
        ),
      ),
    ),
    element(
      'tbody',
      {},
      time
        .slice(from)
        .map((at, i) =>
          element(
            'tr',
            {},
            element('td', {}, instant(at)),
            element('td', {}, figure(mean[from + i]!)),
            element('td', {}, say(`flag${flag[from + i]}` as 'flag1')),
          ),
        ),
    ),
  );
}
