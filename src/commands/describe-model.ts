import type { Manifest, ModelVariable, Scores } from '../model/artifact.ts';
import type { LineUpBody } from '../model/line-up/line-up.ts';
import { lineUpTable } from '../model/line-up/table.ts';
import type { LstmBody } from '../model/lstm-artifact.ts';
import type { Hardware } from '../model/lstm-backend.ts';
import type { RedtideBody } from '../model/redtide/body.ts';
import { otherLines, promotionLine } from '../model/service-lines.ts';
import { type SpaceBody, spaceNames } from '../model/space/space-artifact.ts';

/** What a model was made of, and its scores beside the plain baselines, as a table. */
export function describeModel(manifest: Manifest): string {
  const { id, network, variables, scores, data, stations, horizons, hardware } = manifest;
  const lines = variables.flatMap((variable, i) => [
    `  ${variable.name} (${variable.unit})`,
    ...trainingLines(manifest, variable, i),
    ...scoreLines(horizons, scores?.[variable.name]),
  ]);
  const about = [...servingLines(manifest), ...lines];
  return `model ${id}, trained on ${data.from} to ${data.to}, ${stations.join(', ')}\n  network ${network}${hardware ? trainedOn(hardware) : ''}\n${about.join('\n')}`;
}

/** Who serves where, and the contest that put it into service. */
function servingLines(manifest: Manifest): string[] {
  const table = manifest.network === 'line-up' ? lineUpTable(manifest as Manifest<LineUpBody>) : [];
  const others = otherLines(manifest).map((line) => `  ${line}`);
  const why = manifest.promotion ? [promotionLine(manifest.promotion)] : [];
  return [...table, ...why, ...others].map((line) => `  ${line}`);
}

const trainedOn = ({ backend, adapter, driver, software }: Hardware) =>
  `, trained by ${backend} on ${adapter}, ${driver}${software ? ', in software' : ''}`;

function trainingLines({ network, body }: Manifest, _: ModelVariable, at: number): string[] {
  if (network === 'redtide') return crossFitted((body as RedtideBody).variables[at]!);
  if (isSpace(network)) return spaceLines((body as SpaceBody).variables[at]!);
  if (network.endsWith('-lstm')) return [losses((body as LstmBody).variables[at]!)];
  return [];
}

/** On stretches that were not fitted on: how much less error than least squares on lags, and than the last value. */
function crossFitted({ training: { rmse } }: RedtideBody['variables'][number]): string[] {
  const less = (reference: readonly number[]) =>
    rmse.network.map((own, h) => `${Math.round(100 * (1 - own / reference[h]!))} %`.padStart(9)).join('');
  return [
    '    less error on stretches of the training part that were left out:',
    `    than the last ${less(rmse.persistence)}`,
    `    than lags     ${less(rmse.lags)}`,
  ];
}

const isSpace = (network: string) => spaceNames.some((name) => name === network);

function spaceLines({ shares, training: { losses: own, epochs } }: SpaceBody['variables'][number]): string[] {
  if (own.length === 0) return [];
  const given = shares.map((share) => `${Math.round(100 * share)} %`.padStart(9)).join('');
  return [
    `    loss ${own.at(0)!.toExponential(2)} to ${own.at(-1)!.toExponential(2)} in ${epochs} epochs; 1 is the own past`,
    `    of its answer is added, by validation:${given}`,
  ];
}

function losses({ training }: LstmBody['variables'][number]): string {
  const dead = training.deadHeads.length > 0 ? `, dead outputs: ${training.deadHeads.join(', ')}` : '';
  return `    loss ${training.losses.at(0)?.toExponential(2)} to ${training.losses.at(-1)?.toExponential(2)}${dead}`;
}

function scoreLines(horizons: readonly number[], scores: Scores | undefined): string[] {
  if (!scores) return [];
  const row = (name: string, errors: readonly number[]) =>
    `    ${name.padEnd(14)}${errors.map((error) => error.toPrecision(3).padStart(9)).join('')}`;
  return [
    `    RMSE ${horizons.join(', ')} steps ahead on ${scores.samples} windows after the training part:`,
    row('model', scores.rmse['model']!),
    row('persistence', scores.rmse['persistence']!),
    row('least squares', scores.rmse['leastSquares']!),
  ];
}
