import type { Step } from '../../stream/step.ts';
import { type Artifact, type Scores, seal } from '../artifact.ts';
import type { LstmBackend } from '../lstm-backend.ts';
import { horizons, type NetworkName, recipes } from '../networks/recipes.ts';
import { packTensors } from '../weights-file.ts';
import { leastSquares, persistence, rmse } from './baselines.ts';
import {
  between,
  type Dataset,
  gather,
  hashOf,
  hasSamples,
  makeDataset,
  type PrimarySensor,
  type Series,
} from './dataset.ts';
import { type Fitted, fit, forecastAll } from './fit.ts';

export interface TrainOptions {
  readonly network: NetworkName;
  /** Step means, of any stations; pooled over them. */
  readonly steps: AsyncIterable<Step> | Iterable<Step>;
  readonly variables: readonly { readonly name: string; readonly unit: string }[];
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
  readonly onEpoch?: ((variable: string, epoch: number, loss: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains the study's network for each variable and makes an artifact of them. Scaling and weights come of the training
 * part alone. Between training part and hold-out nothing is shared: a window lies in one of them with its targets.
 */
export async function train(options: TrainOptions): Promise<Artifact> {
  const { step, lookback, until = Number.POSITIVE_INFINITY } = options;
  const all = await gather(options.steps, step, options.primarySensor);
  const training = all.map((series) => between(series, Number.NEGATIVE_INFINITY, until)).filter(notEmpty);
  const holdOut = all.map((series) => between(series, until, Number.POSITIVE_INFINITY)).filter(notEmpty);
  if (training.length === 0)
    throw new Error('there are no step means to train on; check stations, times and step');
  const models = await inThreads(options.variables, options.threads ?? 1, (variable) =>
    trainOne(variable, training, holdOut, options),
  );
  const { spec } = recipes[options.network];
  const packed = packTensors(
    models.map(({ fitted }) => fitted.weights),
    spec,
  );
  const used = training.filter(({ variable }) => options.variables.some(({ name }) => name === variable));
  return seal(
    {
      schema: 'redtide.artifact/1',
      network: options.network,
      hidden: spec.hidden,
      lookback,
      step,
      horizons,
      stations: [...new Set(used.map(({ station }) => station))].sort(),
      data: { ...spanOf(used), hash: hashOf(used) },
      variables: models.map(({ about }, i) => ({ ...about, tensors: packed.places[i]! })),
    },
    packed.weights,
  );
}

/** Results in the order of the items, so many under way at once. */
async function inThreads<A, B>(
  items: readonly A[],
  threads: number,
  work: (item: A) => Promise<B>,
): Promise<B[]> {
  const results: B[] = new Array(items.length);
  let next = 0;
  const serve = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, items.length) }, serve));
  return results;
}

async function trainOne(
  { name, unit }: { readonly name: string; readonly unit: string },
  training: readonly Series[],
  holdOut: readonly Series[],
  options: TrainOptions,
) {
  const { lookback, coverage, seed, epochs, batch, learningRate, aliveHeads, backend, signal } = options;
  const data = makeDataset(training, name, { lookback, horizons, coverage });
  const fitted = await fit(data, backend, {
    recipe: recipes[options.network],
    seed,
    epochs,
    batch,
    learningRate,
    aliveHeads,
    onEpoch: (epoch, loss) => options.onEpoch?.(name, epoch, loss),
    signal,
  });
  const scores = score(data, holdOut, fitted, options);
  const about = {
    name,
    unit,
    scaling: data.scaling,
    training: {
      samples: data.samples,
      seed: fitted.seed,
      epochs,
      learningRate,
      batch,
      losses: fitted.losses,
      deadHeads: fitted.deadHeads,
      backend: backend.name,
    },
    ...(scores && { scores }),
  };
  return { about, fitted };
}

/** The model beside the plain baselines, on data that none of them was fitted on. */
function score(
  train: Dataset,
  holdOut: readonly Series[],
  fitted: Fitted,
  options: TrainOptions,
): Scores | undefined {
  const { lookback, coverage, backend } = options;
  const own = holdOut.filter(({ variable }) => variable === train.variable);
  const shape = { lookback, horizons, coverage, scaling: train.scaling };
  if (!hasSamples(own, train.variable, shape)) return undefined;
  const test = makeDataset(own, train.variable, shape);
  const network = backend.load(recipes[options.network].spec, fitted.weights, lookback);
  const model = forecastAll(test, network);
  network.dispose();
  return {
    ...spanOf(own),
    samples: test.samples,
    rmse: {
      model: rmse(test, model),
      persistence: rmse(test, persistence(test)),
      leastSquares: rmse(test, leastSquares(train, test)),
    },
  };
}

const notEmpty = ({ values }: Series) => values.length > 0;

function spanOf(all: readonly Series[]): { from: string; to: string } {
  const from = all.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const to = all.reduce(
    (most, s) => Math.max(most, s.start + s.values.length * s.step),
    Number.NEGATIVE_INFINITY,
  );
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
