import type { Graph } from './graph.ts';

/**
 * The local transition function f_w of Scarselli et al. 2009, equation (1), over all nodes of a graph: F_w of (2).
 * States are [nodes, state], row-major.
 */
export interface Transition {
  readonly state: number;
  /** How many weights it has. */
  readonly parameters: number;
  /** The transition on a graph with these weights, which may change afterwards: `renew` takes note. */
  on(graph: Graph, weights: Float64Array): BoundTransition;
}

export interface BoundTransition {
  /** To be called after the weights have changed. */
  renew(): void;
  /** to = F_w(x, l) */
  apply(x: Float64Array, to: Float64Array): void;
  /** The blocks of A = dF/dx at x, one for each arc: [arcs, state, state]. */
  linearise(x: Float64Array): Float64Array;
  /** Adds z (dF/dw) at x to `gradient`. */
  gradient(x: Float64Array, z: Float64Array, gradient: Float64Array): void;
  /**
   * The contraction penalty of section III-C and its gradient with x held fixed, added to `gradient`, after
   * `linearise` at the same x. A transition that is a contraction by its form has none.
   */
  penalty(x: Float64Array, gradient: Float64Array): number;
}

/** to = z A, with the blocks of `linearise`. */
export function timesJacobian(
  { nodes, first, from }: Graph,
  state: number,
  blocks: Float64Array,
  z: Float64Array,
  to: Float64Array,
): void {
  to.fill(0);
  for (let n = 0; n < nodes; n++)
    for (let a = first[n]!; a < first[n + 1]!; a++) {
      const u = from[a]! * state;
      for (let i = 0; i < state; i++) {
        const zi = z[n * state + i]!;
        const row = (a * state + i) * state;
        for (let j = 0; j < state; j++) to[u + j]! += zi * blocks[row + j]!;
      }
    }
}

/** The 1-norm of A: the greatest sum of a column of absolute values. Below 1, F is a contraction. */
export function norm1(graph: Graph, state: number, blocks: Float64Array): number {
  return columnSums(graph, state, blocks).reduce((most, sum) => Math.max(most, sum), 0);
}

/** Sums of the absolute values in each column of A: [nodes, state]. */
export function columnSums({ nodes, from }: Graph, state: number, blocks: Float64Array): Float64Array {
  const sums = new Float64Array(nodes * state);
  for (let a = 0; a < from.length; a++)
    for (let i = 0; i < state; i++)
      for (let j = 0; j < state; j++)
        sums[from[a]! * state + j]! += Math.abs(blocks[(a * state + i) * state + j]!);
  return sums;
}
