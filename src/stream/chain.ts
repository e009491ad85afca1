import { flatLine, grossRange, type Limits, Outcome, outcomes, rateOfChange, spike } from './checks.ts';
import type { Series } from './series.ts';

/** Columns of a chain after the time. A chain holds the readings of one series that can be neighbours. */
export const VALUE = 1;
export const RECEIVED_AT = 2;
export const OUTCOMES = 3;
export const WIDTH = 4;

/** Checks the rows of a chain against their neighbours: the limits of one variable, compiled once. */
export class ChainChecks {
  readonly #limits: Limits;
  readonly #gap: number;
  /** How many readings, this one included, a check looks back over. */
  readonly reach: number;

  constructor(limits: Limits, gap: number) {
    this.#limits = limits;
    this.#gap = gap;
    this.reach = Math.max(1, limits.flatLine?.suspect ?? 1, limits.flatLine?.fail ?? 1);
  }

  grossRange(value: number): Outcome {
    return this.#capped(grossRange(value, this.#limits.grossRange), value);
  }

  /** The outcomes of all checks of a row, in a byte. */
  evaluate(chain: Series, row: number): number {
    const value = chain.at(row, VALUE);
    return outcomes(
      this.grossRange(value),
      this.spike(chain, row),
      this.#capped(this.#rateOfChange(chain, row), value),
      this.#capped(flatLine(this.#run(chain, row), this.#limits.flatLine), value),
    );
  }

  spike(chain: Series, row: number): Outcome {
    const { spike: limits } = this.#limits;
    if (!limits || !this.#linked(chain, row) || !this.#linked(chain, row + 1)) return Outcome.notEvaluated;
    const value = chain.at(row, VALUE);
    const mean = (chain.at(row - 1, VALUE) + chain.at(row + 1, VALUE)) / 2;
    return this.#capped(spike(Math.abs(value - mean), limits), value);
  }

  /**
   * How many rows before `row` a check can still look back over: the one before, and those that one flat line could
   * hold. Values within the tolerance of some value are within twice the tolerance of each other; the margin covers
   * the rounding of differences.
   */
  historyOf(chain: Series, row: number): number {
    const most = Math.min(row, this.reach);
    const width = (this.#limits.flatLine?.tolerance ?? 0) * (2 + 1e-9);
    let [history, low, high] = [0, Infinity, -Infinity];
    while (history < most) {
      const value = chain.at(row - history - 1, VALUE);
      [low, high] = [Math.min(low, value), Math.max(high, value)];
      if (history > 0 && high - low > width) break;
      history++;
    }
    return history;
  }

  #rateOfChange(chain: Series, row: number): Outcome {
    const { rateOfChange: limits } = this.#limits;
    if (!limits || !this.#linked(chain, row)) return Outcome.notEvaluated;
    const change = chain.at(row, VALUE) - chain.at(row - 1, VALUE);
    return rateOfChange(change, chain.time(row) - chain.time(row - 1), limits);
  }

  /** Readings in a row up to this one that lie within the tolerance of it, counted as far as it matters. */
  #run(chain: Series, row: number): number {
    const { flatLine: limits } = this.#limits;
    if (!limits) return 1;
    const value = chain.at(row, VALUE);
    let run = 1;
    while (run < this.reach && this.#linked(chain, row - run + 1)) {
      if (Math.abs(value - chain.at(row - run, VALUE)) > limits.tolerance) break;
      run++;
    }
    return run;
  }

  /** Whether a row and the one before it are neighbours. */
  #linked(chain: Series, row: number): boolean {
    return row > 0 && row < chain.length && chain.time(row) - chain.time(row - 1) <= this.#gap;
  }

  #capped(outcome: Outcome, value: number): Outcome {
    const { ceiling } = this.#limits;
    return outcome === Outcome.fail && ceiling !== undefined && value >= ceiling ? Outcome.suspect : outcome;
  }
}
