import type { Step } from '../../stream/step.ts';
import { type Artifact, reseal, type Scores } from '../artifact.ts';
import { type LstmBody, specOf } from '../lstm-artifact.ts';
import type { LstmBackend } from '../lstm-backend.ts';
import { horizons, type NetworkName } from '../networks/recipes.ts';
import { tensorsOf } from '../weights-file.ts';
import { leastSquares, persistence, rmse } from './baselines.ts';
import {
  between,
  gather,
  hasSamples,
  makeDataset,
  type PrimarySensor,
  type Series,
  spanOf,
} from './dataset.ts';
import { forecastAll } from './fit.ts';
import { lstmRecipe } from './lstm-recipe.ts';
import type { FitOptions } from './recipe.ts';

export interface TrainOptions {
  readonly network: NetworkName;
  /** Step means, of any stations; pooled over them. */
  readonly steps: AsyncIterable<Step> | Iterable<Step>;
  readonly variables: FitOptions['variables'];
  /** As the stream has it; without it the first sensor by name. */
  readonly primarySensor?: PrimarySensor | undefined;
  /** ms */
  readonly step: number;
  readonly lookback: number;
  /** The training part ends here; what follows is the hold-out that the scores are made on. */
  readonly until?: number | undefined;
  /** Share of the steps of a window that must be measured. */
  readonly coverage: number;
  readonly seed: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly aliveHeads: boolean;
  readonly backend: LstmBackend;
  /** Variables trained at once, each in a thread of its own; the result does not depend on it. */
  readonly threads?: number | undefined;
  readonly onProgress?: FitOptions['onProgress'];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains the study's network for each variable and makes an artifact of them. Scaling and weights come of the training
 * part alone. Between training part and hold-out nothing is shared: a window lies in one of them with its targets.
 */
export async function train(options: TrainOptions): Promise<Artifact<LstmBody>> {
  const { step, until = Number.POSITIVE_INFINITY } = options;
  const all = await gather(options.steps, step, options.primarySensor);
  const training = all.map((series) => between(series, Number.NEGATIVE_INFINITY, until)).filter(notEmpty);
  const holdOut = all.map((series) => between(series, until, Number.POSITIVE_INFINITY)).filter(notEmpty);
  if (training.length === 0)
    throw new Error('there are no step means to train on; check stations, times and step');
  const artifact = await lstmRecipe(options.network).fit(training, { ...options, horizons });
  const scored = options.variables.flatMap(({ name }, i): [string, Scores][] => {
    const scores = score(artifact, i, training, holdOut, options);
    return scores ? [[name, scores]] : [];
  });
  const { manifest, weights } = artifact;
  return scored.length > 0 ? reseal(manifest, { scores: Object.fromEntries(scored) }, weights) : artifact;
}

/** The model beside the plain baselines, on data that none of them was fitted on. */
function score(
  { manifest, weights }: Artifact<LstmBody>,
  variable: number,
  training: readonly Series[],
  holdOut: readonly Series[],
  { lookback, coverage, backend }: TrainOptions,
): Scores | undefined {
  const { name } = manifest.variables[variable]!;
  const { scaling, tensors } = manifest.body.variables[variable]!;
  const own = holdOut.filter((series) => series.variable === name);
  const shape = { lookback, horizons, coverage, scaling };
  if (!hasSamples(own, name, shape)) return undefined;
  const [fitted, test] = [makeDataset(training, name, shape), makeDataset(own, name, shape)];
  const network = backend.load(specOf(manifest), tensorsOf(tensors, weights), lookback);
  const model = forecastAll(test, network);
  network.dispose();
  return {
    ...spanOf(own),
    samples: test.samples,
    rmse: {
      model: rmse(test, model),
      persistence: rmse(test, persistence(test)),
      leastSquares: rmse(test, leastSquares(fitted, test)),
    },
  };
}

const notEmpty = ({ values }: Series) => values.length > 0;
