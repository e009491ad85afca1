import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { epochsOf } from '../calibration.ts';
import { checkConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Manifest } from '../model/artifact.ts';
import { chooseTrainer, type TrainingBackend, trainingNames } from '../model/backend.ts';
import { engineBackend } from '../model/engine-backend.ts';
import { fileArtifactStore } from '../model/file-artifact-store.ts';
import { horizons, recipes } from '../model/networks/recipes.ts';
import { privateKeyOf } from '../model/signature.ts';
import { spaceNames } from '../model/space/space-artifact.ts';
import type { Progress, Recipe } from '../model/training/recipe.ts';
import { recipeNames, recipeOf } from '../model/training/recipe-table.ts';
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
import { describeModel } from './describe-model.ts';
import { fileOptions } from './files.ts';
import { readHistory, tableOptions } from './history.ts';
import { placesOf, spaceOptions, spaceSettings } from './places.ts';
import { withoutCounts } from './sightings.ts';

const defaultNetwork = 'redtide';

export const requireGpuOption: Option = {
  type: 'boolean',
  help: 'fail, with the reason, where what trains would be no GPU',
};

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
    help: "passes over the training part (the network's own)",
  },
  'learning-rate': {
    type: 'string',
    value: 'X',
    help: "the optimiser's step (the network's own)",
  },
  network: { type: 'string', value: 'NAME', help: `${recipeNames.join(', ')} (${defaultNetwork})` },
  study: { type: 'boolean', help: "the study's network to the letter: epochs, rate, dead outputs" },
  seed: { type: 'string', value: 'N', help: 'of the initial weights (1)' },
  key: {
    type: 'string',
    value: 'FILE',
    help: "private Ed25519 key in PEM: signs the artifact (the configuration's retrain/key)",
  },
  backend: {
    type: 'string',
    value: 'NAME',
    help: `what trains: ${trainingNames.join(', ')} (the configuration's retrain/backend)`,
  },
  'require-gpu': requireGpuOption,
  ...spaceOptions,
};

export const command: Command = {
  summary: 'fits a network on stored or file history and publishes an artifact',
  usage: '[FILE.csv[.gz] ...] [options]',
  about: `Trains a network, pooled over the stations. History comes from CSV files, whose columns are recognised by their names,
or from the store of --config. Data from --until on are held out: the model is scored on them beside persistence and
least squares on lags. The default network is a mixture of regressions, and LSTMs with quantile heads on what it leaves
(docs/forecast-skill.md). --network study-lstm is the study's, one a variable: LSTM with 32 units, Linear to the next 3
steps, ReLU, mean squared error, Adam, batches of 128 in order of time; outputs that are dead at the start are drawn
anew, and 20 epochs at rate 0.001 are taken; --study keeps that recipe to the letter: dead outputs, 300 epochs, rate
0.00001. original-lstm is what the study began with: 5 units, Nadam, batches of 100, stateful; for one station. The
others but the last are the plain baselines. Networks over space look at all stations together, and learn what the own
past of each leaves: graph is the graph neural network of the study, over stations (--places, --edges); conv-lstm,
self-attention and local-relation take the cells of a grid, from a CSV of rows with time, latitude, longitude and values
(empty on land and under cloud). They hear neighbours only in windows that come together (docs/backtest.md).`,
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
    lookback: { type: 'string', value: 'N', help: "steps in a window (the configuration's)" },
    horizons: { type: 'string', value: 'N,N', help: "steps ahead (the configuration's)" },
    ...fileOptions,
    ...tableOptions,
    ...trainingOptions,
    json: { type: 'boolean', help: 'the manifest as JSON' },
  },
  async run(values, paths, io) {
    const given = text(values, 'config');
    if (paths.length === 0 && !given) throw new UsageError('needs CSV files, or --config with a store');
    const config = given ? loadConfig(given) : checkConfig({}, 'defaults');
    const history = await readHistory(paths, config, values, io);
    const manifest = await trainAndPublish(history.steps, history.config, values, io);
    io.out.write(flag(values, 'json') ? `${JSON.stringify(manifest)}\n` : `${describeModel(manifest)}\n`);
    return exit.ok;
  },
};

