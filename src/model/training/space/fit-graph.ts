import { setImmediate as turn } from 'node:timers/promises';
import type { Graph } from '../../graph/graph.ts';
import { GraphNetwork, type GraphNetworkOptions, graphParameters } from '../../graph/network.ts';
import { Rprop } from '../../graph/rprop.ts';
import { startWeights } from '../../graph/train.ts';
import { graphOfScenes, graphOptions } from '../../space/graph-network.ts';
import { labelSize } from '../../space/scene.ts';
import { arcsOf } from './edges.ts';
import type { Leftover } from './own-past.ts';
import type { SpaceFit, SpaceFitter, SpaceOptions, SpaceTask } from './space-recipe.ts';

const state = 3;
const hidden = 6;
const defaults = { epochs: 200, neighbours: 3 };
/** Steps that a neighbour may lead by, at most. */
const reach = 12;
/** Weights begin uniformly within this. */
const initial = 0.1;
const validateEvery = 5;

/**
 * The graph neural network of Scarselli et al. 2009 with the linear transition, in float64: nodes are stations, labels
 * what is known of each by itself, targets what that leaves, one network a horizon. RPROP on all scenes at once, and the
 * weights with the least error on the validation.
 */
export const graphFitter: SpaceFitter = {
  shape: (nodes, fields, { edges, neighbours, places, lookback }) => ({
    hidden,
    state,
    arcs: arcsOf(fields[0]!, {
      edges,
      neighbours: neighbours ?? defaults.neighbours,
      places: nodes.map(({ station, latitude, longitude }) =>
        latitude === undefined || longitude === undefined ? places?.get(station) : { latitude, longitude },
      ),
      reach: Math.min(reach, lookback),
    }),
  }),
  async fit(task, options) {
    const fits: Trained[] = [];
    for (const h of options.horizons.keys()) fits.push(await fitHorizon(task, h, options));
    const count = options.horizons.length;
    const said = task.validation.map(({ values }) => new Float64Array(values.length));
    fits.forEach(({ outputs }, h) => {
      const nodes = task.body.nodes.length;
      outputs.forEach((output, at) => {
        said[Math.floor(at / nodes)]![(at % nodes) * count + h] = output;
      });
    });
    return mergedOf(fits, said, options);
  },
};

interface Trained {
  readonly weights: Float64Array;
  readonly epoch: number;
  readonly losses: readonly number[];
  /** On the validation, scene by scene. */
  readonly outputs: Float64Array;
}

function mergedOf(fits: readonly Trained[], said: Float64Array[], { epochs }: SpaceOptions): SpaceFit {
  const all = fits.map(({ losses }) => losses);
  return {
    weights: fits.flatMap(({ weights }) => [...weights]),
    said,
    epochs: epochs ?? defaults.epochs,
    epoch: fits.map(({ epoch }) => epoch),
    losses: all[0]!.map((_, e) => all.reduce((sum, own) => sum + own[e]!, 0) / all.length),
  };
}

async function fitHorizon(task: SpaceTask, h: number, options: SpaceOptions): Promise<Trained> {
  const { epochs = defaults.epochs, seed, horizons, onProgress, signal } = options;
  const label = labelSize(options);
  const shape = graphOptions({ state, hidden, label });
  const [training, validation] = [task.fit, task.validation].map((own) =>
    graphAt(own, task, h, horizons.length),
  ) as [Graph, Graph];
  const weights = startWeights(graphParameters(label, shape), seed + h, initial);
  const network = new GraphNetwork(training, weights, shape);
  const trial = new GraphNetwork(validation, weights, shape);
  const optimizer = new Rprop(weights.length);
  const gradient = new Float64Array(weights.length);
  const samples = countOf(training);
  const losses: number[] = [];
  let best = { error: Number.POSITIVE_INFINITY, epoch: 0, weights: weights.slice() };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    network.forward();
    losses.push(network.error() / samples);
    onProgress?.({ variable: task.variable, epoch, loss: losses.at(-1)! });
    network.backward(gradient);
    optimizer.step(weights, gradient);
    await turn();
    signal?.throwIfAborted();
    if (epoch % validateEvery > 0 && epoch < epochs) continue;
    trial.forward();
    const error = trial.error();
    if (error < best.error) best = { error, epoch, weights: weights.slice() };
  }
  return {
    weights: best.weights,
    epoch: best.epoch,
    losses,
    outputs: outputsOf(validation, best.weights, shape),
  };
}

function graphAt(left: readonly Leftover[], { body }: SpaceTask, h: number, horizons: number): Graph {
  const pick = <A extends Float64Array | Uint8Array>(all: A) =>
    all.filter((_, at) => at % horizons === h) as A;
  return graphOfScenes(
    left.map(({ scene }) => scene),
    body.arcs!,
    left.map(({ values }) => pick(values)),
    left.map(({ known }) => pick(known)),
  );
}

const countOf = ({ known }: Graph) => Math.max(1, known?.reduce((sum, one) => sum + one, 0) ?? 0);

function outputsOf(graph: Graph, weights: Float64Array, options: GraphNetworkOptions): Float64Array {
  const network = new GraphNetwork(graph, weights, options);
  network.forward();
  return network.outputs;
}
