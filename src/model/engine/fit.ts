import { zeroState } from './batch.ts';
import type { Engine } from './engine.ts';
import { evaluate } from './evaluate.ts';
import { initialWeights } from './initial.ts';
import type { Optimizer } from './optimizer.ts';
import { contiguousOrder, type Stateful, shuffled } from './order.ts';
import type { LstmSpec, Weights } from './spec.ts';
import type { Trainer, TrainerState } from './trainer.ts';
import { gather, type Windows } from './windows.ts';

export interface Training {
  readonly spec: LstmSpec;
  readonly optimizer: Optimizer;
  readonly train: Windows;
  readonly batch: number;
  readonly epochs: number;
  /** Of the initial weights and the shuffling. */
  readonly seed: number;
  /** Instead of `initialWeights(spec, seed)`. */
  readonly start?: Weights;
  /** Default false: in order, as the study does. */
  readonly shuffle?: boolean;
  /** Windows that fill no batch at the end of an epoch; default `keep`. The study drops them, and so does `stateful`. */
  readonly tail?: 'keep' | 'drop';
  /** Default: every window starts from zero state. */
  readonly stateful?: Stateful;
  readonly validation?: Windows;
  /** Ends after so many epochs without a lower validation loss, with the weights of the best one. */
  readonly patience?: number;
}

export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  /** Mean of the batches' losses, each before its step. */
  readonly train: number;
  readonly validation?: number;
}

/** What a fit needs to go on with the same bits after a restart. Survives structuredClone and node:v8 serialize. */
export interface FitState {
  readonly history: readonly Epoch[];
  readonly trainer: TrainerState;
  readonly best?: { readonly epoch: number; readonly loss: number; readonly weights: Weights };
}

export interface Fitted {
  readonly kind: 'fitted';
  readonly weights: Weights;
  readonly history: readonly Epoch[];
  readonly why: 'all epochs done' | 'patience';
  /** The epoch of `weights`. */
  readonly epoch: number;
}

/** After an epoch: what it was, and on demand a copy of the state. */
export interface Progress {
  readonly epoch: Epoch;
  state(): FitState;
}

/** Trains one network, epoch by epoch. */
export function* epochs(engine: Engine, job: Training, from?: FitState): Generator<Progress, Fitted> {
  checkJob(job);
  const start = from?.trainer ?? job.start ?? initialWeights(job.spec, job.seed);
  const trainer = engine.trainer(job.spec, job.optimizer, start);
  try {
    const history = [...(from?.history ?? [])];
    let best = from?.best;
    while (history.length < job.epochs && !patienceOver(job, history, best)) {
      const done = runEpoch(trainer, job, history.length);
      history.push(done);
      if (done.validation !== undefined && !(done.validation >= (best?.loss ?? Infinity))) {
        best = { epoch: done.epoch, loss: done.validation, weights: trainer.weights() };
      }
      const state = () => ({ history: [...history], trainer: trainer.state(), ...(best && { best }) });
      yield { epoch: done, state };
    }
    const keepsBest = job.patience !== undefined && best;
    const why = history.length < job.epochs ? 'patience' : 'all epochs done';
    const { weights, epoch } = keepsBest || { weights: trainer.weights(), epoch: history.length };
    return { kind: 'fitted', weights, history, why, epoch };
  } finally {
    trainer.dispose();
  }
}

/** Trains one network to the end, in this thread. */
export function trainOne(engine: Engine, job: Training, from?: FitState): Fitted {
  const run = epochs(engine, job, from);
  for (;;) {
    const next = run.next();
    if (next.done) return next.value;
  }
}

const patienceOver = (job: Training, history: readonly Epoch[], best: FitState['best']) =>
  job.patience !== undefined && history.length - (best?.epoch ?? 0) >= job.patience;

function checkJob({ train, validation, patience, batch, epochs, stateful, shuffle }: Training): void {
  const whole = (name: string, value: number) => {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number, not ${value}`);
  };
  whole('batch', batch);
  whole('epochs', epochs);
  whole('train.windows', train.windows);
  if (patience !== undefined) whole('patience', patience);
  if (patience !== undefined && !validation) throw new RangeError('patience needs validation windows');
  if (stateful && shuffle)
    throw new RangeError('a stateful network needs its windows in order: drop "shuffle"');
}

/** Order of the windows, or undefined for the order they are in. */
function orderOf({ train, batch, seed, shuffle, stateful }: Training, epoch: number): Int32Array | undefined {
  if (stateful === 'contiguous') return contiguousOrder(train.windows, train.steps, batch, epoch);
  return shuffle ? shuffled(train.windows, seed, epoch) : undefined;
}

function runEpoch(trainer: Trainer, job: Training, epoch: number): Epoch {
  const { train, batch, spec, stateful, validation } = job;
  const order = orderOf(job, epoch);
  const count = order?.length ?? train.windows;
  const end = stateful || job.tail === 'drop' ? count - (count % batch) : count;
  if (end < 1) throw new RangeError(`${count} windows are less than one batch of ${batch}`);
  const state = stateful && zeroState(batch, spec.hidden);
  let sum = 0;
  for (let at = 0; at < end; at += batch) {
    const size = Math.min(batch, end - at);
    const given = gather(spec, train, order, at, size);
    sum += trainer.step(state ? { ...given, state } : given) * size;
  }
  const loss = validation && evaluate(trainer.network(), validation);
  return { epoch: epoch + 1, train: sum / end, ...(loss !== undefined && { validation: loss }) };
}
