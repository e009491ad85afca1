import { type Html, html, trusted } from './html.ts';
import { modelNotes } from './model-notes.ts';
import { pageStyle } from './page-style.ts';
import { readiness, type Verdict } from './probe.ts';
import { className, stationMap } from './station-map.ts';
import {
  type AlertStatus,
  age,
  foremost,
  headline,
  pendingValues,
  presence,
  type StationStatus,
  type Status,
  severities,
  totals,
  type VariableStatus,
} from './status.ts';
import { unitSymbol } from './unit-symbol.ts';

/**
 * The page: complete without a script or a second request, and then fresh every 10 s. Where scripts run, and `live`
 * says that the server has what they ask for, src/page takes it over.
 */
export function page(status: Status, verdict: Verdict = readiness(status), live = false): string {
  const map = stationMap(status);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${live ? liveHead : trusted('<meta http-equiv="refresh" content="10">')}
<title>${headline(status)} - Redtide</title>
<style>${trusted(pageStyle)}</style>
</head>
<body>
<header><h1>Redtide</h1><time datetime="${new Date(status.now).toISOString()}">${instant(status.now)}</time></header>
<p class="headline">${headline(status)}</p>
<main>
${status.alerts.length > 0 && html`<section><h2>Alerts</h2>${alertList(status)}</section>`}
${map && html`<section><h2>Where</h2>${map}</section>`}
<section><h2>Stations</h2>${stationTable(status)}</section>
<section><h2>This edge</h2>${edgeList(status, verdict)}</section>
</main>
<footer>Redtide ${status.version}. For machines: <a href="/health">/health</a>, <a href="/ready">/ready</a>, <a href="/metrics">/metrics</a>.</footer>
</body>
</html>
`.text;
}

const liveHead = trusted(`<noscript><meta http-equiv="refresh" content="10"></noscript>
<link rel="stylesheet" href="/uplot.css">
<script src="/uplot.js" defer></script>
<script src="/page/main.js" type="module"></script>`);

function alertList({ alerts, stations, now }: Status): Html {
  const firstFiring = [...alerts].sort((a, b) => rank(a) - rank(b) || a.onset - b.onset);
  return html`<ul>${firstFiring.map((alert) => {
    const station = stations.find(({ id }) => id === alert.station);
    const doubt =
      station && presence(station, now) !== 'reporting' && ` The station is ${presence(station, now)}.`;
    return html`<li><span class="dot ${alert.state}"></span><strong>${alert.text}</strong> at ${label(station, alert)}
<small>${alert.severity}, ${alert.state} since ${instant(alert.onset)}</small><br><span class="soft">${alert.reason}.${doubt}</span></li>`;
  })}</ul>`;
}

const rank = ({ state, severity }: AlertStatus) =>
  (state === 'firing' ? 0 : 3) + (severities.length - severities.indexOf(severity)) / 10;

const label = (station: StationStatus | undefined, { station: id }: AlertStatus) =>
  station?.name ? `${station.name} (${id})` : id;

function stationTable({ stations, variables, now }: Status): Html {
  if (stations.length === 0)
    return html`<p class="soft">No station is configured and none has been heard.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Stations"><table><caption>An arrow leads to the forecast, which its tooltip dates. Faint values are too old to speak of now.</caption>
<thead><tr><th scope="col">Station</th>${variables.map(
    ({ title, unit }) => html`<th scope="col">${title}<br><small>${unitSymbol(unit)}</small></th>`,
  )}<th scope="col">Last heard</th></tr></thead>
<tbody>${stations.map((station) => stationRow(station, variables, now))}</tbody></table></div>`;
}

function stationRow(station: StationStatus, variables: readonly VariableStatus[], now: number): Html {
  const { id, name, newest, gaps } = station;
  const state = presence(station, now);
  const heard = newest === undefined ? state : newest > now ? 'now' : `${age(now - newest)} ago`;
  return html`<tr><td><span class="dot ${className(state)}" title="${state}"></span>${name ?? id} <small>${name && id}</small></td>${variables.map(
    (variable) => valueCell(station, variable, state === 'reporting'),
  )}<td>${heard}${newest !== undefined && state !== 'reporting' && html` <small>${state}</small>`}${gaps && gaps.missing > 0 && html`<br><small>${whole(gaps.missing)} messages never arrived</small>`}</td></tr>
`;
}

/** The last value, and where it is forecast to go; old values are faint, because they say nothing of now. */
function valueCell(
  { readings, forecasts }: StationStatus,
  { name, unit }: VariableStatus,
  fresh: boolean,
): Html {
  const reading = readings[name];
  if (!reading) return html`<td class="soft">-</td>`;
  const forecast = forecasts.find(({ variable }) => variable === name);
  const told = forecast && foremost(forecast);
  const title = `${instant(reading.time)}, flag ${reading.flag}`;
  return html`<td class="${!fresh && 'stale'}" title="${title}">${figure(reading.value)}${
    told &&
    fresh &&
    html` <small title="forecast in ${age(told.ahead)}, ${unit}">&rarr; ${figure(told.median)}</small>`
  }</td>`;
}

function edgeList(status: Status, verdict: Verdict): Html {
  const { source, store, clock, model, journal, produced } = status;
  const { received, stored, quarantined, duplicate, lateOnly, shed } = totals(status);
  const ledger = `${whole(stored)} stored, ${whole(quarantined)} quarantined, ${whole(duplicate)} duplicate, ${whole(lateOnly)} late, ${whole(shed)} shed, ${whole(pendingValues(totals(status)))} pending`;
  const waiting = store.waiting > 0 && `, ${whole(store.waiting)} points waiting`;
  return html`<dl>
<div><dt>Ready</dt><dd><span class="dot ${verdict.ok ? 'ok' : 'not-ok'}"></span>${verdict.ok ? 'yes' : verdict.reasons.map(({ detail }) => detail).join('; ')}</dd></div>
<div><dt>Source</dt><dd>${source.state}, ${source.address}</dd></div>
<div><dt>Store</dt><dd>${store.name} ${store.state}${waiting}</dd></div>
<div><dt>Model</dt><dd>${[model ? `${model.id}, ${model.backend}` : 'none', ...modelNotes(status)].join('; ')}</dd></div>
${
  clock &&
  (clock.state !== 'trusted' || clock.jumps > 0) &&
  html`<div><dt>Clock of the host</dt><dd>${clock.state}, ${whole(clock.jumps)} jumps: ${clock.reason}</dd></div>
`
}<div><dt>Journal</dt><dd>${whole(journal.position)} of ${whole(journal.head)} records processed</dd></div>
<div><dt>Values received</dt><dd>${whole(received)}: ${ledger}</dd></div>
<div><dt>Made of them</dt><dd>${whole(produced.steps)} step means, ${whole(produced.windows)} windows, ${whole(produced.forecasts)} forecasts</dd></div>
</dl>`;
}

const whole = (count: number) => count.toLocaleString('en-US').replaceAll(',', '\u202f');
const figure = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1));
const instant = (time: number) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
