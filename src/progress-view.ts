import { styleText } from 'node:util';
import {
  age,
  foremost,
  headline,
  pendingValues,
  presence,
  type StationStatus,
  type Status,
  totals,
  type VariableStatus,
} from './dashboard/status.ts';

export interface View {
  /** Columns of the terminal; no line is wider. */
  readonly width: number;
  /** Lines of the terminal; there are never more, stations are left out and said to be. */
  readonly height?: number | undefined;
  readonly colour?: boolean | undefined;
  /** Values received in a real second. */
  readonly rate?: number | undefined;
}

type Colour = Parameters<typeof styleText>[0];

const nameWidth = 24;
const heardWidth = 16;
const cellWidth = 17;
const alertsShown = 6;

/** The fleet, its alerts and the throughput, as lines for a terminal. Pure. */
export function render(status: Status, view: View): string[] {
  const before = [...title(status, view), '', ...header(status, view)];
  const after = ['', ...alertLines(status, view), ...throughput(status, view)];
  const room = (view.height ?? Number.POSITIVE_INFINITY) - before.length - after.length;
  const rows = stationRows(status, view, Math.max(1, room));
  return [...before, ...rows, ...after].slice(0, view.height);
}

/** One quiet line for where nobody watches. */
export function summary(status: Status, rate?: number): string {
  const forecasts = `${status.produced.forecasts} forecasts`;
  return `${instant(status.now)} ${headline(status)}; ${ledger(status)}; ${forecasts}${speed(rate)}`;
}

/** What is worth a line when it changes. Alerts are not among it: they are told by their own notifier. */
export function changes(before: Status, after: Status): string[] {
  const lines: string[] = [];
  const { source, store, model } = after;
  if (before.source.state !== source.state) lines.push(`source ${source.state}: ${source.address}`);
  if (before.store.state !== store.state)
    lines.push(`store ${store.name} ${store.state}, ${store.waiting} points waiting`);
  if (before.model?.id !== model?.id)
    lines.push(model ? `model ${model.id} in service, ${model.backend}` : 'no model in service');
  lines.push(...presenceChanges(before, after));
  return lines.map((line) => `${instant(after.now)} ${oneLine(line)}`);
}

function presenceChanges(before: Status, after: Status): string[] {
  const earlier = new Map(before.stations.map((station) => [station.id, presence(station, before.now)]));
  return after.stations.flatMap((station) => {
    const now = presence(station, after.now);
    const was = earlier.get(station.id) ?? 'never seen';
    if (now === was || now === 'late') return [];
    if (now === 'silent') return [`${station.id} is silent, last heard ${heard(station, after.now)} ago`];
    return was === 'late' ? [] : [`${station.id} reports`];
  });
}

function title(status: Status, { width, colour }: View): string[] {
  const firing = status.alerts.some(({ state }) => state === 'firing');
  const said = clip(headline(status), width);
  return [
    clip(
      `Redtide ${status.version}   ${instant(status.now)}   ${status.source.state} ${status.source.address}`,
      width,
    ),
    paint(said, firing ? ['bold', 'red'] : 'bold', colour),
  ];
}

/** As many variables as fit, those that are forecast first. */
function shown({ variables, stations }: Status, { width }: View): readonly VariableStatus[] {
  const forecast = new Set(stations.flatMap(({ forecasts }) => forecasts.map(({ variable }) => variable)));
  const rank = ({ name }: VariableStatus) => (forecast.has(name) ? 0 : 1);
  return variables
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, Math.max(0, Math.floor((width - nameWidth - heardWidth) / cellWidth)));
}

function header(status: Status, view: View): string[] {
  const columns = shown(status, view);
  const cells = (text: (variable: VariableStatus) => string) =>
    columns.map((variable) => ` ${padLeft(clip(text(variable), cellWidth - 1), cellWidth - 1)}`).join('');
  const line = (first: string, text: (variable: VariableStatus) => string, last: string) =>
    paint(
      clip(pad(first, nameWidth) + cells(text) + padLeft(last, heardWidth), view.width),
      'dim',
      view.colour,
    );
  return [line('station', ({ title }) => title, 'last heard'), line('', ({ unit }) => unit, '')];
}

function stationRows(status: Status, view: View, room: number): string[] {
  const { stations } = status;
  const lines = stations.slice(0, stations.length > room ? room - 1 : room).map((station) => {
    return stationRow(station, status, view);
  });
  const left = stations.length - lines.length;
  return left > 0 ? [...lines, clip(`... and ${left} more stations`, view.width)] : lines;
}

