import type { Window } from '../stream/window.ts';
import { type Artifact, type Manifest, tensorsOf, type VariableModel } from './artifact.ts';
import type { LstmSpec } from './engine/spec.ts';
import { type Stretch, unfit, unscale, writeInput } from './features.ts';
import type { Forecast, NoForecast } from './forecast.ts';
import type { LoadedNetwork, LstmBackend } from './lstm-backend.ts';
import { recipes } from './networks/recipes.ts';
import type { Predictor } from './predictor.ts';

export interface PredictorOptions {
  /** Share of the steps of a window that must be measured, 0 to 1. */
  readonly coverage: number;
  /** Variables to forecast; all that the artifact knows where it is not given. */
  readonly variables?: readonly string[] | undefined;
}

/** The networks of an artifact, one a variable, as a predictor. Point forecasts: the one quantile is the median. */
export function lstmPredictor(
  artifact: Artifact,
  backend: LstmBackend,
  options: PredictorOptions,
): Predictor {
  const { manifest, weights } = artifact;
  const wanted = manifest.variables.filter(({ name }) => options.variables?.includes(name) ?? true);
  const networks = wanted.map((variable) => ({
    variable,
    network: backend.load(specOf(manifest), tensorsOf(variable, weights), manifest.lookback),
  }));
  return {
    id: manifest.id,
    backend: backend.name,
    predict: (windows) => {
      const answers = networks.map(({ variable, network }) =>
        predict(windows, variable, network, manifest, options),
      );
      return windows.flatMap((_, i) => answers.map((own) => own[i]!));
    },
    dispose: () => {
      for (const { network } of networks) network.dispose();
    },
  };
}

function specOf({ network, hidden, horizons }: Manifest): LstmSpec {
  return { ...recipes[network].spec, hidden, outputs: horizons.length };
}

/** One answer for each window, in their order. */
function predict(
  windows: readonly Window[],
  variable: VariableModel,
  network: LoadedNetwork,
  manifest: Manifest,
  { coverage }: PredictorOptions,
): (Forecast | NoForecast)[] {
  const { lookback, horizons } = manifest;
  const faults = windows.map((window) => faultOf(window, variable.name, manifest, coverage));
  const fit = windows.filter((_, i) => !faults[i]);
  const x = new Float32Array(fit.length * lookback);
  fit.forEach((window, i) => {
    writeInput(stretchOf(window, variable.name), variable.scaling, x, i * lookback);
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
  { name, scaling }: VariableModel,
  manifest: Manifest,
  scaled: Float32Array,
): Forecast {
  return {
    kind: 'forecast',
    ...identity(window, name),
    model: manifest.id,
    step: manifest.step,
    horizons: manifest.horizons,
    quantiles: [0.5],
    values: Array.from(scaled, (value) => [unscale(value, scaling)]),
  };
}

const identity = ({ station, end, revision }: Window, variable: string) => ({
  station,
  variable,
  issuedAt: end,
  revision,
});

function stretchOf({ values, mask, variables, lookback }: Window, variable: string): Stretch {
  return { values, mask, offset: variables.indexOf(variable), stride: variables.length, length: lookback };
}

function faultOf(window: Window, variable: string, { lookback, step }: Manifest, coverage: number) {
  if (!window.variables.includes(variable))
    return { reason: 'failed', detail: `windows hold no ${variable}; add it to the variables` } as const;
  if (window.lookback !== lookback || window.step !== step)
    return {
      reason: 'failed',
      detail: `the model wants ${lookback} steps of ${step} ms, windows have ${window.lookback} of ${window.step} ms`,
    } as const;
  return unfit(stretchOf(window, variable), coverage);
}
