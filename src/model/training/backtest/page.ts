import { escaped } from './chart.ts';
import {
  colourOf,
  forecastColour,
  losses,
  reliability,
  skillByHorizon,
  truthAndForecast,
  truthColour,
  worstMisses,
} from './pictures.ts';
import type { Report, SpikeReport, VariableReport } from './report.ts';
import type { Backtest } from './run.ts';
import type { Samples } from './samples.ts';

/** The report as one page that loads nothing: plots are SVG within it. */
export function pageOf(report: Report, { samples }: Backtest): string {
  const names = inOrder(report);
  const sections = report.scores.map((scores) => {
    const own = samples.find((one) => one.station === scores.station && one.variable === scores.variable)!;
    return variableSection(report, scores, own, names);
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Redtide back-test</title><style>${style}</style></head><body><main>
<h1>Back-test</h1>${about(report)}
${sections.join('\n')}
${report.spikes.map((spikes) => spikeSection(spikes, names)).join('\n')}
</main></body></html>
`;
}

/** The last network first, since its forecasts are drawn; without one the best known baseline. */
function inOrder({ networks, baselines }: Report): string[] {
  const first = networks.length > 0 ? [...networks].reverse() : ['lag-regression'];
  return [...new Set([...first, ...baselines])];
}

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:0;color:#212529;background:#fff}
main{max-width:60rem;margin:auto;padding:1rem}svg{max-width:100%;height:auto;background:#fff}
.row{display:flex;flex-wrap:wrap;gap:1rem}.row>*{flex:1 1 18rem;margin:0}
.grid{stroke:#e9ecef;fill:none}svg text{font:11px system-ui,sans-serif;fill:#495057}
text.x{text-anchor:middle}text.y{text-anchor:end}
.scroll{overflow-x:auto;margin:.8rem 0}caption{text-align:left}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.15rem .6rem;text-align:right;border-bottom:1px solid #e9ecef;white-space:nowrap}
th:first-child{text-align:left}small{color:#495057}h2{margin-top:2.5rem}
.key{line-height:1.8}.key span{display:inline-block;width:1.6rem;height:.3rem;vertical-align:middle;margin:0 .3rem 0 1rem}`;

const table = (head: readonly string[], rows: readonly (readonly string[])[], caption: string) =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(caption)}"><table><caption><small>${escaped(caption)}</small></caption><thead><tr>${head
    .map((cell) => `<th scope="col">${escaped(cell)}</th>`)
    .join('')}</tr></thead><tbody>${rows
    .map(
      ([first, ...rest]) =>
        `<tr><th scope="row">${escaped(first!)}</th>${rest.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
    )
    .join('')}</tbody></table></div>`;

const day = (iso: string) => iso.slice(0, 10);
const figure = (svg: string, caption: string) =>
  `<figure>${svg}<figcaption><small>${caption}</small></figcaption></figure>`;
const key = (entries: readonly (readonly [name: string, colour: string])[]) =>
  `<p class="key">${entries.map(([name, colour]) => `<span style="background:${colour}"></span>${escaped(name)}`).join('')}</p>`;

function about({ settings, origins, networks, baselines }: Report): string {
  const dead = origins.flatMap(({ training }) =>
    training
      .filter(({ deadHeads }) => deadHeads.length > 0)
      .map(
        ({ network, variable, deadHeads }) =>
          `<li>${escaped(network)}, ${escaped(variable)}: outputs ${deadHeads.join(', ')} are dead: 0 for every training window</li>`,
      ),
  );
  return `<p>Hold-out from ${day(settings.from)} to ${day(settings.until)}. ${escaped(networks.join(', ') || 'No network')} beside
${escaped(baselines.join(', '))}. Windows of ${settings.lookback} steps of ${settings.step / 60_000} min; ${settings.horizons.join(', ')} steps ahead; seed ${settings.seed}.
Every forecaster is scored on the same samples; nothing of the hold-out was learned from.</p>
${table(
  ['from', 'until', 'trained on what precedes'],
  origins.map(({ from, until, trainUntil }) => [day(from), day(until), day(trainUntil)]),
  'Origins',
)}${dead.length > 0 ? `<ul>${dead.join('')}</ul>` : ''}`;
}

/** The horizon of the plots: a day ahead, or the farthest below. */
function shownHorizon({ horizons }: Samples): number {
  const far = horizons.filter((horizon) => horizon <= 24).length;
  return Math.max(0, far - 1);
}

function variableSection(
  report: Report,
  scores: VariableReport,
  samples: Samples,
  all: readonly string[],
): string {
  const names = all.filter((name) => samples.said.has(name));
  const { station, variable, unit } = scores;
  const networks = names.filter((name) => report.networks.includes(name));
  const first = names[0]!;
  const h = shownHorizon(samples);
  const training = report.origins.at(-1)!.training.filter((one) => one.variable === variable);
  const loss = losses(training, all);
  return `<section><h2>${escaped(station)}: ${escaped(variable)}${unit ? ` (${escaped(unit)})` : ''}</h2>
${key([
  ['measured', truthColour],
  [`forecast by ${first}`, forecastColour],
])}
${figure(truthAndForecast(samples, first, h, unit), `The whole hold-out, ${samples.horizons[h]} steps ahead`)}
<h3>Skill</h3>${key(names.filter((name) => name !== 'persistence').map((name) => [name, colourOf(all, name)]))}
<div class="row">${figure(skillByHorizon(scores, all, networks), 'Skill over persistence by steps ahead; band: 95 % interval of a bootstrap of weeks; below -1 is not drawn')}
${figure(reliability(scores.horizons, report.levels, first), `Reliability of ${escaped(first)}: on the diagonal is right; darker is farther ahead`)}</div>
<h3>Worst misses</h3><div class="row">${worstMisses(samples, first, h, unit)
    .map((svg) => figure(svg, ''))
    .join('')}</div>
${loss ? `<h3>Training</h3>${figure(loss, 'Loss of every epoch, of the last origin')}` : ''}
<h3>Scores</h3>${scoreTables(scores, names, networks)}</section>`;
}

function scoreTables(
  { horizons, unit }: VariableReport,
  names: readonly string[],
  networks: readonly string[],
): string {
  const head = ['steps ahead', ...horizons.map(({ horizon }) => `${horizon}`)];
  const rows = (of: (own: VariableReport['horizons'][number]['forecasters'][string]) => string) =>
    names.map((name) => [
      name,
      ...horizons.map(({ forecasters }) => (forecasters[name] ? of(forecasters[name]) : '-')),
    ]);
  const skill = (name: string, reference: string) =>
    horizons.map(({ forecasters }) => {
      const found = forecasters[name]?.skill[reference];
      if (!found) return '-';
      return found.low === undefined
        ? signed(found.value)
        : `${signed(found.value)} [${signed(found.low)}, ${signed(found.high!)}]`;
    });
  const samples = ['samples', ...horizons.map((one) => `${one.samples}`)];
  return [
    table(head, [samples, ...rows(({ rmse }) => rmse.toPrecision(3))], `Root mean squared error, ${unit}`),
    ...networks.map((name) =>
      table(
        head,
        names.filter((other) => other !== name).map((other) => [other, ...skill(name, other)]),
        `Skill of ${name} over each: 1 - RMSE / RMSE, with its 95 % interval`,
      ),
    ),
    table(
      head,
      rows(({ mase }) => (mase === null ? '-' : mase.toFixed(2))),
      'Mean absolute scaled error',
    ),
    table(
      head,
      rows(({ bias }) => signed(bias)),
      `Bias: forecast minus truth, ${unit}`,
    ),
    table(
      head,
      rows(({ crps }) => crps.toPrecision(3)),
      `Continuous ranked probability score, ${unit}`,
    ),
    table(
      head,
      rows((own) => `${percent(own.interval80?.coverage)}, ${percent(own.interval80?.coverageTop)}`),
      '80 % interval: covers of all, of the highest tenth',
    ),
    table(
      head,
      networks.map((name) => [
        name,
        ...horizons.map(({ forecasters }) => {
          const own = forecasters[name]?.served;
          return own ? `${percent(own.interval80?.coverage)}, ${own.crps.toPrecision(3)}` : '-';
        }),
      ]),
      `80 % interval as an edge would issue it, calibrated on the errors known by then: covers; CRPS, ${unit}`,
    ),
    table(
      head,
      rows((own) => `${percent(own.interval95?.coverage)}, ${percent(own.interval95?.coverageTop)}`),
      '95 % interval: covers of all, of the highest tenth',
    ),
    table(
      head,
      rows(({ lag }) => (lag ? `${lag.lag} ${lag.passed ? 'passed' : 'fails'}` : '-')),
      'Lag test: steps by which the forecasts run after the truth',
    ),
  ].join('\n');
}

function spikeSection(
  { variable, criterion, thresholds, horizons }: SpikeReport,
  all: readonly string[],
): string {
  const head = ['steps ahead', ...horizons.map(({ horizon }) => `${horizon}`)];
  const names = all.filter((name) => horizons.some(({ forecasters }) => forecasters[name]));
  const events = Object.values(horizons[0]?.forecasters ?? {})[0]?.events ?? 0;
  const rows = (of: (own: SpikeReport['horizons'][number]['forecasters'][string]) => string) =>
    names.map((name) => [name, ...horizons.map(({ forecasters }) => of(forecasters[name]!))]);
  const levels = Object.entries(thresholds).map(([station, one]) => `${station} ${one.toPrecision(3)}`);
  const title = `<section><h2>Spikes: ${escaped(variable)} ${escaped(criterion)}</h2><p>${events} events; threshold: ${escaped(levels.join(', '))}</p>`;
  if (events === 0) return `${title}</section>`;
  return `${title}${table(
    head,
    rows(({ state }) => `${percent(state.pod)} ${percent(state.far)} ${percent(state.csi)}`),
    'State: probability of detection, false alarm ratio, critical success index',
  )}
${table(
  head,
  rows(
    ({ onset }) =>
      `${onset.caught}/${onset.onsets} ${percent(onset.far)} ${onset.leadHours === null ? '-' : `${onset.leadHours} h`} ${onset.falseAlarmsPerMonth === null ? '-' : onset.falseAlarmsPerMonth.toFixed(1)}`,
  ),
  'Onset: caught of those there were, false alarm ratio, median lead, false alarms per station and month',
)}</section>`;
}

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toPrecision(2)}`;
const percent = (value: number | null | undefined) =>
  value === undefined || value === null ? '-' : `${Math.round(100 * value)} %`;
