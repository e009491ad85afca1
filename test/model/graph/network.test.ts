import test from 'ava';
import fc from 'fast-check';
import { linearTransition } from '../../../src/model/graph/linear-transition.ts';
import { GraphNetwork, type GraphNetworkOptions, graphParameters } from '../../../src/model/graph/network.ts';
import { nonlinearTransition } from '../../../src/model/graph/nonlinear-transition.ts';
import { norm1 } from '../../../src/model/graph/transition.ts';
import { differences, randomGraph, randomWeights, relativeError } from './random-graph.ts';

const converged = { tolerance: 1e-15, steps: 5000 };
const shape = { state: 3, labelSize: 2, hidden: 4 };
const kinds = {
  linear: linearTransition({ ...shape, mu: 0.8 }),
  'nonlinear, linear output': nonlinearTransition({ ...shape, output: 'linear', mu: 1e9, beta: 1 }),
  'nonlinear, tanh output': nonlinearTransition({ ...shape, output: 'tanh', mu: 1e9, beta: 1 }),
};

for (const [name, transition] of Object.entries(kinds))
  for (const output of ['linear', 'tanh'] as const)
    test(`${name}, ${output} head: the gradient is that of the converged error`, (t) => {
      const options: GraphNetworkOptions = { transition, hidden: 4, output };
      for (const seed of [1, 2, 3]) {
        const graph = randomGraph(7, 2, seed);
        const weights = randomWeights(graphParameters(2, options), 0.3, seed);
        const network = new GraphNetwork(graph, weights, options);
        t.true(network.forward(converged) < converged.steps, 'it converges');
        const gradient = new Float64Array(weights.length);
        t.is(network.backward(gradient, converged), 0);
        const error = () => {
          network.forward(converged);
          return network.error();
        };
        const off = relativeError(gradient, differences(weights, error));
        t.true(off < 1e-6, `seed ${seed}: ${off}`);
      }
    });

for (const output of ['linear', 'tanh'] as const)
  test(`the contraction penalty, ${output} output: its gradient is that at fixed states`, (t) => {
    const transition = nonlinearTransition({ ...shape, output, mu: 0.5, beta: 10 });
    const graph = randomGraph(6, 2, 4, 0.6);
    const weights = randomWeights(transition.parameters, 1, 5);
    const bound = transition.on(graph, weights);
    const x = randomWeights(6 * shape.state, 0.7, 6);
    const penalty = () => {
      bound.linearise(x);
      return bound.penalty(x, new Float64Array(weights.length));
    };
    const gradient = new Float64Array(weights.length);
    bound.linearise(x);
    t.true(bound.penalty(x, gradient) > 1, 'columns are above mu');
    const off = relativeError(gradient, differences(weights, penalty));
    t.true(off < 1e-6, `${off}`);
  });

test('the linear transition is a contraction for any weights, and its norm stays at or below mu', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: 0.05, max: 0.99, noNaN: true }),
      (seed, bound, mu) => {
        const transition = linearTransition({ ...shape, mu });
        const graph = randomGraph(8, 2, seed);
        const weights = randomWeights(transition.parameters, bound, seed);
        const on = transition.on(graph, weights);
        const norm = norm1(graph, shape.state, on.linearise(new Float64Array(8 * shape.state)));
        return norm <= mu * (1 + 1e-12);
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

test('two starts end at the same fixed point, which is one', (t) => {
  const options: GraphNetworkOptions = { transition: kinds.linear, hidden: 4, output: 'linear' };
  const graph = randomGraph(9, 2, 8);
  const weights = randomWeights(graphParameters(2, options), 2, 9);
  const [a, b] = [0, 1].map(() => new GraphNetwork(graph, weights, options));
  b!.states.set(randomWeights(b!.states.length, 50, 10));
  a!.forward(converged);
  b!.forward(converged);
  t.true(relativeError(a!.states, b!.states) < 1e-12);
  const next = new Float64Array(a!.states.length);
  kinds.linear.on(graph, weights.subarray(0, kinds.linear.parameters)).apply(a!.states, next);
  t.true(relativeError(next, a!.states) < 1e-12);
});

test('the forcing term is added once for each node, however many neighbours it has', (t) => {
  const graph = randomGraph(5, 2, 11, 1);
  const weights = randomWeights(kinds.linear.parameters, 1, 12);
  const alone = { ...graph, first: new Int32Array(6), from: new Int32Array(0) };
  const [full, bare] = [graph, alone].map((one) => {
    const to = new Float64Array(15);
    kinds.linear.on(one, weights).apply(new Float64Array(15), to);
    return to;
  });
  t.deepEqual(full, bare);
});
