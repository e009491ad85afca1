import { type Artifact, seal } from '../artifact.ts';
import type { LstmSpec, Weights } from '../engine/spec.ts';
import { engineBackend } from '../engine-backend.ts';
import type { LstmBody, LstmVariable } from '../lstm-artifact.ts';
import type { Hardware, LstmBackend } from '../lstm-backend.ts';
import { type NetworkName, recipes } from '../networks/recipes.ts';
import { packTensors } from '../weights-file.ts';
import { hashOf, makeDataset, type Series, spanOf } from './dataset.ts';
import { fit } from './fit.ts';
import { inThreads } from './in-threads.ts';
import type { FitOptions, Recipe } from './recipe.ts';

/** Settings of the study's networks; without them it is the recipe to the letter. */
export interface LstmSettings {
  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly aliveHeads?: boolean | undefined;
  readonly backend?: LstmBackend | undefined;
}

export interface LstmFitter extends Recipe {
  fit(series: readonly Series[], options: FitOptions & LstmSettings): Promise<Artifact<LstmBody>>;
}

/** One of the study's networks for each variable, pooled over the stations. */
export const lstmRecipe = (name: NetworkName): LstmFitter => ({
  name,
  fit: (series, options) => fitAll(name, series, options),
});

type Options = FitOptions & LstmSettings;

async function fitAll(name: NetworkName, series: readonly Series[], options: Options) {
  const { variables, step, lookback, horizons, threads = 1 } = options;
  const used = series.filter(({ variable }) => variables.some((own) => own.name === variable));
  const models = await inThreads(variables, threads, (variable) =>
    fitOne(name, variable.name, series, options),
  );
  const { weights, places } = pack(
    models.map(({ tensors }) => tensors),
    { ...recipes[name].spec, outputs: horizons.length },
  );
  const body: LstmBody = {
    hidden: recipes[name].spec.hidden,
    variables: models.map(({ about }, i) => ({ ...about, tensors: places[i]! })),
  };
  return seal(
    {
      network: name,
      lookback,
      step,
      horizons,
      stations: [...new Set(used.map(({ station }) => station))].sort(),
      data: { ...spanOf(used), hash: hashOf(used) },
      variables: variables.map((own, i) => ({ ...own, range: models[i]!.about.scaling })),
      body,
      ...hardwareOf(models),
    },
    weights,
  );
}

/** What the manifest says of the device, where any of it was not trained by the engine. */
export function hardwareOf(trained: readonly { readonly hardware?: Hardware | undefined }[]): {
  readonly hardware?: Hardware;
} {
  const hardware = trained.find((one) => one.hardware)?.hardware;
  return hardware ? { hardware } : {};
}

const pack = (tensors: readonly Weights[], spec: LstmSpec) => packTensors(tensors, spec);

async function fitOne(
  name: NetworkName,
  variable: string,
  series: readonly Series[],
  options: Options,
): Promise<{
  readonly about: Omit<LstmVariable, 'tensors'>;
  readonly tensors: Weights;
  readonly hardware: Hardware | undefined;
}> {
  const recipe = recipes[name];
  const { lookback, horizons, coverage, seed, signal, aliveHeads = false } = options;
  const { epochs = recipe.epochs, batch = recipe.batch, learningRate = recipe.learningRate } = options;
  const backend = options.backend ?? engineBackend();
  const data = makeDataset(series, variable, { lookback, horizons, coverage });
  const onEpoch = (epoch: number, loss: number) => options.onProgress?.({ variable, epoch, loss });
  const fitted = await fit(data, backend, {
    recipe,
    seed,
    epochs,
    batch,
    learningRate,
    aliveHeads,
    onEpoch,
    signal,
  });
  const { losses, deadHeads, by } = fitted;
  const training = {
    samples: data.samples,
    seed: fitted.seed,
    epochs,
    learningRate,
    batch,
    losses,
    deadHeads,
  };
  return {
    about: { scaling: data.scaling, training: { ...training, backend: by.name } },
    tensors: fitted.weights,
    hardware: by.hardware,
  };
}
