import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { epochsOf } from '../calibration.ts';
import { checkConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { backendNames, chooseBackend } from '../model/backend.ts';
import { baselineNames } from '../model/baselines/baseline.ts';
import { horizons as studyHorizons } from '../model/networks/recipes.ts';
import { pageOf } from '../model/training/backtest/page.ts';
import { reportOf } from '../model/training/backtest/report.ts';
import { type BacktestOptions, runBacktest, type Stage } from '../model/training/backtest/run.ts';
import { gather, type Series } from '../model/training/dataset.ts';
import { deploymentsOf } from '../model/training/deployments.ts';
import type { Recipe } from '../model/training/recipe.ts';
import { recipeNames, recipeOf } from '../model/training/recipe-table.ts';
import { planOf, settingsOf } from '../plan.ts';
import { describeReport } from './backtest-text.ts';
import {
  type Command,
  exit,
  flag,
  type Io,
  instant,
  number,
  text,
  UsageError,
  type Values,
} from './command.ts';
import { fileOptions } from './files.ts';
import { readHistory, tableOptions } from './history.ts';
import { placesOf, spaceOptions } from './places.ts';
import { sightingsOf, withoutCounts } from './sightings.ts';
import { horizonsIn, nameOf, settingsFor, variablesOf, whole } from './train.ts';

const studyNetworks = ['original-lstm', 'study-lstm'] as const;
const defaultNetwork = 'redtide';

export const command: Command = {
  summary: 'tries networks and baselines on history that they have not seen',
  usage: '[FILE.csv[.gz] ...] [options]',
  about: `Fits a network and the plain baselines on what precedes an origin, lets them forecast up to the next origin, and scores
all of them on the same samples: errors, skill over each baseline with intervals, the lag test, quantiles and their
coverage, spikes and their onsets. A window and the farthest horizon lie between what is learned from and what is
forecast. History comes from CSV files, whose columns are recognised by their names, or from the store of --config;
values that the source flagged as interpolated or suspect are left out. docs/backtest.md says how to read the report.
--study does it as the study did: the recipes to the letter, trained on the first years, tested on the last, on the
next three steps; what it trained first beside what it trained last.`,
  options: {
    config: { type: 'string', value: 'FILE', help: 'configuration: the store, stream settings, variables' },
    network: {
      type: 'string',
      value: 'A,B',
      help: `of ${recipeNames.filter((name) => !isBaseline(name)).join(', ')} (${defaultNetwork}), or none`,
    },
    variables: {
      type: 'string',
      value: 'A,B',
      help: 'which to forecast, and to look at (all that the data hold)',
    },
    horizons: {
      type: 'string',
      value: 'N,N',
      help: `steps ahead (the configuration's; the study: ${studyHorizons.join(',')})`,
    },
    lookback: { type: 'string', value: 'N', help: "steps in a window (48, or the configuration's)" },
    from: {
      type: 'string',
      value: 'TIME',
      help: 'start of the hold-out (its last quarter; the study: its last year)',
    },
    until: { type: 'string', value: 'TIME', help: 'end of the hold-out (that of the history)' },
    origins: { type: 'string', value: 'N', help: 'how many times all are fitted anew (4; the study: 1)' },
    epochs: { type: 'string', value: 'N', help: "passes over the training part (the network's own)" },
    'learning-rate': { type: 'string', value: 'X', help: "the optimiser's step (the network's own)" },
    seed: { type: 'string', value: 'N', help: 'of weights and resamples (1)' },
    backend: { type: 'string', value: 'NAME', help: "what runs LSTMs (the configuration's)" },
    study: { type: 'boolean', help: 'as the study did it' },
    html: { type: 'string', value: 'FILE', help: 'writes the report as a page with its plots' },
    json: { type: 'boolean', help: 'the report as JSON' },
    ...fileOptions,
    ...tableOptions,
    ...spaceOptions,
  },
  async run(values, paths, io) {
    const given = text(values, 'config');
    if (paths.length === 0 && !given) throw new UsageError('needs CSV files, or --config with a store');
    const configured = given ? loadConfig(given) : checkConfig({}, 'defaults');
    const chosen = recipesOf(values);
    const { steps, config } = await readHistory(paths, configured, withoutSpan(values), io);
    const learned = withoutCounts(steps, config);
    const variables = variablesOf(learned, config, values);
    const { primarySensor } = settingsOf(planOf(config, []));
    const gathered = await gather(learned, config.stream.step, primarySensor);
    const series = deploymentsOf(gathered, epochsOf(config.stations).breaksOf);
    const options = {
      ...(await optionsOf(series, config, values, given !== undefined)),
      recipes: chosen,
      sightings: given !== undefined && paths.length === 0 ? await sightingsOf(config, steps) : [],
      variables,
      onProgress: stageLine(io),
      signal: io.signal,
    };
    const backtest = await runBacktest(series, options);
    clearLine(io);
    const report = reportOf(series, backtest, options);
    const page = text(values, 'html');
    if (page !== undefined) await writeFile(page, pageOf(report, backtest));
    io.out.write(flag(values, 'json') ? `${JSON.stringify(report)}\n` : `${describeReport(report)}\n`);
    return exit.ok;
  },
};

function isBaseline(name: string): boolean {
  return baselineNames.some((own) => own === name);
}

/** The hold-out is a part of the history, not its beginning. */
const withoutSpan = ({ from: _, until: __, ...values }: Values): Values => values;

function recipesOf(values: Values): Recipe[] {
  const asked = text(values, 'network') ?? (flag(values, 'study') ? studyNetworks.join(',') : defaultNetwork);
  const names = asked === 'none' ? [] : asked.split(',');
  return [...new Set([...names, ...baselineNames])].map((name) => {
    const recipe = recipeOf(name);
    if (!recipe) throw new UsageError(`--network ${name} is none of ${recipeNames.join(', ')}, none`);
    return recipe;
  });
}

async function optionsOf(
  series: readonly Series[],
  config: Config,
  values: Values,
  configured: boolean,
): Promise<Omit<BacktestOptions, 'recipes' | 'variables'>> {
  const { stream, model } = config;
  const study = flag(values, 'study');
  const horizons = horizonsIn(values) ?? (study ? studyHorizons : model.horizons);
  const span = spanOf(series);
  const until = instant(values, 'until') ?? span.until;
  const from =
    instant(values, 'from') ?? (study ? startOfYear(until - 1) : lastQuarter(span.from, until, stream.step));
  if (from >= until) throw new UsageError(`--from ${iso(from)} is not before --until ${iso(until)}`);
  return {
    step: stream.step,
    lookback: whole(values, 'lookback', configured ? stream.lookback : 48),
    horizons,
    coverage: model.coverage,
    seed: number(values, 'seed', 1),
    origins: whole(values, 'origins', study ? 1 : 4),
    from,
    until,
    settling: stream.revisable,
    places: await placesOf(config, values),
    threads: availableParallelism(),
    backend: await chooseBackend(nameOf(values, 'backend', backendNames) ?? model.backend),
    settings: (name) => settingsFor(name, values, horizons.length),
  };
}

function spanOf(series: readonly Series[]): { readonly from: number; readonly until: number } {
  if (series.length === 0) throw new UsageError('the history is empty; check files, stations and step');
  return {
    from: Math.min(...series.map(({ start }) => start)),
    until: Math.max(...series.map(({ start, step, values }) => start + values.length * step)),
  };
}

const startOfYear = (time: number) => Date.UTC(new Date(time).getUTCFullYear(), 0, 1);
const lastQuarter = (from: number, until: number, step: number) =>
  Math.ceil((from + 0.75 * (until - from)) / step) * step;
const iso = (time: number) => new Date(time).toISOString();

/** One line that is written over on a terminal; nothing in a pipe. */
function stageLine({ err }: Io): (stage: Stage) => void {
  if (!('isTTY' in err) || !err.isTTY) return () => {};
  return ({ origin, origins, network, doing, epoch }) => {
    const detail = epoch
      ? `: ${epoch.variable}, epoch ${epoch.epoch}, loss ${epoch.loss.toExponential(3)}`
      : '';
    err.write(`\r\x1b[Korigin ${origin} of ${origins}, ${network} ${doing}${detail}`);
  };
}

function clearLine({ err }: Io): void {
  if ('isTTY' in err && err.isTTY) err.write('\r\x1b[K');
}
