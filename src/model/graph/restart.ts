import type { Graph } from './graph.ts';
import type { GraphFit } from './train.ts';

export interface Restarted extends GraphFit {
  /** Trainings that were begun, this one included. */
  readonly starts: number;
}

/**
 * RPROP from small weights may never leave the plane where every node gets the same answer. A training whose weights
 * are no better on the validation graph than naming the more frequent class for every node is begun again from other
 * initial weights, `most` times in all; the test graph has no say. Where all are stuck the first stays.
 */
export function restartStuck(
  fit: (start: number) => GraphFit,
  accuracy: (weights: Float64Array) => number,
  validation: Graph,
  most: number,
): Restarted {
  const limit = majority(validation);
  const first = fit(0);
  let last = first;
  for (let starts = 1; starts <= most; starts++) {
    if (accuracy(last.weights) > limit) return { ...last, starts };
    if (starts < most) last = fit(starts);
  }
  return { ...first, starts: most };
}

/** The share of the nodes of the more frequent class. */
export function majority({ targets, nodes }: Graph): number {
  const positive = targets.filter((target) => target > 0).length / nodes;
  return Math.max(positive, 1 - positive);
}
