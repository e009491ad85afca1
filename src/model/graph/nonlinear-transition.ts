import type { Graph } from './graph.ts';
import { Perceptron, type PerceptronSpec, parametersOf } from './perceptron.ts';
import { type BoundTransition, columnSums, type Transition } from './transition.ts';

export interface NonlinearOptions {
  readonly state: number;
  readonly labelSize: number;
  readonly hidden: number;
  readonly output: 'linear' | 'tanh';
  /** Columns of A whose absolute values sum to more are penalised. */
  readonly mu: number;
  /** Weight of the penalty. */
  readonly beta: number;
}

/**
 * The nonlinear transition of Scarselli et al. 2009, equation (3): x_n = sum over u in ne[n] of h_w(x_u, l_n, l_u), with
 * h_w a perceptron. It is a contraction only as far as the penalty makes it one.
 */
export function nonlinearTransition(options: NonlinearOptions): Transition {
  const { state, labelSize, hidden, output } = options;
  const spec: PerceptronSpec = { inputs: state + 2 * labelSize, hidden, outputs: state, output };
  return {
    state,
    parameters: parametersOf(spec),
    on: (graph, weights) => new NonlinearOnGraph(graph, weights, spec, options),
  };
}

class NonlinearOnGraph implements BoundTransition {
  readonly #graph: Graph;
  readonly #options: NonlinearOptions;
  readonly #h: Perceptron;
  readonly #blocks: Float64Array;
  readonly #input: Float64Array;

  constructor(graph: Graph, weights: Float64Array, spec: PerceptronSpec, options: NonlinearOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#h = new Perceptron(spec, weights);
    this.#blocks = new Float64Array(graph.from.length * options.state ** 2);
    this.#input = new Float64Array(spec.inputs);
  }

  renew(): void {}

  apply(x: Float64Array, to: Float64Array): void {
    const s = this.#options.state;
    to.fill(0);
    this.#eachArc(x, (_, n) => {
      const { y } = this.#h;
      for (let i = 0; i < s; i++) to[n * s + i]! += y[i]!;
    });
  }

  linearise(x: Float64Array): Float64Array {
    const s = this.#options.state;
    this.#eachArc(x, (a) => this.#h.jacobian(s, this.#blocks, a * s * s));
    return this.#blocks;
  }

  gradient(x: Float64Array, z: Float64Array, gradient: Float64Array): void {
    const s = this.#options.state;
    this.#eachArc(x, (_, n) => this.#h.backward(this.#input, z.subarray(n * s, (n + 1) * s), gradient));
  }

  /**
   * beta sum over the columns of L(sum of their absolute values), L(y) = (y - mu)^2 / 2 above mu. The half makes the
   * gradient that of the authors' program, beta (y - mu) sign(A) dA/dw; like theirs it holds x fixed, so it is not the
   * whole derivative. Unlike theirs it has the derivative of a tanh output too.
   */
  penalty(x: Float64Array, gradient: Float64Array): number {
    const { state: s, mu, beta } = this.#options;
    const sums = columnSums(this.#graph, s, this.#blocks);
    if (sums.every((sum) => sum <= mu)) return 0;
    const excess = sums.map((sum) => Math.max(0, sum - mu));
    const r = new Float64Array(s * s);
    this.#eachArc(x, (a, _, u) => {
      for (let i = 0; i < s; i++)
        for (let j = 0; j < s; j++)
          r[i * s + j] = beta * excess[u * s + j]! * Math.sign(this.#blocks[(a * s + i) * s + j]!);
      if (r.some((value) => value !== 0)) this.#jacobianGradient(r, gradient);
    });
    return (beta / 2) * excess.reduce((sum, value) => sum + value ** 2, 0);
  }

  /** Adds the gradient of sum r_ij J_ij over the weights, with J = D_y W2 D_h W1, its first `state` columns. */
  #jacobianGradient(r: Float64Array, gradient: Float64Array): void {
    const { h, w, w2, b2, spec } = this.#h;
    const { inputs, hidden, output } = spec;
    const s = this.#options.state;
    const dz = new Float64Array(hidden);
    for (let i = 0; i < s; i++) {
      const slope = this.#h.slope(i);
      let da = 0;
      for (let k = 0; k < hidden; k++) {
        const dh = 1 - h[k]! ** 2;
        const v = w[w2 + i * hidden + k]!;
        let q = 0;
        for (let j = 0; j < s; j++) {
          q += r[i * s + j]! * w[k * inputs + j]!;
          gradient[k * inputs + j]! += slope * v * dh * r[i * s + j]!;
        }
        gradient[w2 + i * hidden + k]! += slope * dh * q;
        dz[k]! += slope * v * q * -2 * h[k]! * dh;
        da += v * dh * q;
      }
      if (output === 'linear') continue;
      da *= -2 * this.#h.y[i]! * slope;
      gradient[b2 + i]! += da;
      for (let k = 0; k < hidden; k++) {
        gradient[w2 + i * hidden + k]! += da * h[k]!;
        dz[k]! += da * w[w2 + i * hidden + k]! * (1 - h[k]! ** 2);
      }
    }
    this.#h.hiddenBackward(this.#input, dz, gradient);
  }

  /** Calls with each arc, the node it leads into, and the one it comes from, after h_w was computed there. */
  #eachArc(x: Float64Array, visit: (arc: number, into: number, from: number) => void): void {
    const { nodes, first, from, labels, labelSize } = this.#graph;
    const { state } = this.#options;
    const input = this.#input;
    for (let n = 0; n < nodes; n++)
      for (let a = first[n]!; a < first[n + 1]!; a++) {
        const u = from[a]!;
        for (let j = 0; j < state; j++) input[j] = x[u * state + j]!;
        for (let j = 0; j < labelSize; j++) {
          input[state + j] = labels[n * labelSize + j]!;
          input[state + labelSize + j] = labels[u * labelSize + j]!;
        }
        this.#h.forward(input);
        visit(a, n, u);
      }
  }
}