function stationRow(station: StationStatus, status: Status, view: View): string {
  const state = presence(station, status.now);
  const name = station.name ? `${station.id} ${station.name}` : station.id;
  const cells = shown(status, view).map(
    (variable) => ` ${padLeft(cell(station, variable, state === 'reporting'), cellWidth - 1)}`,
  );
  const last = station.newest === undefined ? state : heard(station, status.now);
  const said = state === 'late' || state === 'silent' ? `${state} ${last}` : last;
  const plain = clip(pad(name, nameWidth) + cells.join('') + padLeft(said, heardWidth), view.width);
  return paint(plain, presenceColours[state], view.colour);
}

const presenceColours: Readonly<Record<ReturnType<typeof presence>, Colour | undefined>> = {
  reporting: undefined,
  late: 'yellow',
  silent: 'red',
  'connected, but silent': 'red',
  'never seen': 'dim',
};

/** The last value and what is forecast up to a day ahead, which says nothing of a station that fell silent. */
function cell({ readings, forecasts }: StationStatus, { name }: VariableStatus, fresh: boolean): string {
  const reading = readings[name];
  const forecast = forecasts.find(({ variable }) => variable === name);
  const ahead = forecast && foremost(forecast).median;
  if (!reading) return '-';
  const value = figure(reading.value);
  return clip(ahead === undefined || !fresh ? value : `${value} > ${figure(ahead)}`, cellWidth - 1);
}

function alertLines({ alerts }: Status, { width, colour }: View): string[] {
  const firingFirst = alerts.toSorted((a, b) => a.state.localeCompare(b.state) || b.onset - a.onset);
  const lines = firingFirst.slice(0, alertsShown).map(({ state, severity, text, station, reason }) => {
    const line = clip(`${state.toUpperCase()} ${severity} ${station}: ${text}: ${reason}`, width);
    return paint(
      line,
      state === 'pending' ? 'dim' : severity === 'severe' || severity === 'extreme' ? 'red' : 'yellow',
      colour,
    );
  });
  const left = alerts.length - lines.length;
  return left > 0 ? [...lines, clip(`... and ${left} more alerts`, width)] : lines;
}

function throughput(status: Status, { width, rate }: View): string[] {
  const { store, model, produced } = status;
  const made = `${produced.steps} step means, ${produced.windows} windows, ${produced.forecasts} forecasts`;
  const parts = [made, `${store.name} ${store.state}`, `model ${model?.id ?? 'none'}`];
  return [clip(ledger(status) + speed(rate), width), clip(parts.join('; '), width)];
}

function ledger(status: Status): string {
  const sum = totals(status);
  const { received, stored, quarantined, duplicate, lateOnly, shed } = sum;
  const rest = Object.entries({ quarantined, duplicate, late: lateOnly, shed, pending: pendingValues(sum) });
  const said = rest.filter(([, count]) => count !== 0).map(([name, count]) => `, ${count} ${name}`);
  return `${received} values, ${stored} stored${said.join('')}`;
}

const speed = (rate: number | undefined) => (rate === undefined ? '' : `, ${Math.round(rate)} values/s`);
const heard = ({ newest = 0 }: StationStatus, now: number) => age(now - newest);
const figure = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1));
const instant = (time: number) => new Date(time).toISOString().replace(/:\d\d\.\d{3}Z$/, 'Z');

function paint(text: string, colour: Colour | undefined, wanted: boolean | undefined): string {
  return colour && wanted ? styleText(colour, text, { validateStream: false }) : text;
}

/** Names come from configurations and messages: they must not drive the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** Columns that a terminal gives to a character: two to those of East Asian scripts and pictures, none to accents. */
function columns(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u.test(
    character,
  )
    ? 2
    : 1;
}

export function textWidth(text: string): number {
  return [...text].reduce((sum, character) => sum + columns(character), 0);
}

function clip(text: string, width: number): string {
  const line = oneLine(text);
  if (textWidth(line) <= width) return line;
  let clipped = '';
  let used = 0;
  for (const character of line) {
    used += columns(character);
    if (used > width - 1) break;
    clipped += character;
  }
  return width > 0 ? `${clipped}~` : '';
}

const pad = (text: string, width: number) => {
  const clipped = clip(text, width - 1);
  return clipped + ' '.repeat(width - textWidth(clipped));
};
const padLeft = (text: string, width: number) => ' '.repeat(Math.max(0, width - textWidth(text))) + text;
