import type { Window } from '../../stream/window.ts';
import type { Artifact, Manifest } from '../artifact.ts';
import type { Forecast, NoForecast } from '../forecast.ts';
import type { OpenOptions, Predictor } from '../predictor.ts';
import {
  type BaselineBody,
  type BaselineName,
  type Fit,
  forecasterOf,
  levels,
  quantilesOf,
} from './baseline.ts';
import { asBaseline } from './baseline-artifact.ts';
import type { Forecaster, Shape } from './method.ts';
import { type View, viewOf } from './view.ts';

type Answer = Forecast | NoForecast;
type Ready = Fit & { readonly forecaster: Forecaster };

/** A variable's forecasters: of stations with a record of their own, and of all others. */
interface Served {
  readonly name: string;
  readonly pooled: Ready;
  readonly stations: ReadonlyMap<string, Ready>;
}

/**
 * A baseline as a predictor: its point with the empirical errors around it.
 * @throws {ArtifactRefused} where the body is not that of a baseline.
 */
export function baselinePredictor(artifact: Artifact, options: OpenOptions): Predictor {
  const { manifest } = asBaseline(artifact);
  const shape = { horizons: manifest.horizons, coverage: options.coverage };
  const served = manifest.body.variables.map((own) => readied(own, manifest.network as BaselineName, shape));
  const names = options.variables ?? served.map(({ name }) => name);
  return {
    id: manifest.id,
    backend: 'arithmetic',
    predict: (windows) =>
      windows.flatMap((window) => {
        const view = viewOf(window);
        return names.map((name) => answer(window, view, name, served, manifest, shape));
      }),
    dispose: () => {},
  };
}

function readied(
  { name, pooled, stations }: BaselineBody['variables'][number],
  network: BaselineName,
  shape: Shape,
): Served {
  const ready = (fit: Fit) => ({ ...fit, forecaster: forecasterOf(network, fit.parameters, shape) });
  const own = Object.entries(stations).map(([station, fit]) => [station, ready(fit)] as const);
  return { name, pooled: ready(pooled), stations: new Map(own) };
}

function answer(
  window: Window,
  view: View,
  variable: string,
  served: readonly Served[],
  manifest: Manifest,
  shape: Shape,
): Answer {
  const { station, end, revision } = window;
  const identity = { station, variable, issuedAt: end, revision };
  const no = (reason: NoForecast['reason'], detail: string): NoForecast => ({
    kind: 'no-forecast',
    ...identity,
    reason,
    detail,
  });
  const own = served.find(({ name }) => name === variable);
  const column = window.variables.indexOf(variable);
  if (!own) return no('no-model', `model ${manifest.id} was not trained on ${variable}; train one that is`);
  if (column < 0) return no('failed', `windows hold no ${variable}; add it to the variables`);
  if (window.lookback !== manifest.lookback || window.step !== manifest.step)
    return no(
      'failed',
      `the model wants ${manifest.lookback} steps of ${manifest.step} ms, windows have ${window.lookback} of ${window.step} ms`,
    );
  const { forecaster, spread } = own.stations.get(station) ?? own.pooled;
  const points = forecaster(view, column);
  if (!points) return no('coverage', 'too few of the steps that it rests on are measured');
  return {
    kind: 'forecast',
    ...identity,
    model: manifest.id,
    network: manifest.network,
    step: manifest.step,
    horizons: manifest.horizons,
    quantiles: levels,
    values: quantilesOf(points, spread, shape),
  };
}
