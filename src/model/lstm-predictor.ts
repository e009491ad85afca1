import type { Window } from '../stream/window.ts';
import { type Artifact, ArtifactRefused, type Manifest } from './artifact.ts';
import { type Stretch, unfit, unscale, writeInput } from './features.ts';
import type { Forecast, NoForecast } from './forecast.ts';
import { asLstm, type LstmBody, type LstmVariable, specOf } from './lstm-artifact.ts';
import type { LoadedNetwork } from './lstm-backend.ts';
import type { OpenOptions, Predictor } from './predictor.ts';
import { tensorsOf } from './weights-file.ts';

/**
 * The networks of an artifact, one a variable, as a predictor. Point forecasts: the one quantile is the median.
 * @throws {ArtifactRefused} where a network can't be loaded or gives no number; nothing is left behind then.
 */
export function lstmPredictor(artifact: Artifact, options: OpenOptions): Predictor {
  const own = asLstm(artifact);
  const { manifest } = own;
  const networks = loadAll(own, options);
  const unknown = options.variables?.filter((name) => !manifest.variables.some((own) => own.name === name));
  return {
    id: manifest.id,
    backend: options.backend.name,
    predict: (windows) => {
      const answers = networks.map(({ variable, network }) =>
        predict(windows, variable, network, manifest, options),
      );
      return windows.flatMap((window, i) => [
        ...answers.map((own) => own[i]!),
        ...(unknown ?? []).map((name) => notTrained(window, name, manifest)),
      ]);
    },
    dispose: () => {
      for (const { network } of networks) network.dispose();
    },
  };
}

type Variable = LstmVariable & { readonly name: string };

interface Loaded {
  readonly variable: Variable;
  readonly network: LoadedNetwork;
}

function loadAll({ manifest, weights }: Artifact<LstmBody>, options: OpenOptions): Loaded[] {
  const wanted = manifest.variables
    .map(({ name }, i) => ({ name, ...manifest.body.variables[i]! }))
    .filter(({ name }) => options.variables?.includes(name) ?? true);
  const loaded: Loaded[] = [];
  for (const variable of wanted) {
    try {
      const tensors = tensorsOf(variable.tensors, weights);
      const network = options.backend.load(specOf(manifest), tensors, manifest.lookback);
      loaded.push({ variable, network });
      tryOut(network, manifest.lookback);
    } catch (error) {
      for (const { network } of loaded) network.dispose();
      throw new ArtifactRefused(
        `model ${manifest.id}: variables/${variable.name}: ${(error as Error).message}`,
      );
    }
  }
  return loaded;
}

/** The first run of a backend compiles and allocates; it is not a station that should wait for that. */
function tryOut(network: LoadedNetwork, lookback: number): void {
  const answer = network.forward(new Float32Array(lookback).fill(0.5), 1);
  if (!answer.every(Number.isFinite)) throw new Error(`the network answers [${answer}]`);
}

/** One answer for each window, in their order. */
function predict(
  windows: readonly Window[],
  variable: Variable,
  network: LoadedNetwork,
  manifest: Manifest,
  { coverage }: OpenOptions,
): (Forecast | NoForecast)[] {
  const { lookback, horizons } = manifest;
  const faults = windows.map((window) => faultOf(window, variable.name, manifest, coverage));
  const fit = windows.filter((_, i) => !faults[i]);
  const x = new Float32Array(fit.length * lookback);
  fit.forEach((window, i) => {
    writeInput(stretchOf(window, variable.name, lookback), variable.scaling, x, i * lookback);
  });
  const y = fit.length > 0 ? network.forward(x, fit.length) : new Float32Array();
  let row = 0;
  return windows.map((window, i) => {
    const fault = faults[i];
    if (fault) return { ...identity(window, variable.name), kind: 'no-forecast', ...fault };
    const scaled = y.subarray(row * horizons.length, ++row * horizons.length);
    return forecast(window, variable, manifest, scaled);
  });
}

function forecast(
  window: Window,
  { name, scaling }: Variable,
  manifest: Manifest,
  scaled: Float32Array,
): Forecast {
  return {
    kind: 'forecast',
    ...identity(window, name),
    model: manifest.id,
    network: manifest.network,
    step: manifest.step,
    horizons: manifest.horizons,
    quantiles: [0.5],
    values: Array.from(scaled, (value) => [unscale(value, scaling)]),
  };
}

/** Silence is no answer: who asked for a variable is told why there is none. */
const notTrained = (window: Window, variable: string, { id }: Manifest): NoForecast => ({
  kind: 'no-forecast',
  ...identity(window, variable),
  reason: 'no-model',
  detail: `model ${id} was not trained on ${variable}; train one that is`,
});

const identity = ({ station, end, revision }: Window, variable: string) => ({
  station,
  variable,
  issuedAt: end,
  revision,
});

/** The newest steps of a window that may be longer than the model looks back. */
function stretchOf(window: Window, variable: string, length: number): Stretch {
  const { values, mask, variables, lookback } = window;
  const offset = (lookback - length) * variables.length + variables.indexOf(variable);
  return { values, mask, offset, stride: variables.length, length };
}

function faultOf(window: Window, variable: string, { lookback, step }: Manifest, coverage: number) {
  if (!window.variables.includes(variable))
    return { reason: 'failed', detail: `windows hold no ${variable}; add it to the variables` } as const;
  if (window.lookback < lookback || window.step !== step)
    return {
      reason: 'failed',
      detail: `the model wants ${lookback} steps of ${step} ms, windows have ${window.lookback} of ${window.step} ms`,
    } as const;
  return unfit(stretchOf(window, variable, lookback), coverage);
}
