import { parseDuration } from '../config/duration.ts';
import { checkConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Step } from '../stream/step.ts';
import { type Io, instant, type Option, text, UsageError, type Values } from './command.ts';
import { stepsOfFiles } from './file-history.ts';
import { asStations, columnOptions, type Survey, survey } from './files.ts';
import { historyOf } from './shore.ts';
import { gridColumns, month, stepsOfTables, surveyGrid } from './table-history.ts';

/** Options of the commands that learn from files. */
export const tableOptions: Record<string, Option> = {
  step: {
    type: 'string',
    value: 'month|7d',
    help: 'rows of the files are means of such steps, not readings (of grids: what their times tell)',
  },
};

export interface History {
  readonly steps: readonly Step[];
  /** With the step of the history, where files have one of their own. */
  readonly config: Config;
}

/** Step means to learn from: those of the files, or of the configured store where none are given. */
export async function readHistory(
  paths: readonly string[],
  config: Config,
  values: Values,
  io: Io,
): Promise<History> {
  if (paths.length === 0) return { steps: await storedSteps(config, values), config };
  const grid = await gridColumns(paths[0]!);
  const stated = stepOf(values);
  if (!grid && stated === undefined) return { steps: await fileSteps(paths, config, values, io), config };
  const { surveyed, step } = grid
    ? await surveyGrid(paths, config.variables, columnOptions(values))
    : { surveyed: await survey(paths, config.variables, columnOptions(values)), step: stated! };
  tell(surveyed, io);
  const length = stated ?? step;
  const steps = await stepsOfTables(surveyed, config, length, grid);
  // Means that are published are not revised by late readings.
  return { steps, config: { ...config, stream: { ...config.stream, step: length, revisable: 0 } } };
}

/** As `readHistory`, where no file is given. */
export const stepsOf = async (config: Config, values: Values, io: Io): Promise<readonly Step[]> =>
  (await readHistory([], config, values, io)).steps;

function stepOf(values: Values): number | undefined {
  const asked = text(values, 'step');
  if (asked === undefined) return undefined;
  const step = asked === 'month' ? month : parseDuration(asked);
  if (step !== undefined && step > 0) return step;
  throw new UsageError(`--step ${asked} is neither month nor a duration such as 7d or 1h`);
}

function tell({ notes }: Survey, io: Io): void {
  for (const note of notes) io.err.write(`${note}\n`);
}

async function fileSteps(paths: readonly string[], config: Config, values: Values, io: Io): Promise<Step[]> {
  const surveyed = await survey(paths, config.variables, columnOptions(values));
  tell(surveyed, io);
  const known = checkConfig({ stations: asStations(surveyed.stations) }, 'files').stations;
  const stations = [
    ...config.stations,
    ...known.filter(({ id }) => !config.stations.some((own) => own.id === id)),
  ];
  return stepsOfFiles(surveyed, { ...config, stations, unknownStations: 'accept' });
}

async function storedSteps(config: Config, values: Values): Promise<Step[]> {
  const { store, close } = historyOf(config);
  const steps: Step[] = [];
  const query = { from: instant(values, 'from') ?? 0, to: Number.MAX_SAFE_INTEGER };
  try {
    for await (const step of store.steps(query)) steps.push(step);
  } finally {
    await close();
  }
  return steps;
}
