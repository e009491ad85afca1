import { degrees, type Graph } from './graph.ts';
import { Perceptron, type PerceptronSpec, parametersOf } from './perceptron.ts';
import type { BoundTransition, Transition } from './transition.ts';

export interface LinearOptions {
  readonly state: number;
  readonly labelSize: number;
  readonly hidden: number;
  /** In (0, 1): the bound on the norm of A. */
  readonly mu: number;
}

/**
 * The linear transition of Scarselli et al. 2009, equations (12) to (14): x_n = sum over u in ne[n] of A_{n,u} x_u, and
 * b_n once for each node (put into (3) as printed it would be added once for each neighbour; the line after it,
 * F = A x + b, and the authors' program have it once). A_{n,u} = mu / (s |ne[u]|) Xi with Xi = phi_w(l_n, l_u), an
 * s x s matrix bounded by tanh, so the columns of Xi sum to at most s and ||A||_1 <= mu for any weights: a contraction.
 */
export function linearTransition(options: LinearOptions): Transition {
  const { state, labelSize, hidden } = options;
  const forcing: PerceptronSpec = { inputs: labelSize, hidden, outputs: state, output: 'tanh' };
  const matrix: PerceptronSpec = {
    inputs: 2 * labelSize,
    hidden,
    outputs: state * state,
    output: 'tanh',
  };
  return {
    state,
    parameters: parametersOf(matrix) + parametersOf(forcing),
    on: (graph, weights) => new LinearOnGraph(graph, weights, { matrix, forcing }, options),
  };
}

class LinearOnGraph implements BoundTransition {
  readonly #graph: Graph;
  readonly #state: number;
  readonly #phi: Perceptron;
  readonly #rho: Perceptron;
  /** Weights of phi come first. */
  readonly #split: number;
  readonly #scale: Float64Array;
  readonly #blocks: Float64Array;
  readonly #forcing: Float64Array;
  readonly #pair: Float64Array;

  constructor(
    graph: Graph,
    weights: Float64Array,
    specs: { readonly matrix: PerceptronSpec; readonly forcing: PerceptronSpec },
    { state, mu }: LinearOptions,
  ) {
    this.#graph = graph;
    this.#state = state;
    this.#split = parametersOf(specs.matrix);
    this.#phi = new Perceptron(specs.matrix, weights.subarray(0, this.#split));
    this.#rho = new Perceptron(specs.forcing, weights.subarray(this.#split));
    this.#scale = Float64Array.from(degrees(graph), (degree) => mu / (state * degree));
    this.#blocks = new Float64Array(graph.from.length * state * state);
    this.#forcing = new Float64Array(graph.nodes * state);
    this.#pair = new Float64Array(2 * graph.labelSize);
    this.renew();
  }

  renew(): void {
    const { nodes, first, from, labels, labelSize } = this.#graph;
    const size = this.#state ** 2;
    for (let n = 0; n < nodes; n++) {
      this.#forcing.set(
        this.#rho.forward(labels.subarray(n * labelSize, (n + 1) * labelSize)),
        n * this.#state,
      );
      for (let a = first[n]!; a < first[n + 1]!; a++) {
        const scale = this.#scale[from[a]!]!;
        const xi = this.#phi.forward(this.#labelsOf(n, from[a]!));
        for (let i = 0; i < size; i++) this.#blocks[a * size + i] = scale * xi[i]!;
      }
    }
  }

  apply(x: Float64Array, to: Float64Array): void {
    const { nodes, first, from } = this.#graph;
    const s = this.#state;
    to.set(this.#forcing);
    for (let n = 0; n < nodes; n++)
      for (let a = first[n]!; a < first[n + 1]!; a++)
        for (let i = 0; i < s; i++) {
          let sum = 0;
          for (let j = 0; j < s; j++) sum += this.#blocks[(a * s + i) * s + j]! * x[from[a]! * s + j]!;
          to[n * s + i]! += sum;
        }
  }

  linearise(): Float64Array {
    return this.#blocks;
  }

  gradient(x: Float64Array, z: Float64Array, gradient: Float64Array): void {
    const { nodes, first, from, labels, labelSize } = this.#graph;
    const s = this.#state;
    const ofPhi = gradient.subarray(0, this.#split);
    const ofRho = gradient.subarray(this.#split);
    const dXi = new Float64Array(s * s);
    for (let n = 0; n < nodes; n++) {
      const label = labels.subarray(n * labelSize, (n + 1) * labelSize);
      this.#rho.forward(label);
      this.#rho.backward(label, z.subarray(n * s, (n + 1) * s), ofRho);
      for (let a = first[n]!; a < first[n + 1]!; a++) {
        const u = from[a]!;
        for (let i = 0; i < s; i++)
          for (let j = 0; j < s; j++) dXi[i * s + j] = this.#scale[u]! * z[n * s + i]! * x[u * s + j]!;
        const pair = this.#labelsOf(n, u);
        this.#phi.forward(pair);
        this.#phi.backward(pair, dXi, ofPhi);
      }
    }
  }

  penalty(): number {
    return 0;
  }

  #labelsOf(n: number, u: number): Float64Array {
    const { labels, labelSize } = this.#graph;
    for (let j = 0; j < labelSize; j++) {
      this.#pair[j] = labels[n * labelSize + j]!;
      this.#pair[labelSize + j] = labels[u * labelSize + j]!;
    }
    return this.#pair;
  }
}