/** Trains by the options of the command line and publishes into the model folder. */
export async function trainAndPublish(
  stored: readonly Step[],
  config: Config,
  values: Values,
  io: Io,
  until = instant(values, 'until'),
): Promise<Manifest> {
  const steps = withoutCounts(stored, config);
  const recipe = networkOf(values);
  const study = isStudy(recipe.name);
  const from = instant(values, 'from') ?? Number.NEGATIVE_INFINITY;
  const { backend, reason } = await trainerOf(config, values, [recipe.name]);
  const { primarySensor, deployment } = settingsOf(planOf(config, []));
  const lookback = whole(values, 'lookback', config.stream.lookback);
  const artifact = await train({
    recipe,
    settings: settingsFor(recipe.name, values),
    threads: availableParallelism(),
    steps: steps.filter(({ start }) => start >= from),
    primarySensor,
    deployment,
    breaksOf: epochsOf(config.stations).breaksOf,
    variables: variablesOf(steps, config, values),
    step: config.stream.step,
    lookback: study ? Math.min(studyLookback, lookback) : lookback,
    horizons: horizonsIn(values) ?? (study ? horizons : config.model.horizons),
    until,
    coverage: config.model.coverage,
    seed: number(values, 'seed', 1),
    places: await placesOf(config, values),
    backend,
    onProgress: epochLine(io),
    signal: io.signal,
  });
  if (hasLstms(recipe.name)) io.err.write(`${endOfLine(io)}LSTMs by ${backend.name}: ${reason}\n`);
  const folder = text(values, 'models') ?? config.model.folder;
  await fileArtifactStore(folder, { signing: keyOf(values, config) }).publish(artifact);
  return artifact.manifest;
}

const hasLstms = (network: string) => network === 'redtide' || isStudy(network);

const onTerminal = ({ err }: Io) => 'isTTY' in err && err.isTTY;
const endOfLine = (io: Io) => (onTerminal(io) ? '\n' : '');

/** One line that is written over on a terminal; nothing in a pipe. */
function epochLine(io: Io): (progress: Progress) => void {
  const { err } = io;
  if (!onTerminal(io)) return () => {};
  return ({ variable, epoch, loss }) =>
    err.write(`\r\x1b[K${variable}: epoch ${epoch}, loss ${loss.toExponential(3)}`);
}

/** The private key that artifacts are signed with, where the command line or else the configuration names one. */
export function keyOf(values: Values, config?: Config): KeyObject | undefined {
  const path = text(values, 'key') ?? config?.retrain.key;
  return path === undefined ? undefined : privateKeyOf(readFileSync(path, 'utf8'));
}

function networkOf(values: Values): Recipe {
  const asked = text(values, 'network') ?? (flag(values, 'study') ? 'study-lstm' : defaultNetwork);
  const found = recipeOf(asked);
  if (!found) throw new UsageError(`--network ${asked} is none of ${recipeNames.join(', ')}`);
  return found;
}

const isStudy = (network: string) => Object.hasOwn(recipes, network);
/** Steps that a window of the study's networks has; the study does not say how many. */
const studyLookback = 24;

/**
 * The study's networks are trained so that they learn, unless it is to be to the letter; the others know best. With more
 * ReLU outputs than the study's three no draw has all of them alive.
 */
export function settingsFor(network: string, values: Values, outputs: number = horizons.length): object {
  const asked = {
    ...(text(values, 'epochs') !== undefined && { epochs: whole(values, 'epochs', 1) }),
    ...(text(values, 'learning-rate') !== undefined && { learningRate: number(values, 'learning-rate', 1) }),
  };
  if (spaceNames.some((name) => name === network)) return { ...spaceSettings(values), ...asked };
  if (!isStudy(network) || flag(values, 'study')) return asked;
  return { epochs: 20, learningRate: 1e-3, aliveHeads: outputs <= horizons.length, ...asked };
}

/** The steps ahead that the command line names. */
export function horizonsIn(values: Values): readonly number[] | undefined {
  const asked = text(values, 'horizons');
  if (asked === undefined) return undefined;
  const own = asked.split(',').map(Number);
  if (own.every((one, i) => Number.isInteger(one) && one > (own[i - 1] ?? 0))) return own;
  throw new UsageError(`--horizons ${asked} is no list of rising whole numbers of steps`);
}

/** A whole number above 0. */
export function whole(values: Values, name: string, otherwise: number): number {
  const given = number(values, name, otherwise);
  if (!Number.isInteger(given) || given < 1)
    throw new UsageError(`--${name} ${given} is not a whole number above 0`);
  return given;
}

/** What trains `networks`, by the options and the configuration; no GPU is looked for where none would be used. */
export async function trainerOf(
  { retrain }: Config,
  values: Values,
  networks: readonly string[],
): Promise<TrainingBackend> {
  const asked = nameOf(values, 'backend', trainingNames) ?? retrain.backend;
  const requireGpu = flag(values, 'require-gpu');
  if (asked === 'auto' && !requireGpu && !networks.some(hasLstms))
    return { backend: engineBackend(), reason: 'there are no LSTMs to train' };
  if (requireGpu && asked === 'tensorflow' && networks.includes('redtide'))
    throw new UsageError(
      'a GPU is required, and with backend tensorflow the engine trains redtide; ask for webgpu',
    );
  return chooseTrainer(asked, { requireGpu });
}

/** One of the names that an option takes. */
export function nameOf<N extends string>(values: Values, option: string, names: readonly N[]): N | undefined {
  const asked = text(values, option);
  if (asked === undefined) return undefined;
  const found = names.find((name) => name === asked);
  if (!found) throw new UsageError(`--${option} ${asked} is none of ${names.join(', ')}`);
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
