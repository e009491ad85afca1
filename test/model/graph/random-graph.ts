import { uniform } from '../../../src/model/engine/initial.ts';
import { type Graph, graphOf } from '../../../src/model/graph/graph.ts';

/** A directed graph without regard to form: some nodes may have no neighbour. Labels in [-1, 1], targets 1 or -1. */
export function randomGraph(nodes: number, labelSize: number, seed: number, density = 0.4): Graph {
  const random = uniform(seed);
  const labels = Array.from({ length: nodes }, () =>
    Array.from({ length: labelSize }, () => 2 * random() - 1),
  );
  const adjacent = labels.map((_, n) => labels.map((_, u) => n !== u && random() < density));
  return graphOf(
    adjacent,
    labels,
    labels.map(() => (random() < 0.5 ? 1 : -1)),
  );
}

export function randomWeights(size: number, bound: number, seed: number): Float64Array {
  const random = uniform(seed);
  return Float64Array.from({ length: size }, () => bound * (2 * random() - 1));
}

/** Central differences of `f` at `w`, one weight at a time. */
export function differences(w: Float64Array, f: () => number, h = 1e-5): Float64Array {
  return w.map((value, i) => {
    w[i] = value + h;
    const above = f();
    w[i] = value - h;
    const below = f();
    w[i] = value;
    return (above - below) / (2 * h);
  });
}

/** The greatest difference, relative to the greatest size. */
export function relativeError(actual: Float64Array, expected: Float64Array): number {
  const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / size;
}
