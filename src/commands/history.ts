import { checkConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Step } from '../stream/step.ts';
import { type Io, instant, type Values } from './command.ts';
import { stepsOfFiles } from './file-history.ts';
import { asStations, columnOptions, survey } from './files.ts';
import { historyOf } from './shore.ts';

/** Step means to learn from: those of the files, or of the configured store where none are given. */
export const stepsOf = (paths: readonly string[], config: Config, values: Values, io: Io): Promise<Step[]> =>
  paths.length > 0 ? fileSteps(paths, config, values, io) : storedSteps(config, values);

async function fileSteps(paths: readonly string[], config: Config, values: Values, io: Io): Promise<Step[]> {
  const surveyed = await survey(paths, config.variables, columnOptions(values));
  for (const note of surveyed.notes) io.err.write(`${note}\n`);
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
