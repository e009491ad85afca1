import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { checkConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Manifest, Scores } from '../model/artifact.ts';
import { type BackendName, backendNames, chooseBackend } from '../model/backend.ts';
import { fileArtifactStore } from '../model/file-artifact-store.ts';
import type { LstmBody, LstmVariable } from '../model/lstm-artifact.ts';
import { type NetworkName, recipes } from '../model/networks/recipes.ts';
import { privateKeyOf } from '../model/signature.ts';
import type { Progress } from '../model/training/recipe.ts';
import { train } from '../model/training/train.ts';
import { planOf, settingsOf } from '../plan.ts';
import type { Step } from '../stream/step.ts';
import {
  type Command,
  exit,
  flag,
  type Io,
  instant,
  number,
  type Option,
  text,
  UsageError,
  type Values,
} from './command.ts';
import { fileOptions } from './files.ts';
import { stepsOf } from './history.ts';

const networkNames = Object.keys(recipes) as NetworkName[];

/** Options that `replay --train-until` takes as well. */
export const trainingOptions: Record<string, Option> = {
  variables: {
    type: 'string',
    value: 'A,B',
    help: "which to forecast (the configuration's, or all that the data hold)",
  },
  epochs: {
    type: 'string',
    value: 'N',
    help: `passes over the training part (20; the study: ${recipes['study-lstm'].epochs})`,
  },
  'learning-rate': {
    type: 'string',
    value: 'X',
    help: `the optimiser's step (0.001; the study: ${recipes['study-lstm'].learningRate})`,
  },
  network: { type: 'string', value: 'NAME', help: `${networkNames.join(' or ')} (${networkNames[0]})` },
  study: { type: 'boolean', help: "the network's recipe to the letter: epochs, rate, dead outputs" },
  seed: { type: 'string', value: 'N', help: 'of the initial weights (1)' },
  key: { type: 'string', value: 'FILE', help: 'private Ed25519 key in PEM: signs the artifact' },
  backend: { type: 'string', value: 'NAME', help: `${backendNames.join(', ')} (the configuration's)` },
};

export const command: Command = {
  summary: 'fits the LSTM on stored or file history and publishes an artifact',
  usage: '[FILE.csv[.gz] ...] [options]',
  about: `Trains the study's network, one a variable, pooled over the stations: LSTM with 32 units, Linear to the next 3 steps,
ReLU, mean squared error, Adam, batches of 128 in order of time. History comes from CSV files, whose columns are
recognised by their names, or from the store of --config. Data from --until on are held out: the model is scored on
them beside persistence and least squares on lags. Outputs that are dead at the start are drawn anew, and 20 epochs at
rate 0.001 are taken; --study keeps the recipe to the letter: dead outputs, 300 epochs, rate 0.00001.
--network original-lstm is what the study began with: 5 units, Nadam, batches of 100, stateful; for one station.`,
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'configuration: the store, stream settings, model folder',
    },
    models: {
      type: 'string',
      value: 'DIR',
      help: "folder of artifacts (the configuration's, or redtide-data/models)",
    },
    from: { type: 'string', value: 'TIME', help: 'history from here on' },
    until: { type: 'string', value: 'TIME', help: 'end of the training part; what follows is the hold-out' },
    ...fileOptions,
    ...trainingOptions,
    json: { type: 'boolean', help: 'the manifest as JSON' },
  },
  async run(values, paths, io) {
    const given = text(values, 'config');
    if (paths.length === 0 && !given) throw new UsageError('needs CSV files, or --config with a store');
    const config = given ? loadConfig(given) : checkConfig({}, 'defaults');
    const steps = await stepsOf(paths, config, values, io);
    const manifest = await trainAndPublish(steps, config, values, io);
    io.out.write(flag(values, 'json') ? `${JSON.stringify(manifest)}\n` : `${describe(manifest)}\n`);
    return exit.ok;
  },
};

