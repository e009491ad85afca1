import { uniform } from '../engine/initial.ts';
import type { Graph } from './graph.ts';
import { GraphNetwork, type GraphNetworkOptions, graphParameters } from './network.ts';
import { Rprop } from './rprop.ts';

export interface GraphTraining {
  readonly epochs: number;
  /** Epochs between looks at the validation graph. */
  readonly validateEvery: number;
  readonly seed: number;
  /** Weights begin uniformly in [-initial, initial]. */
  readonly initial: number;
  readonly onEpoch?: (epoch: number, error: number) => void;
}

/** As in the authors' program. */
export const graphTrainingDefaults: GraphTraining = {
  epochs: 2000,
  validateEvery: 10,
  seed: 1,
  initial: 0.01,
};

export interface GraphFit {
  readonly weights: Float64Array;
  /** Epoch of the weights: the one with the least validation error. */
  readonly epoch: number;
  /** Mean squared error a node on the training graph, by epoch. */
  readonly errors: readonly number[];
}

/** Trains by RPROP on the whole graph at once; the weights with the least error on `validation` are kept. */
export function trainGraphNetwork(
  training: Graph,
  validation: Graph,
  options: GraphNetworkOptions,
  { epochs, validateEvery, seed, initial, onEpoch }: GraphTraining,
): GraphFit {
  const size = graphParameters(training.labelSize, options);
  const weights = startWeights(size, seed, initial);
  const network = new GraphNetwork(training, weights, options);
  const optimizer = new Rprop(size);
  const gradient = new Float64Array(size);
  const errors: number[] = [];
  let best = { error: Number.POSITIVE_INFINITY, epoch: 0, weights: weights.slice() };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    network.forward();
    errors.push(network.error() / training.nodes);
    onEpoch?.(epoch, errors.at(-1)!);
    network.backward(gradient);
    optimizer.step(weights, gradient);
    if (epoch % validateEvery > 0 && epoch < epochs) continue;
    const error = errorOn(validation, weights, options);
    if (error < best.error) best = { error, epoch, weights: weights.slice() };
  }
  return { weights: best.weights, epoch: best.epoch, errors };
}

export function startWeights(size: number, seed: number, initial: number): Float64Array {
  const random = uniform(seed);
  return Float64Array.from({ length: size }, () => initial * (2 * random() - 1));
}

/** Steps that a network may relax on graphs it is only tried on; the authors' program has 30. */
const trialSteps = { tolerance: 1e-3, steps: 30 };

function errorOn(graph: Graph, weights: Float64Array, options: GraphNetworkOptions): number {
  const network = new GraphNetwork(graph, weights, options);
  network.forward(trialSteps);
  return network.error();
}

/** Share of the nodes whose output has the sign of its target. */
export function graphAccuracy(graph: Graph, weights: Float64Array, options: GraphNetworkOptions): number {
  const network = new GraphNetwork(graph, weights, options);
  network.forward(trialSteps);
  return network.outputs.filter((output, n) => output > 0 === graph.targets[n]! > 0).length / graph.nodes;
}
