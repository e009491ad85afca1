import type { Step } from '../../stream/step.ts';
import { type Artifact, reseal, type Scores } from '../artifact.ts';
import type { LstmBackend } from '../lstm-backend.ts';
import { scoresOn } from './beside-baselines.ts';
import { between, gather, type PrimarySensor, type Series } from './dataset.ts';
import { deploymentsOf } from './deployments.ts';
import type { FitOptions, Recipe } from './recipe.ts';

export interface TrainOptions extends FitOptions {
  readonly recipe: Recipe;
  /** Of the recipe's own. */
  readonly settings?: object | undefined;
  /** Step means, of any stations; pooled over them. */
  readonly steps: AsyncIterable<Step> | Iterable<Step>;
  /** As the stream has it; without it the first sensor by name. */
  readonly primarySensor?: PrimarySensor | undefined;
  /** Which sensor, of which calibration, stands for a variable of a station: noted in the manifest. */
  readonly deployment?: ((station: string, variable: string, time: number) => string | undefined) | undefined;
  /** When the history of a station broke (deployments.ts). */
  readonly breaksOf?: ((station: string) => readonly number[]) | undefined;
  /** The training part ends here; what follows is the hold-out that the scores are made on. */
  readonly until?: number | undefined;
  readonly backend: LstmBackend;
}

/**
 * Fits a recipe to the training part, and scores it on what follows. Between training part and hold-out nothing is
 * shared: a window lies in one of them with its targets.
 */
export async function train(options: TrainOptions): Promise<Artifact> {
  const { step, recipe, settings, until = Number.POSITIVE_INFINITY } = options;
  const gathered = await gather(options.steps, step, options.primarySensor);
  const all = deploymentsOf(gathered, options.breaksOf ?? (() => []));
  const training = all.map((series) => between(series, Number.NEGATIVE_INFINITY, until)).filter(notEmpty);
  const holdOut = all.map((series) => between(series, until, Number.POSITIVE_INFINITY)).filter(notEmpty);
  if (training.length === 0)
    throw new Error('there are no step means to train on; check stations, times and step');
  const artifact = await recipe.fit(training, { ...options, ...settings });
  const scores = await scoresOn(holdOut, artifact, training, options);
  const sensors = options.deployment && sensorsOf(artifact, training, options.deployment);
  if (!hasAny(scores) && !sensors) return artifact;
  const more = { ...(hasAny(scores) && { scores }), ...(sensors && { sensors }) };
  return reseal(artifact.manifest, more, artifact.weights);
}

/** By station and variable, of what was learned from. */
export function sensorsOf(
  { manifest }: Artifact,
  training: readonly Series[],
  deployment: (station: string, variable: string, time: number) => string | undefined,
): Record<string, Record<string, string>> | undefined {
  const sensors: Record<string, Record<string, string>> = {};
  for (const { station, variable, start, step, values } of training) {
    const sensor = deployment(station, variable, start + step * values.length);
    if (sensor !== undefined && manifest.variables.some(({ name }) => name === variable))
      sensors[station] = { ...sensors[station], [variable]: sensor };
  }
  return Object.keys(sensors).length > 0 ? sensors : undefined;
}

const notEmpty = ({ values }: Series) => values.length > 0;
const hasAny = (scores: Readonly<Record<string, Scores>>) => Object.keys(scores).length > 0;
