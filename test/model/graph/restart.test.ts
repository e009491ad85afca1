import test from 'ava';
import type { Graph } from '../../../src/model/graph/graph.ts';
import { majority, restartStuck } from '../../../src/model/graph/restart.ts';

const graph = { nodes: 4, targets: Float64Array.from([1, -1, -1, -1]) } as unknown as Graph;

/** Trainings whose one weight is their accuracy on the validation graph. */
function restarted(accuracies: number[], most = accuracies.length) {
  const fit = (start: number) => ({ weights: Float64Array.of(accuracies[start]!), epoch: start, errors: [] });
  const { weights, starts } = restartStuck(fit, ([accuracy]) => accuracy!, graph, most);
  return [weights[0], starts];
}

test('the more frequent class is three quarters of the nodes', (t) => {
  t.is(majority(graph), 0.75);
});

test('what is better than the more frequent class stays, what is not begins again', (t) => {
  t.deepEqual(restarted([0.8, 0.9]), [0.8, 1]);
  t.deepEqual(restarted([0.75, 0.7, 0.8, 0.9]), [0.8, 3]);
});

test('where all are stuck the first stays, and no more than allowed are begun', (t) => {
  t.deepEqual(restarted([0.75, 0.7, 0.6]), [0.75, 3]);
  t.deepEqual(restarted([0.75, 0.7, 0.9], 2), [0.75, 2]);
});
