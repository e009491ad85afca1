import { union } from '../../src/model/graph/graph.ts';
import { linearTransition } from '../../src/model/graph/linear-transition.ts';
import type { GraphNetworkOptions } from '../../src/model/graph/network.ts';
import { nonlinearTransition } from '../../src/model/graph/nonlinear-transition.ts';
import { plainAccuracy, plainSpec, trainPlainNetwork } from '../../src/model/graph/plain-network.ts';
import { subgraphMatching } from '../../src/model/graph/subgraph-matching.ts';
import { graphAccuracy, graphTrainingDefaults, trainGraphNetwork } from '../../src/model/graph/train.ts';

/**
 * The table of subgraph matching of Scarselli et al. 2009: 600 graphs, 200 each for training, validation and test;
 * state and hidden layers of 5. SEEDS, EPOCHS and CELLS (3x6,5x10) narrow it.
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
  const how = { ...graphTrainingDefaults, epochs, seed };
  const ofGraph = (options: GraphNetworkOptions) =>
    graphAccuracy(test!, trainGraphNetwork(training!, validation!, options, how).weights, options);
  const positive = test!.targets.filter((target) => target > 0).length / test!.nodes;
  return {
    nonlinear: ofGraph(nonlinear),
    linear: ofGraph(linear),
    plain: plainAccuracy(test!, trainPlainNetwork(training!, validation!, plain, how).weights, plain),
    majority: Math.max(positive, 1 - positive),
  };
}
