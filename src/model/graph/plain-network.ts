import type { Graph } from './graph.ts';
import { Perceptron, type PerceptronSpec, parametersOf } from './perceptron.ts';
import { Rprop } from './rprop.ts';
import { type GraphFit, type GraphTraining, startWeights } from './train.ts';

/** The feed-forward network that the graph network is compared with: it sees the label of a node, and nothing else. */
export const plainSpec = (labelSize: number, output: 'linear' | 'tanh'): PerceptronSpec => ({
  inputs: labelSize,
  hidden: 20,
  outputs: 1,
  output,
});

export function trainPlainNetwork(
  training: Graph,
  validation: Graph,
  spec: PerceptronSpec,
  { epochs, validateEvery, seed, initial }: GraphTraining,
): GraphFit {
  const weights = startWeights(parametersOf(spec), seed, initial);
  const optimizer = new Rprop(weights.length);
  const gradient = new Float64Array(weights.length);
  const errors: number[] = [];
  let best = { error: Number.POSITIVE_INFINITY, epoch: 0, weights: weights.slice() };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    errors.push(pass(training, weights, spec, gradient) / training.nodes);
    optimizer.step(weights, gradient);
    if (epoch % validateEvery > 0 && epoch < epochs) continue;
    const error = pass(validation, weights, spec);
    if (error < best.error) best = { error, epoch, weights: weights.slice() };
  }
  return { weights: best.weights, epoch: best.epoch, errors };
}

/** The sum of squared errors; writes its gradient where that is given. */
function pass(graph: Graph, weights: Float64Array, spec: PerceptronSpec, gradient?: Float64Array): number {
  const network = new Perceptron(spec, weights);
  const dy = new Float64Array(1);
  gradient?.fill(0);
  let error = 0;
  for (let n = 0; n < graph.nodes; n++) {
    const label = labelOf(graph, n);
    dy[0] = 2 * (network.forward(label)[0]! - graph.targets[n]!);
    error += dy[0] ** 2 / 4;
    if (gradient) network.backward(label, dy, gradient);
  }
  return error;
}

export function plainAccuracy(graph: Graph, weights: Float64Array, spec: PerceptronSpec): number {
  const network = new Perceptron(spec, weights);
  let right = 0;
  for (let n = 0; n < graph.nodes; n++)
    right += network.forward(labelOf(graph, n))[0]! > 0 === graph.targets[n]! > 0 ? 1 : 0;
  return right / graph.nodes;
}

const labelOf = ({ labels, labelSize }: Graph, n: number) =>
  labels.subarray(n * labelSize, (n + 1) * labelSize);
