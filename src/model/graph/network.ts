import { iterate, type Stopping, stoppingDefaults } from './fixed-point.ts';
import type { Graph } from './graph.ts';
import { Perceptron, type PerceptronSpec, parametersOf } from './perceptron.ts';
import { type BoundTransition, type Transition, timesJacobian } from './transition.ts';

export interface GraphNetworkOptions {
  readonly transition: Transition;
  /** Hidden units of the output network g_w, whose input is [x_n, l_n]. */
  readonly hidden: number;
  readonly output: 'linear' | 'tanh';
}

/**
 * The graph neural network of Scarselli et al. 2009 on one graph: states are the fixed point of the transition,
 * equations (4) and (5), outputs are o_n = g_w(x_n, l_n) of (1), and the error is the sum of (t_n - o_n)^2 of (6).
 * Everything in float64.
 */
export class GraphNetwork {
  /** [nodes, state]; the next relaxation begins from it. */
  readonly states: Float64Array;
  /** [nodes] */
  readonly outputs: Float64Array;
  readonly #graph: Graph;
  readonly #transition: BoundTransition;
  readonly #split: number;
  readonly #size: number;
  readonly #g: Perceptron;
  readonly #z: Float64Array;
  readonly #spare: Float64Array;

  constructor(graph: Graph, weights: Float64Array, { transition, hidden, output }: GraphNetworkOptions) {
    const { state, parameters } = transition;
    this.#graph = graph;
    this.#size = state;
    this.#split = parameters;
    this.#transition = transition.on(graph, weights.subarray(0, parameters));
    this.#g = new Perceptron(
      outputSpec(graph.labelSize, state, hidden, output),
      weights.subarray(parameters),
    );
    this.states = new Float64Array(graph.nodes * state);
    this.outputs = new Float64Array(graph.nodes);
    this.#z = new Float64Array(graph.nodes * state);
    this.#spare = new Float64Array(graph.nodes * state);
  }

  /** Relaxes the states and computes the outputs; answers with the steps it took. */
  forward(stopping: Stopping = stoppingDefaults): number {
    this.#transition.renew();
    const steps = iterate((x, to) => this.#transition.apply(x, to), this.states, this.#spare, stopping);
    const input = new Float64Array(this.#size + this.#graph.labelSize);
    for (let n = 0; n < this.#graph.nodes; n++)
      this.outputs[n] = this.#g.forward(this.#inputOf(n, input))[0]!;
    return steps;
  }

  error(): number {
    const { targets, known } = this.#graph;
    return this.outputs.reduce(
      (sum, output, n) => (known && !known[n] ? sum : sum + (targets[n]! - output) ** 2),
      0,
    );
  }

  /**
   * After `forward`: writes the gradient of the error and of the contraction penalty, and answers with the penalty.
   * z = b (I - A)^-1 with b = (de/do)(dG/dx) is the fixed point of z A + b (Almeida, Pineda), and de/dw =
   * (de/do)(dG/dw) + z (dF/dw).
   */
  backward(gradient: Float64Array, stopping: Stopping = stoppingDefaults): number {
    gradient.fill(0);
    const b = this.#outputBackward(gradient.subarray(this.#split));
    const blocks = this.#transition.linearise(this.states);
    const z = this.#z.fill(0);
    const next = (from: Float64Array, to: Float64Array) => {
      timesJacobian(this.#graph, this.#size, blocks, from, to);
      for (let i = 0; i < to.length; i++) to[i]! += b[i]!;
    };
    iterate(next, z, this.#spare, stopping);
    const ofTransition = gradient.subarray(0, this.#split);
    this.#transition.gradient(this.states, z, ofTransition);
    return this.#transition.penalty(this.states, ofTransition);
  }

  /** (de/do)(dG/dx), [nodes, state]; adds (de/do)(dG/dw) to `gradient`. */
  #outputBackward(gradient: Float64Array): Float64Array {
    const { nodes, targets, known, labelSize } = this.#graph;
    const b = new Float64Array(nodes * this.#size);
    const input = new Float64Array(this.#size + labelSize);
    const dx = new Float64Array(input.length);
    const dy = new Float64Array(1);
    for (let n = 0; n < nodes; n++) {
      if (known && !known[n]) continue;
      this.#g.forward(this.#inputOf(n, input));
      dy[0] = 2 * (this.outputs[n]! - targets[n]!);
      this.#g.backward(input, dy, gradient, dx);
      b.set(dx.subarray(0, this.#size), n * this.#size);
    }
    return b;
  }

  #inputOf(n: number, input: Float64Array): Float64Array {
    const { labels, labelSize } = this.#graph;
    input.set(this.states.subarray(n * this.#size, (n + 1) * this.#size));
    input.set(labels.subarray(n * labelSize, (n + 1) * labelSize), this.#size);
    return input;
  }
}

/** Weights of the whole network. */
export const graphParameters = (labelSize: number, { transition, hidden, output }: GraphNetworkOptions) =>
  transition.parameters + parametersOf(outputSpec(labelSize, transition.state, hidden, output));

const outputSpec = (
  labelSize: number,
  state: number,
  hidden: number,
  output: 'linear' | 'tanh',
): PerceptronSpec => ({ inputs: state + labelSize, hidden, outputs: 1, output });
