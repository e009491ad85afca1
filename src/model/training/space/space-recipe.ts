import { type Artifact, seal } from '../../artifact.ts';
import { type Place, placeOfCell } from '../../space/place.ts';
import {
  type Node,
  type SpaceBody,
  type SpaceName,
  type SpaceVariable,
  weightBytes,
} from '../../space/space-artifact.ts';
import { hashOf, type Series, spanOf } from '../dataset.ts';
import type { FitOptions, Recipe } from '../recipe.ts';
import { type Field, fieldOf, scaled, scalesOf } from './field.ts';
import { fitOwnPast, inUnits, type Leftover, leftoversOf, unitsOf } from './own-past.ts';
import { sharesOf } from './shares.ts';

/** Settings of the networks over space; without them their own. */
export interface SpaceSettings {
  readonly epochs?: number | undefined;
  readonly learningRate?: number | undefined;
  /** What the arcs of a graph are chosen by. */
  readonly edges?: 'distance' | 'correlation' | 'none' | undefined;
  /** Arcs into each node of a graph, at most. */
  readonly neighbours?: number | undefined;
}

export type SpaceOptions = FitOptions & SpaceSettings;

/** What a network learns from: what each node's own past leaves, in units of its deviation. */
export interface SpaceTask {
  readonly variable: string;
  readonly fit: readonly Leftover[];
  /** Later scenes, without a target in common with `fit`. */
  readonly validation: readonly Leftover[];
  readonly body: Pick<SpaceBody, 'nodes' | 'arcs' | 'raster' | 'hidden' | 'state'>;
}

export interface SpaceFit {
  readonly weights: ArrayLike<number>;
  /** What it says of the validation: [nodes, horizons] for each scene. */
  readonly said: readonly Float64Array[];
  readonly epochs: number;
  readonly epoch: readonly number[];
  readonly losses: readonly number[];
}

/** One architecture. */
export interface SpaceFitter {
  /** Its shape on these nodes, before anything is learned but the arcs. */
  shape(
    nodes: readonly Node[],
    fields: readonly Field[],
    options: SpaceOptions,
  ): Pick<SpaceBody, 'arcs' | 'raster' | 'hidden' | 'state'>;
  fit(task: SpaceTask, options: SpaceOptions): Promise<SpaceFit>;
}

/** What all of them begin with, by itself: what a network gains on it is the most that space can add. */
export const nothingFitter: SpaceFitter = {
  shape: () => ({ hidden: 1 }),
  fit: async ({ validation }) => ({
    weights: [],
    said: validation.map(({ values }) => new Float64Array(values.length)),
    epochs: 0,
    epoch: [],
    losses: [],
  }),
};

/**
 * A network over space. Each node is measured in its own deviations; least squares on its own past forecasts first,
 * pooled over the nodes; the network learns what that leaves, from all nodes together; and the last fifth of the training
 * part says how much of its answer is added, by horizon. So what is added is what least squares on the own past misses.
 */
export const spaceRecipe = (name: SpaceName, fitter: SpaceFitter): Recipe => ({
  name,
  fit: (series, options) => fitAll(name, fitter, series, options),
});

async function fitAll(
  network: SpaceName,
  fitter: SpaceFitter,
  series: readonly Series[],
  options: SpaceOptions,
): Promise<Artifact<SpaceBody>> {
  const { variables, step, lookback, horizons } = options;
  const used = series.filter(({ variable }) => variables.some((own) => own.name === variable));
  const nodes = nodesOf(used, options.places);
  const stations = nodes.map(({ station }) => station);
  const fields = variables.map(({ name }) => fieldOf(used, name, stations));
  const shape = fitter.shape(nodes, fields, options);
  const fitted: Fitted[] = [];
  for (const [i, { name }] of variables.entries())
    fitted.push(await fitOne(name, fields[i]!, fitter, { nodes, ...shape }, options));
  const { weights, offsets } = packed(
    network,
    fitted.map((one) => one.weights),
  );
  return seal<SpaceBody>(
    {
      network,
      lookback,
      step,
      horizons,
      stations,
      data: { ...spanOf(used), hash: hashOf(used) },
      variables: variables.map((own, i) => ({ ...own, range: rangeOf(fields[i]!) })),
      body: {
        nodes,
        ...shape,
        variables: fitted.map(({ about }, i) => ({ ...about, offset: offsets[i]! })),
      },
    },
    weights,
  );
}

interface Fitted {
  readonly about: Omit<SpaceVariable, 'offset'>;
  readonly weights: ArrayLike<number>;
}

async function fitOne(
  variable: string,
  field: Field,
  fitter: SpaceFitter,
  body: SpaceTask['body'],
  options: SpaceOptions,
): Promise<Fitted> {
  const scales = scalesOf(field);
  if (!scales)
    throw new Error(`${variable}: the training part holds no two different values; leave the variable out`);
  const own = scaled(field, scales);
  const ownPast = fitOwnPast(own, options);
  if (!ownPast)
    throw new Error(
      `${variable}: too few windows of ${options.lookback} steps are measured; give it more data, a shorter --lookback, or leave the variable out`,
    );
  const count = options.horizons.length;
  const left = leftoversOf(own, ownPast, options);
  const units = unitsOf(left, count);
  const task = { variable, body, ...split(inUnits(left, units), options.horizons.at(-1)!) };
  const { weights, said, epochs, epoch, losses } = await fitter.fit(task, options);
  const samples = task.fit.reduce((sum, { known }) => sum + known.reduce((all, one) => all + one, 0), 0);
  const shares = sharesOf(task.validation, said, count);
  const training = { samples, seed: options.seed, epochs, epoch, losses };
  return { about: { scales, ownPast, units, shares, parameters: weights.length, training }, weights };
}

/** The last fifth validates; between it and what is learned from lie as many scenes as the farthest horizon is long. */
function split(left: readonly Leftover[], farthest: number) {
  const from = Math.floor(0.8 * left.length);
  return { fit: left.slice(0, Math.max(1, from - farthest)), validation: left.slice(from) };
}

function nodesOf(used: readonly Series[], places: ReadonlyMap<string, Place> | undefined): Node[] {
  const stations = [...new Set(used.map(({ station }) => station))].sort();
  return stations.map((station) => ({ station, ...(places?.get(station) ?? placeOfCell(station)) }));
}

function rangeOf({ values, mask }: Field) {
  let [minimum, maximum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  values.forEach((value, at) => {
    if (!mask[at]) return;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  });
  return { minimum, maximum };
}

/** Weights of the variables one after the other, little-endian. */
function packed(network: SpaceName, all: readonly ArrayLike<number>[]) {
  const size = weightBytes(network);
  const view = new DataView(new ArrayBuffer(size * all.reduce((sum, { length }) => sum + length, 0)));
  let at = 0;
  const offsets = all.map((own) => {
    const offset = at;
    for (let i = 0; i < own.length; i++, at += size)
      if (size === 8) view.setFloat64(at, own[i]!, true);
      else view.setFloat32(at, own[i]!, true);
    return offset;
  });
  return { weights: new Uint8Array(view.buffer), offsets };
}
