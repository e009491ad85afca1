import test from 'ava';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { epochs, type FitState, type Training, trainOne } from '../../../src/model/engine/fit.ts';
import { initialWeights } from '../../../src/model/engine/initial.ts';
import { trainMany } from '../../../src/model/engine/train-many.ts';
import { sample } from './random.ts';

const steps = 6;

function job(seed: number, own: Partial<Training> = {}): Training {
  const spec = { inputs: 1, hidden: 5 + seed, outputs: 1, head: 'linear' as const };
  const windows = (count: number, at: number) => {
    const { given } = sample({ spec, batch: count, steps, seed: seed + at });
    return {
      windows: count,
      steps,
      x: given.x,
      y: given.y.map((_, n) => given.x[n * steps + steps - 1]! / 3),
    };
  };
  return {
    spec,
    optimizer: { kind: 'adam', rate: 1e-2 },
    train: windows(90, 0),
    validation: windows(30, 1),
    batch: 16,
    epochs: 12,
    seed,
    ...own,
  };
}

const jobs = [
  job(1, { shuffle: true }),
  job(2, { patience: 2, optimizer: { kind: 'nadam', rate: 5e-2 } }),
  job(3, { stateful: 'contiguous', batch: 4 }),
  job(4, { stateful: 'stale', tail: 'drop' }),
  job(5, { spec: { ...job(5).spec, outputs: 3, quantiles: [0.1, 0.5, 0.9] } }),
];

test('for a seed the result is the same bits for any number of workers, and in this thread', async (t) => {
  const engine = createEngine();
  const here = jobs.map((one) => trainOne(engine, one));
  for (const workers of [1, 2, 3])
    t.deepEqual(await trainMany(jobs, { workers }), here, `${workers} workers`);
  for (const { history } of here) t.true(history.at(-1)!.train < history[0]!.train);
});

test('patience gives back the weights of the best epoch', (t) => {
  const { history, weights, why, epoch } = trainOne(
    createEngine(),
    job(2, { patience: 2, epochs: 400, seed: 9 }),
  );
  t.is(why, 'patience');
  const best = Math.min(...history.map((one) => one.validation!));
  t.is(history[epoch - 1]!.validation, best);
  t.is(history.length, epoch + 2);
  t.deepEqual(weights, trainOne(createEngine(), job(2, { epochs: epoch, seed: 9 })).weights);
});

test('a run that was cut goes on to the same bits', async (t) => {
  const states: FitState[] = [];
  const whole = await trainMany([jobs[0]!, jobs[1]!], {
    checkpointEvery: 5,
    onCheckpoint: (index, state) => index === 0 && states.push(state),
  });
  t.deepEqual(
    states.map((state) => state.history.length),
    [5, 10],
  );
  const seen: number[] = [];
  const onEpoch = (index: number, { epoch }: { epoch: number }) => index === 0 && seen.push(epoch);
  t.deepEqual(await trainMany([jobs[0]!, jobs[1]!], { resume: [states[0]], onEpoch }), whole);
  t.deepEqual(seen, [6, 7, 8, 9, 10, 11, 12]);
});

test('a job that fails says why, and the others go on', async (t) => {
  const seen: number[] = [];
  const bad = { ...job(1), start: initialWeights({ ...job(1).spec, hidden: 2 }, 1) };
  const results = await trainMany([bad, job(1, { epochs: 2 }), job(2, { epochs: 0 })], {
    workers: 1,
    onEpoch: (index) => seen.push(index),
  });
  t.like(results[0], { kind: 'failed', reason: 'LSTM weight "weight_ih" must have 24 numbers, not 8' });
  t.like(results[1], { kind: 'fitted', why: 'all epochs done' });
  t.like(results[2], { kind: 'failed', reason: 'epochs must be a whole number, not 0' });
  t.deepEqual(seen, [1, 1]);
});

test('an abort ends the workers', async (t) => {
  const abort = new AbortController();
  const long = job(1, { epochs: 1_000_000 });
  const run = trainMany([long, long], {
    signal: abort.signal,
    onEpoch: () => abort.abort(new Error('enough')),
  });
  await t.throwsAsync(run, { message: 'enough' });
  await t.throwsAsync(trainMany([long], { signal: abort.signal }), { message: 'enough' });
});

test('impossible jobs are refused', (t) => {
  const engine = createEngine();
  const refused = (own: Partial<Training>, message: RegExp) =>
    t.throws(() => [...epochs(engine, { ...job(1), ...own })], { message });
  refused({ batch: 0 }, /batch must be a whole number, not 0/);
  refused({ stateful: 'stale', shuffle: true }, /windows in order/);
  refused({ stateful: 'stale', batch: 91 }, /90 windows are less than one batch of 91/);
  const { validation, ...without } = job(1);
  t.throws(() => trainOne(engine, { ...without, patience: 1 }), { message: /patience needs validation/ });
  t.truthy(validation);
});