/** Trains by the options of the command line and publishes into the model folder. */
export async function trainAndPublish(
  steps: readonly Step[],
  config: Config,
  values: Values,
  io: Io,
  until = instant(values, 'until'),
): Promise<Manifest<LstmBody>> {
  const study = flag(values, 'study');
  const network = networkOf(values);
  const recipe = recipes[network];
  const from = instant(values, 'from') ?? Number.NEGATIVE_INFINITY;
  const backend = await chooseBackend(backendOf(values) ?? config.model.backend);
  const artifact = await train({
    network,
    threads: availableParallelism(),
    steps: steps.filter(({ start }) => start >= from),
    primarySensor: settingsOf(planOf(config, [])).primarySensor,
    variables: variablesOf(steps, config, values),
    step: config.stream.step,
    lookback: config.stream.lookback,
    until,
    coverage: config.model.coverage,
    seed: number(values, 'seed', 1),
    epochs: number(values, 'epochs', study ? recipe.epochs : 20),
    batch: recipe.batch,
    learningRate: number(values, 'learning-rate', study ? recipe.learningRate : 1e-3),
    aliveHeads: !study,
    backend,
    onProgress: epochLine(io),
    signal: io.signal,
  });
  const folder = text(values, 'models') ?? config.model.folder;
  await fileArtifactStore(folder, { signing: keyOf(values) }).publish(artifact);
  return artifact.manifest;
}

/** One line that is written over on a terminal; nothing in a pipe. */
function epochLine({ err }: Io): (progress: Progress) => void {
  if (!('isTTY' in err) || !err.isTTY) return () => {};
  return ({ variable, epoch, loss }) =>
    err.write(`\r\x1b[K${variable}: epoch ${epoch}, loss ${loss.toExponential(3)}`);
}

/** The private key that artifacts are signed with, where one is given. */
export function keyOf(values: Values): KeyObject | undefined {
  const path = text(values, 'key');
  return path === undefined ? undefined : privateKeyOf(readFileSync(path, 'utf8'));
}

function networkOf(values: Values): NetworkName {
  const asked = text(values, 'network') ?? networkNames[0];
  const found = networkNames.find((name) => name === asked);
  if (!found) throw new UsageError(`--network ${asked} is none of ${networkNames.join(', ')}`);
  return found;
}

export function backendOf(values: Values): BackendName | undefined {
  const asked = text(values, 'backend');
  if (asked === undefined) return undefined;
  const found = backendNames.find((name) => name === asked);
  if (!found) throw new UsageError(`--backend ${asked} is none of ${backendNames.join(', ')}`);
  return found;
}

export function variablesOf(steps: readonly Step[], { model, variables }: Config, values: Values) {
  const held = new Set(steps.map(({ variable }) => variable));
  const served = model.variables ?? Object.keys(variables);
  const names = text(values, 'variables')?.split(',') ?? served.filter((name) => held.has(name));
  return names.map((name) => {
    if (!held.has(name))
      throw new UsageError(`the data hold no ${name}; they hold ${[...held].join(', ') || 'nothing'}`);
    return { name, unit: variables[name]?.unit ?? '' };
  });
}

/** The scores beside the plain baselines, as a table. */
export function describe({ id, variables, body, scores, data, stations }: Manifest<LstmBody>): string {
  const lines = variables.flatMap(({ name, unit }, i) => [
    `  ${name} (${unit})`,
    ...scoreLines(body.variables[i]!, scores?.[name]),
  ]);
  return `model ${id}, trained on ${data.from} to ${data.to}, ${stations.join(', ')}\n${lines.join('\n')}`;
}

function scoreLines({ training }: LstmVariable, scores: Scores | undefined): string[] {
  const loss = `    loss ${training.losses.at(0)?.toExponential(2)} to ${training.losses.at(-1)?.toExponential(2)}`;
  const dead = training.deadHeads.length > 0 ? `, dead outputs: ${training.deadHeads.join(', ')}` : '';
  if (!scores) return [`${loss}${dead}`];
  const row = (name: string, errors: readonly number[]) =>
    `    ${name.padEnd(14)}${errors.map((error) => error.toPrecision(3).padStart(9)).join('')}`;
  return [
    `${loss}${dead}; RMSE 1, 2, 3 steps ahead on ${scores.samples} windows after the training part:`,
    row('model', scores.rmse['model']!),
    row('persistence', scores.rmse['persistence']!),
    row('least squares', scores.rmse['leastSquares']!),
  ];
}
