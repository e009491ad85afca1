import type { Window } from '../../stream/window.ts';
import { type Artifact, ArtifactRefused, type Manifest } from '../artifact.ts';
import { levels } from '../baselines/baseline.ts';
import { coverageOf, type View, viewOf } from '../baselines/view.ts';
import type { Forecast, NoForecast } from '../forecast.ts';
import type { OpenOptions, Predictor } from '../predictor.ts';
import { asRedtide } from './as-redtide.ts';
import { bytesOf, type RedtideBody, readNumbers, specOf, standardsOf } from './body.ts';
import { type Loaded, quantilesOf } from './quantiles.ts';

/**
 * The default network as a predictor.
 * @throws {ArtifactRefused} where the body is not one of it, or gives no number; nothing is left behind then.
 */
export function redtidePredictor(artifact: Artifact, options: OpenOptions): Predictor {
  const own = asRedtide(artifact);
  const { manifest } = own;
  const known = manifest.variables.map(({ name }) => name);
  const models = loadAll(own, options);
  const unknown = options.variables?.filter((name) => !known.includes(name)) ?? [];
  return {
    id: manifest.id,
    backend: options.backend.name,
    predict: (windows) => {
      const answers = models.map((loaded) => answersOf(windows, loaded, manifest, options));
      return windows.flatMap((window, i) => [
        ...answers.map((one) => one[i]!),
        ...unknown.map((name) => notTrained(window, name, manifest)),
      ]);
    },
    dispose: () => disposeAll(models),
  };
}

function loadAll(artifact: Artifact<RedtideBody>, options: OpenOptions): Loaded[] {
  const loaded: Loaded[] = [];
  try {
    for (const [i, { name }] of artifact.manifest.variables.entries()) {
      if (!(options.variables?.includes(name) ?? true)) continue;
      const model = load(artifact, i, options);
      loaded.push(model);
      tryOut(model, artifact.manifest);
    }
  } catch (error) {
    disposeAll(loaded);
    throw new ArtifactRefused(`model ${artifact.manifest.id}: ${(error as Error).message}`);
  }
  return loaded;
}

function disposeAll(models: readonly Loaded[]): void {
  for (const { networks } of models) for (const network of networks) network.dispose();
}

function load({ manifest, weights }: Artifact<RedtideBody>, at: number, { backend }: OpenOptions): Loaded {
  const { body, lookback, step, horizons } = manifest;
  const { hidden, members } = body;
  const sizesOf = (i: number) => ({
    shape: { variable: manifest.variables[i]!.name, others: body.variables[i]!.others, lookback, step },
    horizons: horizons.length,
    hidden,
    members,
  });
  const before = body.variables.slice(0, at).reduce((sum, _, i) => sum + bytesOf(sizesOf(i)), 0);
  const sizes = sizesOf(at);
  const { regression, networks } = readNumbers(weights, before, sizes);
  const spec = specOf(hidden, sizes.shape.others, horizons.length);
  return {
    shape: sizes.shape,
    about: body.variables[at]!,
    regression,
    networks: networks.map((tensors) => backend.load(spec, tensors, lookback)),
    standardOf: standardsOf(body.scaling),
  };
}

/** The first run of a backend compiles and allocates; it is not a station that should wait for that. */
function tryOut(model: Loaded, { lookback, step }: Manifest): void {
  const { variable } = model.shape;
  const view: View = {
    station: '',
    end: lookback * step,
    step,
    lookback,
    variables: [variable],
    values: new Float64Array(lookback).fill(model.standardOf('', variable).centre),
    mask: new Uint8Array(lookback).fill(1),
    offset: 0,
  };
  const answers = quantilesOf([view], model).flat(2);
  if (!answers.every(Number.isFinite)) throw new Error(`${variable}: the network answers [${answers}]`);
}

/** One answer for each window, in their order. */
function answersOf(
  windows: readonly Window[],
  loaded: Loaded,
  manifest: Manifest,
  { coverage }: OpenOptions,
): (Forecast | NoForecast)[] {
  const { variable } = loaded.shape;
  const faults = windows.map((window) => faultOf(window, variable, manifest, coverage));
  const fit = windows.filter((_, i) => !faults[i]).map((window) => lastOf(window, manifest.lookback));
  const answers = quantilesOf(fit, loaded)[Symbol.iterator]();
  return windows.map((window, i) => {
    const fault = faults[i];
    if (fault) return { kind: 'no-forecast', ...identity(window, variable), ...fault };
    return forecastOf(window, variable, manifest, answers.next().value!);
  });
}

const forecastOf = (
  window: Window,
  variable: string,
  { id, network, step, horizons }: Manifest,
  values: readonly (readonly number[])[],
): Forecast => ({
  kind: 'forecast',
  ...identity(window, variable),
  model: id,
  network,
  step,
  horizons,
  quantiles: levels,
  values,
});

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

/** The newest steps of a window that may be longer than the network looks back. */
function lastOf(window: Window, lookback: number): View {
  const offset = (window.lookback - lookback) * window.variables.length;
  return { ...viewOf(window), lookback, offset };
}

type Fault = Pick<NoForecast, 'reason' | 'detail'> | undefined;

function faultOf(window: Window, variable: string, { lookback, step }: Manifest, coverage: number): Fault {
  const column = window.variables.indexOf(variable);
  if (column < 0) return { reason: 'failed', detail: `windows hold no ${variable}; add it to the variables` };
  if (window.lookback < lookback || window.step !== step)
    return {
      reason: 'failed',
      detail: `the model wants ${lookback} steps of ${step} ms, windows have ${window.lookback} of ${window.step} ms`,
    };
  const newest = window.lookback * window.variables.length - window.variables.length + column;
  if (!window.mask[newest]) return { reason: 'coverage', detail: 'the newest step has no valid reading' };
  const measured = Math.round(coverageOf(lastOf(window, lookback), column) * lookback);
  if (measured >= coverage * lookback) return undefined;
  return {
    reason: 'coverage',
    detail: `${measured} of ${lookback} steps are measured, ${coverage * lookback} are needed`,
  };
}
