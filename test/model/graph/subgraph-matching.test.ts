import test from 'ava';
import { union } from '../../../src/model/graph/graph.ts';
import { linearTransition } from '../../../src/model/graph/linear-transition.ts';
import { nonlinearTransition } from '../../../src/model/graph/nonlinear-transition.ts';
import { plainAccuracy, plainSpec, trainPlainNetwork } from '../../../src/model/graph/plain-network.ts';
import { subgraphMatching } from '../../../src/model/graph/subgraph-matching.ts';
import { graphAccuracy, graphTrainingDefaults, trainGraphNetwork } from '../../../src/model/graph/train.ts';

const options = { subgraph: 3, nodes: 7, graphs: 200, seed: 5 };

test('each graph holds the subgraph, is connected but for what was put in, and repeats for its seed', (t) => {
  const graphs = subgraphMatching(options);
  t.deepEqual(graphs, subgraphMatching(options));
  t.notDeepEqual(graphs, subgraphMatching({ ...options, seed: 6 }));
  for (const { targets, labels, from } of graphs) {
    t.true(targets.filter((target) => target > 0).length >= 3);
    t.true(labels.every((label) => label > -2 && label < 12));
    t.true(from.length >= 4);
  }
});

test('edges come with probability 0.19, not 0.2, besides those that connect', (t) => {
  const [graph] = subgraphMatching({ subgraph: 3, nodes: 150, graphs: 1, seed: 1 });
  const share = graph!.from.length / (150 * 149);
  // Of 11,175 pairs: a deviation of 0.0037; at this size nothing needs connecting.
  t.true(Math.abs(share - 0.19) < 0.009, `${share}`);
});

test('the labels that were put in carry noise of deviation 0.25', (t) => {
  const graphs = subgraphMatching({ subgraph: 1, nodes: 2, graphs: 4000, seed: 3 });
  const inside = graphs.flatMap(({ targets, labels }) => [...labels].filter((_, n) => targets[n]! > 0));
  const whole = Math.round(inside.reduce((sum, label) => sum + label, 0) / inside.length);
  const variance = inside.reduce((sum, label) => sum + (label - whole) ** 2, 0) / inside.length;
  t.true(Math.abs(Math.sqrt(variance) - 0.25) < 0.01, `${Math.sqrt(variance)}`);
});

test('a short training: the graph networks see what the labels alone do not tell', (t) => {
  const graphs = subgraphMatching({ subgraph: 5, nodes: 10, graphs: 300, seed: 1510 });
  const [training, validation, held] = [0, 100, 200].map((from) => union(graphs.slice(from, from + 100)));
  const how = { ...graphTrainingDefaults, epochs: 400 };
  const spec = plainSpec(1, 'tanh');
  const plain = plainAccuracy(held!, trainPlainNetwork(training!, validation!, spec, how).weights, spec);
  for (const transition of [
    nonlinearTransition({ state: 5, labelSize: 1, hidden: 5, output: 'tanh', mu: 0.85, beta: 1000 }),
    linearTransition({ state: 5, labelSize: 1, hidden: 5, mu: 0.9 }),
  ]) {
    const network = { transition, hidden: 5, output: 'tanh' } as const;
    const { weights, errors } = trainGraphNetwork(training!, validation!, network, how);
    t.true(errors.at(-1)! < errors[0]!);
    const accuracy = graphAccuracy(held!, weights, network);
    t.log(`${accuracy.toFixed(3)} beside ${plain.toFixed(3)} of the plain network`);
    t.true(accuracy > plain + 0.04);
  }
});
