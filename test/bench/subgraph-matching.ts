import { type Graph, union } from '../../src/model/graph/graph.ts';
import { linearTransition } from '../../src/model/graph/linear-transition.ts';
import type { GraphNetworkOptions } from '../../src/model/graph/network.ts';
import { nonlinearTransition } from '../../src/model/graph/nonlinear-transition.ts';
import { plainAccuracy, plainSpec, trainPlainNetwork } from '../../src/model/graph/plain-network.ts';
import { majority, restartStuck } from '../../src/model/graph/restart.ts';
import { subgraphMatching } from '../../src/model/graph/subgraph-matching.ts';
import {
  type GraphFit,
  type GraphTraining,
  graphAccuracy,
  graphTrainingDefaults,
  trainGraphNetwork,
} from '../../src/model/graph/train.ts';

/**
 * The table of subgraph matching of Scarselli et al. 2009: 600 graphs, 200 each for training, validation and test;
 * state and hidden layers of 5. SEEDS, EPOCHS and CELLS (3x6,5x10) narrow it. Any of the three networks is begun again,
 * at most 4 times in all, where it is stuck on the validation graphs.
 */
const cells = '3x6,3x10,3x14,3x18,5x6,5x10,5x14,5x18,7x10,7x14,7x18';

const nonlinear: GraphNetworkOptions = {
  transition: nonlinearTransition({
    state: 5,
    labelSize: 1,
    hidden: 5,
    output: 'tanh',
    mu: 0.85,
    beta: 1000,
  }),
  hidden: 5,
  output: 'tanh',
};
const linear: GraphNetworkOptions = {
  transition: linearTransition({ state: 5, labelSize: 1, hidden: 5, mu: 0.9 }),
  hidden: 5,
  output: 'tanh',
};
const mostStarts = 4;
const plain = plainSpec(1, 'tanh');

interface Cell {
  readonly nonlinear: number;
  readonly linear: number;
  readonly plain: number;
  readonly majority: number;
}

export async function run(print: (line: object) => void): Promise<void> {
  const seeds = Number(process.env['SEEDS'] ?? 3);
  const epochs = Number(process.env['EPOCHS'] ?? graphTrainingDefaults.epochs);
  const all: Cell[] = [];
  for (const cell of (process.env['CELLS'] ?? cells).split(','))
    for (let seed = 1; seed <= seeds; seed++) {
      const accuracies = accuraciesOf(cell, seed, epochs);
      all.push(accuracies);
      print({ cell, seed, epochs, ...accuracies });
    }
  const mean = (name: keyof Cell) => all.reduce((sum, cell) => sum + cell[name], 0) / all.length;
  const means = { nonlinear: mean('nonlinear'), linear: mean('linear'), plain: mean('plain') };
  print({ cell: 'mean', ...means, published: { nonlinear: 0.873, linear: 0.865, plain: 0.772 } });
}

function accuraciesOf(cell: string, seed: number, epochs: number): Cell {
  const [subgraph, nodes] = cell.split('x').map(Number) as [number, number];
  const graphs = subgraphMatching({
    subgraph,
    nodes,
    graphs: 600,
    seed: seed * 1000 + subgraph * 100 + nodes,
  });
  const [training, validation, test] = [0, 200, 400].map((from) => union(graphs.slice(from, from + 200)));
  const fitted = (
    train: (how: GraphTraining) => GraphFit,
    accuracy: (graph: Graph, weights: Float64Array) => number,
  ) => {
    const fit = (start: number) => train({ ...graphTrainingDefaults, epochs, seed: seed + 1000 * start });
    const { weights } = restartStuck(
      fit,
      (weights) => accuracy(validation!, weights),
      validation!,
      mostStarts,
    );
    return accuracy(test!, weights);
  };
  const ofGraph = (options: GraphNetworkOptions) =>
    fitted(
      (how) => trainGraphNetwork(training!, validation!, options, how),
      (graph, weights) => graphAccuracy(graph, weights, options),
    );
  return {
    nonlinear: ofGraph(nonlinear),
    linear: ofGraph(linear),
    plain: fitted(
      (how) => trainPlainNetwork(training!, validation!, plain, how),
      (graph, weights) => plainAccuracy(graph, weights, plain),
    ),
    majority: majority(test!),
  };
}
