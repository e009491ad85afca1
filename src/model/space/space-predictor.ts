import type { Window } from '../../stream/window.ts';
import type { Artifact, Manifest } from '../artifact.ts';
import { unfit } from '../features.ts';
import type { Forecast, NoForecast } from '../forecast.ts';
import type { OpenOptions, Predictor } from '../predictor.ts';
import { forecastOwn } from './own-past.ts';
import type { Scene } from './scene.ts';
import { asSpace, type SpaceBody, type SpaceVariable } from './space-artifact.ts';
import type { OpenSpaceNetwork, SpaceNetwork } from './space-network.ts';

type Answer = Forecast | NoForecast;
type Fault = Pick<NoForecast, 'reason' | 'detail'>;

/**
 * A network over space as a predictor: windows of one end are one scene. A node without a window is masked, and a
 * station that is no node gets no forecast. Point forecasts: the one quantile is the median.
 * @throws {ArtifactRefused} where the body is not one of its network; nothing is left behind then.
 */
export function spacePredictor(artifact: Artifact, options: OpenOptions, open: OpenSpaceNetwork): Predictor {
  const own = asSpace(artifact);
  const { manifest } = own;
  const names = options.variables ?? manifest.variables.map(({ name }) => name);
  const networks = names.map((name) => {
    const at = manifest.variables.findIndex((one) => one.name === name);
    return at < 0 ? undefined : { variable: manifest.body.variables[at]!, network: open(own, at) };
  });
  return {
    id: manifest.id,
    backend: 'arithmetic',
    together: manifest.network !== 'own-past',
    predict: (windows) => {
      const answers = names.map((name, i) => answer(windows, name, networks[i], manifest, options.coverage));
      return windows.flatMap((_, w) => answers.map((one) => one[w]!));
    },
    dispose: () => {
      for (const one of networks) one?.network.dispose();
    },
  };
}

interface Served {
  readonly variable: SpaceVariable;
  readonly network: SpaceNetwork;
}

function answer(
  windows: readonly Window[],
  name: string,
  served: Served | undefined,
  manifest: Manifest<SpaceBody>,
  coverage: number,
): Answer[] {
  const { nodes } = manifest.body;
  const nodeOf = new Map(nodes.map(({ station }, n) => [station, n]));
  const faults = windows.map((window) => faultOf(window, name, served, nodeOf, manifest));
  const ends = new Map<number, number[]>();
  windows.forEach((window, w) => {
    if (!faults[w]) ends.set(window.end, [...(ends.get(window.end) ?? []), w]);
  });
  const scenes = [...ends].map(([, at]) =>
    sceneOf(
      at.map((w) => windows[w]!),
      name,
      served!.variable,
      manifest,
      nodeOf,
    ),
  );
  const left = scenes.length > 0 ? served!.network.forward(scenes) : [];
  const sceneAt = new Map([...ends.keys()].map((end, i) => [end, i]));
  return windows.map((window, w) => {
    const i = sceneAt.get(window.end);
    const fault = faults[w] ?? unfit(stretchOf(window, name, manifest.lookback), coverage);
    if (fault || i === undefined) return no(window, name, fault!);
    return forecast(
      window,
      name,
      scenes[i]!,
      left[i]!,
      nodeOf.get(window.station)!,
      served!.variable,
      manifest,
    );
  });
}

/** Of windows with one end. */
function sceneOf(
  windows: readonly Window[],
  name: string,
  { scales }: SpaceVariable,
  { lookback, step, body }: Manifest<SpaceBody>,
  nodeOf: ReadonlyMap<string, number>,
): Scene {
  const nodes = body.nodes.length;
  const values = new Float64Array(lookback * nodes);
  const mask = new Uint8Array(lookback * nodes);
  for (const window of windows) {
    const node = nodeOf.get(window.station)!;
    const { offset, stride } = stretchOf(window, name, lookback);
    for (let row = 0; row < lookback; row++) {
      const cell = offset + row * stride;
      if (!window.mask[cell]) continue;
      values[row * nodes + node] = (window.values[cell]! - scales[node]!.mean) / scales[node]!.deviation;
      mask[row * nodes + node] = 1;
    }
  }
  return { end: windows[0]!.end, step, lookback, nodes, values, mask };
}

function forecast(
  window: Window,
  name: string,
  scene: Scene,
  left: Float64Array,
  node: number,
  { scales, ownPast, units, shares }: SpaceVariable,
  { id, network, step, horizons }: Manifest<SpaceBody>,
): Forecast {
  const own = forecastOwn(scene, node, ownPast);
  const { mean, deviation } = scales[node]!;
  return {
    kind: 'forecast',
    ...identity(window, name),
    model: id,
    network,
    step,
    horizons,
    quantiles: [0.5],
    values: horizons.map((_, h) => {
      const space = shares[h]! * units[h]! * left[node * horizons.length + h]!;
      return [mean + deviation * (own[h]! + space)];
    }),
  };
}

const identity = ({ station, end, revision }: Window, variable: string) => ({
  station,
  variable,
  issuedAt: end,
  revision,
});

const no = (window: Window, name: string, fault: Fault): NoForecast => ({
  kind: 'no-forecast',
  ...identity(window, name),
  ...fault,
});

/** The newest steps of a window that may be longer than the model looks back. */
function stretchOf({ values, mask, variables, lookback }: Window, name: string, length: number) {
  const offset = (lookback - length) * variables.length + variables.indexOf(name);
  return { values, mask, offset, stride: variables.length, length };
}

function faultOf(
  window: Window,
  name: string,
  served: Served | undefined,
  nodeOf: ReadonlyMap<string, number>,
  { id, lookback, step }: Manifest<SpaceBody>,
): Fault | undefined {
  if (!served)
    return { reason: 'no-model', detail: `model ${id} was not trained on ${name}; train one that is` };
  if (!nodeOf.has(window.station))
    return { reason: 'no-model', detail: `${window.station} is no node of model ${id}; train one with it` };
  if (!window.variables.includes(name))
    return { reason: 'failed', detail: `windows hold no ${name}; add it to the variables` };
  if (window.lookback >= lookback && window.step === step) return undefined;
  return {
    reason: 'failed',
    detail: `the model wants ${lookback} steps of ${step} ms, windows have ${window.lookback} of ${window.step} ms`,
  };
}
