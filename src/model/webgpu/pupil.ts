import type { Epoch, Fitted, Training } from '../engine/fit.ts';
import type { Weights } from '../engine/spec.ts';
import type { Failed } from '../engine/train-many.ts';

/** One model of those that learn at once: when it is over, and with which weights, as the engine's `epochs` has it. */
export class Pupil {
  readonly #job: Training;
  readonly #history: Epoch[] = [];
  #best: { readonly epoch: number; readonly loss: number; weights?: Weights } | undefined;

  constructor(job: Training) {
    this.#job = job;
  }

  get over(): boolean {
    const { epochs, patience = Number.POSITIVE_INFINITY } = this.#job;
    const since = this.#history.length - (this.#best?.epoch ?? 0);
    return this.#history.length >= epochs || since >= patience || this.#bad !== undefined;
  }

  /** Answers whether its weights now are those to `keep`. */
  hear(epoch: Epoch): boolean {
    this.#history.push(epoch);
    const { validation } = epoch;
    if (validation === undefined || validation >= (this.#best?.loss ?? Number.POSITIVE_INFINITY))
      return false;
    this.#best = { epoch: epoch.epoch, loss: validation };
    return this.#job.patience !== undefined;
  }

  keep(weights: Weights): void {
    this.#best!.weights = weights;
  }

  /** `last` are its weights after the last epoch. */
  end(last: Weights): Fitted | Failed {
    const history = this.#history;
    const bad = this.#bad;
    if (bad)
      return {
        kind: 'failed',
        reason: `the loss of epoch ${bad.epoch} is ${bad.train}; lower the learning rate`,
      };
    const { weights = last, epoch } = this.#best?.weights ? this.#best : { epoch: history.length };
    const why = history.length < this.#job.epochs ? 'patience' : 'all epochs done';
    return { kind: 'fitted', weights, history, why, epoch };
  }

  get #bad(): Epoch | undefined {
    return this.#history.find(({ train, validation = 0 }) => !Number.isFinite(train + validation));
  }
}
