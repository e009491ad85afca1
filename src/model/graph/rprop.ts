export interface RpropOptions {
  readonly initial: number;
  readonly smallest: number;
  readonly greatest: number;
  readonly grow: number;
  readonly shrink: number;
}

/** Those of the authors' program for graph neural networks. */
export const rpropDefaults: RpropOptions = {
  initial: 0.001,
  smallest: 1e-6,
  greatest: 50,
  grow: 1.2,
  shrink: 0.5,
};

/**
 * Resilient back-propagation with weight backtracking (Riedmiller and Braun 1993): each weight has a step of its own,
 * which grows while its gradient keeps the sign; where the sign turns the step shrinks, the last change is taken back,
 * and the next gradient counts as the first.
 */
export class Rprop {
  readonly #options: RpropOptions;
  readonly #steps: Float64Array;
  readonly #last: Float64Array;
  readonly #changes: Float64Array;

  constructor(size: number, options: RpropOptions = rpropDefaults) {
    this.#options = options;
    this.#steps = new Float64Array(size).fill(options.initial);
    this.#last = new Float64Array(size);
    this.#changes = new Float64Array(size);
  }

  /** Changes the weights in place. */
  step(weights: Float64Array, gradient: Float64Array): void {
    const { grow, shrink, smallest, greatest } = this.#options;
    for (let i = 0; i < weights.length; i++) {
      const sign = Math.sign(gradient[i]! * this.#last[i]!);
      if (sign < 0) {
        this.#steps[i] = Math.max(this.#steps[i]! * shrink, smallest);
        weights[i]! -= this.#changes[i]!;
        this.#changes[i] = 0;
        this.#last[i] = 0;
        continue;
      }
      if (sign > 0) this.#steps[i] = Math.min(this.#steps[i]! * grow, greatest);
      this.#changes[i] = -Math.sign(gradient[i]!) * this.#steps[i]!;
      weights[i]! += this.#changes[i]!;
      this.#last[i] = gradient[i]!;
    }
  }
}
