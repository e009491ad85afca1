import type { Skill } from '../model/training/backtest/bootstrap.ts';
import type { PooledReport } from '../model/training/backtest/pooled.ts';
import type { Report, SpikeReport, VariableReport } from '../model/training/backtest/report.ts';

/** The report in short, for a terminal. */
export function describeReport(report: Report): string {
  const { settings, origins, networks } = report;
  const trained = origins.length === 1 ? 'one origin' : `${origins.length} origins`;
  return [
    `hold-out ${day(settings.from)} to ${day(settings.until)}, ${trained}, training up to ${day(origins[0]!.trainUntil)} at first`,
    ...origins.flatMap(({ training }) =>
      training
        .filter(({ deadHeads }) => deadHeads.length > 0)
        .map(
          ({ network, variable, deadHeads }) =>
            `${network}: ${variable}: dead outputs, 0 for every training window: ${deadHeads.join(', ')}`,
        ),
    ),
    ...report.pooled.map((pooled) => pooledLines(pooled, networks)),
    ...report.scores.map((scores) => variableLines(scores, networks)),
    ...report.spikes.map((spikes) => spikeLines(spikes, networks)),
  ].join('\n');
}

const day = (iso: string) => iso.slice(0, 10);
const cells = (values: readonly (string | undefined)[]) =>
  values.map((value) => ` ${value ?? '-'}`.padStart(23)).join('');
const title = (name: string) => `  ${name.padEnd(30)}`;

function variableLines(
  { station, variable, unit, horizons }: VariableReport,
  networks: readonly string[],
): string {
  const names = [...new Set(horizons.flatMap(({ forecasters }) => Object.keys(forecasters)))];
  const skill = (name: string, reference: string) =>
    horizons.map(({ forecasters }) => skillText(forecasters[name]?.skill[reference]));
  return [
    `\n${station}: ${variable} (${unit})`,
    `${title('steps ahead')}${cells(horizons.map(({ horizon }) => `${horizon}`))}`,
    `${title('samples')}${cells(horizons.map(({ samples }) => `${samples}`))}`,
    ...names.map(
      (name) =>
        `${title(name)}${cells(horizons.map(({ forecasters }) => forecasters[name]?.rmse.toPrecision(3)))}`,
    ),
    ...networks
      .filter((name) => names.includes(name))
      .flatMap((name) => [
        ...['persistence', 'lag-regression'].map(
          (reference) => `${title(`${name} over ${reference}`).padEnd(32)}${cells(skill(name, reference))}`,
        ),
        `${title(`${name} 80 % covers`)}${cells(
          horizons.map(({ forecasters }) => percent(forecasters[name]?.interval80?.coverage)),
        )}`,
        `${title('  as an edge would issue it')}${cells(
          horizons.map(({ forecasters }) => percent(forecasters[name]?.served?.interval80?.coverage)),
        )}`,
      ]),
  ].join('\n');
}

/** All stations together; of each network what it gains on the others. */
function pooledLines(
  { variable, unit, stations, horizons }: PooledReport,
  networks: readonly string[],
): string {
  const names = Object.keys(horizons[0]?.rmse ?? {});
  const others = ['persistence', 'climatology', 'lag-regression', ...networks];
  return [
    `\n${stations} stations together: ${variable} (${unit})`,
    `${title('steps ahead')}${cells(horizons.map(({ horizon }) => `${horizon}`))}`,
    `${title('samples')}${cells(horizons.map(({ samples }) => `${samples}`))}`,
    ...names.map((name) => `${title(name)}${cells(horizons.map(({ rmse }) => rmse[name]?.toPrecision(3)))}`),
    ...networks.flatMap((name) =>
      others
        .filter((other) => other !== name && names.includes(name) && names.includes(other))
        .map(
          (other) =>
            `${title(`${name} over ${other}`).padEnd(32)}${cells(horizons.map(({ skill }) => skillText(skill[name]?.[other])))}`,
        ),
    ),
  ].join('\n');
}

function skillText(found: Skill | undefined): string | undefined {
  if (!found) return undefined;
  const interval = found.low === undefined ? '' : ` [${signed(found.low)} ${signed(found.high!)}]`;
  return `${signed(found.value)}${interval}`;
}

function spikeLines({ variable, criterion, horizons }: SpikeReport, networks: readonly string[]): string {
  const shown = [...networks, 'persistence', 'lag-regression'];
  const row = (name: string) =>
    horizons.map(({ forecasters }) => {
      const own = forecasters[name];
      return (
        own && `${percent(own.state.csi)} ${own.onset.caught}/${own.onset.onsets} ${own.onset.falseAlarms}`
      );
    });
  const events = Object.values(horizons[0]?.forecasters ?? {})[0]?.events ?? 0;
  return [
    `\n${variable} ${criterion}: ${events} events; CSI of the state, onsets caught of those there were, false alarms`,
    `${title('steps ahead')}${cells(horizons.map(({ horizon }) => `${horizon}`))}`,
    ...shown.map((name) => `${title(name)}${cells(row(name))}`),
  ].join('\n');
}

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(2).replace(/^0/, '')}`;
const percent = (value: number | null | undefined) =>
  value === undefined || value === null ? '-' : `${Math.round(100 * value)}%`;
