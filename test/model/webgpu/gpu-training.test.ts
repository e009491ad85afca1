import test, { type ExecutionContext } from 'ava';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { type Fitted, type Training, trainOne } from '../../../src/model/engine/fit.ts';
import { initialWeights, uniform } from '../../../src/model/engine/initial.ts';
import { targetsOf, type Weights, weightNames } from '../../../src/model/engine/spec.ts';
import type { Failed } from '../../../src/model/engine/train-many.ts';
import type { Trained } from '../../../src/model/lstm-backend.ts';
import { trainingProblem } from '../../../src/model/webgpu/gpu-training.ts';
import { trainOnGpu, webgpuBackend } from '../../../src/model/webgpu/webgpu-backend.ts';
import { deviceFor } from './gpu.ts';

/** Losses of a GPU and of the engine differ by less, of their size: both are float32, and add up in other orders. */
const tolerance = 1e-5;
/** What rounding comes to in some epochs. */
const afterEpochs = 1e-4;

type Shape = Pick<Training, 'spec'> & Partial<Training> & { readonly windows?: number };

function jobOf({ spec, windows = 150, ...more }: Shape, weighted = false): Training {
  const next = uniform(more.seed ?? 7);
  const steps = 12;
  const draw = (count: number) => Float32Array.from({ length: count }, next);
  const targets = windows * targetsOf(spec);
  const weight = weighted && Float32Array.from({ length: targets }, () => (next() < 0.2 ? 0 : 1 + next()));
  const train = { windows, steps, x: draw(windows * steps * spec.inputs), y: draw(targets) };
  return {
    ...{ spec, optimizer: { kind: 'adam', rate: 2e-3 }, batch: 64, epochs: 3, seed: 5 },
    train: { ...train, ...(weight && { weight }) },
    ...more,
  };
}

const cases: Record<string, Training> = {
  'the study': jobOf({ spec: { inputs: 1, hidden: 32, outputs: 3, head: 'relu' }, tail: 'drop' }),
  'Keras, shuffled, weighted targets': jobOf(
    { spec: { inputs: 2, hidden: 16, outputs: 3, head: 'linear', biases: 1 }, shuffle: true },
    true,
  ),
  'quantiles, Nadam, weighted targets': jobOf(
    {
      spec: { inputs: 5, hidden: 24, outputs: 6, head: 'linear', quantiles: [0.1, 0.5, 0.9] },
      optimizer: { kind: 'nadam', rate: 2e-3 },
    },
    true,
  ),
};

const fitted = (one: Fitted | Failed | undefined): Fitted => {
  if (one?.kind !== 'fitted') throw new Error(one?.reason ?? 'no result');
  return one;
};
const lossesOf = (one: Fitted) => one.history.map(({ train }) => train);
const judgedOf = (one: Fitted) => one.history.map(({ validation }) => validation!);
const apart = (a: Weights, b: Weights) =>
  Math.max(...weightNames.flatMap((name) => Array.from(a[name], (v, n) => Math.abs(v - b[name][n]!))));

function near(
  t: ExecutionContext,
  actual: readonly number[],
  expected: readonly number[],
  within = tolerance,
): void {
  t.is(actual.length, expected.length);
  actual.forEach((loss, n) =>
    t.true(Math.abs(loss - expected[n]!) < within * expected[n]!, `${loss}, ${expected[n]}`),
  );
}

for (const [name, job] of Object.entries(cases))
  test.serial(`GPU and engine learn the same: ${name}`, async (t) => {
    t.timeout(120_000);
    const opened = await deviceFor(t);
    if (!opened) return;
    const expected = trainOne(createEngine({ simd: 'fixed' }), job);
    const alone = fitted((await trainOnGpu(opened, [job]))[0]);
    const losses = lossesOf(expected);
    near(t, lossesOf(alone), losses);
    t.true(losses.at(-1)! < losses[0]!, 'nothing was learned');
    t.true(apart(alone.weights, expected.weights) < tolerance);
    opened.device.destroy();
  });

test.serial('an output that hits its target exactly is left as it is, as by the engine', async (t) => {
  t.timeout(120_000);
  const opened = await deviceFor(t);
  if (!opened) return;
  const { train, ...job } = cases['quantiles, Nadam, weighted targets']!;
  const start = initialWeights(job.spec, 5);
  start.head_weight.fill(0);
  start.head_bias.fill(0.5);
  const still = { ...job, start, train: { ...train, y: train.y.slice().fill(0.5) } };
  const { weights } = fitted((await trainOnGpu(opened, [still]))[0]);
  t.is(apart(weights, start), 0);
  t.is(apart(trainOne(createEngine({ simd: 'fixed' }), still).weights, start), 0);
  opened.device.destroy();
});

test.serial('models that are trained together learn what each learns alone, to the bit', async (t) => {
  t.timeout(120_000);
  const opened = await deviceFor(t);
  if (!opened) return;
  const first = cases['Keras, shuffled, weighted targets']!;
  const jobs = [first, { ...first, seed: 6 }, { ...first, seed: 7 }];
  const together = await trainOnGpu(opened, jobs);
  for (const [n, job] of jobs.entries()) t.deepEqual((await trainOnGpu(opened, [job]))[0], together[n]);
  t.not(lossesOf(fitted(together[0]))[0], lossesOf(fitted(together[1]))[0]);
  opened.device.destroy();
});

test.serial(
  'models with windows of their own are judged on others, and end where the engine ends them',
  async (t) => {
    t.timeout(120_000);
    const opened = await deviceFor(t);
    if (!opened) return;
    const base = cases['quantiles, Nadam, weighted targets']!;
    const own = (windows: number, seed: number) => jobOf({ spec: base.spec, windows, seed }, true).train;
    const job = (seed: number, train: number, validation: number): Training => ({
      ...base,
      ...{
        seed,
        shuffle: true,
        epochs: 8,
        optimizer: { kind: 'nadam', rate: 2e-2 },
        train: own(train, seed),
        validation: own(validation, seed + 9),
      },
    });
    const jobs = [
      { ...job(1, 150, 40), patience: 1 },
      { ...job(2, 90, 1100), patience: 2 },
      { ...job(3, 200, 30), epochs: 3 },
    ];
    const results = await trainOnGpu(opened, jobs);
    for (const [n, one] of jobs.entries()) {
      const expected = trainOne(createEngine({ simd: 'fixed' }), one);
      const actual = fitted(results[n]);
      near(t, lossesOf(actual), lossesOf(expected), afterEpochs);
      near(t, judgedOf(actual), judgedOf(expected), afterEpochs);
      t.like(actual, { epoch: expected.epoch, why: expected.why });
      t.true(apart(actual.weights, expected.weights) < afterEpochs);
    }
    const ends = results.map((one) => fitted(one)).map(({ epoch, history }) => history.length - epoch);
    t.deepEqual(ends, [1, 2, 0], 'epochs after the best');
    opened.device.destroy();
  },
);

test.serial('every buffer of a training is given back, also when it fails', async (t) => {
  t.timeout(120_000);
  const opened = await deviceFor(t);
  if (!opened) return;
  let [made, given] = [0, 0];
  const device = new Proxy(opened.device, {
    get: (target, key) => {
      const value = Reflect.get(target, key);
      if (key !== 'createBuffer') return typeof value === 'function' ? value.bind(target) : value;
      return (of: { size: number; usage: number }) => {
        made++;
        const buffer = target.createBuffer(of);
        const destroy = buffer.destroy.bind(buffer);
        buffer.destroy = () => {
          given++;
          destroy();
        };
        return buffer;
      };
    },
  });
  const job = cases['the study']!;
  await trainOnGpu({ ...opened, device }, [job]);
  t.true(made > 9);
  t.is(given, made);
  const abort = AbortSignal.abort(new Error('enough'));
  const ended = trainOnGpu({ ...opened, device }, [job], { signal: abort });
  await t.throwsAsync(ended, { message: 'enough' });
  t.is(given, made);
  opened.device.destroy();
});

test.serial(
  'a number that is not finite is refused with its place, and what is too large before it is made',
  async (t) => {
    const opened = await deviceFor(t);
    if (!opened) return;
    const { train, ...job } = cases['the study']!;
    const x = train.x.slice();
    x[3] = Number.NaN;
    const broken = trainOnGpu(opened, [{ ...job, train: { ...train, x } }]);
    await t.throwsAsync(broken, { instanceOf: RangeError, message: /^x\[3\] is NaN/ });
    const small = { ...opened.device.limits, maxStorageBufferBindingSize: 1000 };
    const device = new Proxy(opened.device, {
      get: (target, key) => {
        const value = key === 'limits' ? small : Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await t.throwsAsync(trainOnGpu({ ...opened, device }, [{ ...job, train }]), {
      message: /^x of the training takes 7200 bytes, and the GPU binds 1000: train fewer at once$/,
    });
    const spec = { ...job.spec, head: 'linear' as const };
    const wild = { ...job, spec, train, optimizer: { kind: 'adam' as const, rate: 1e30 } };
    const [lost, other] = await trainOnGpu(opened, [wild, { ...wild, seed: 6 }]);
    t.is(lost!.kind, 'failed');
    t.regex((lost as Failed).reason, /the loss of epoch \d is .*; lower the learning rate/);
    t.is(other!.kind, 'failed');
    opened.device.destroy();
  },
);

test.serial('what the kernel does not know the engine trains, and says why', async (t) => {
  const job = cases['the study']!;
  t.regex(trainingProblem([{ ...job, stateful: 'stale' }])!, /state from batch to batch/);
  t.regex(trainingProblem([{ ...job, spec: { ...job.spec, hidden: 65 } }])!, /65 units/);
  t.regex(trainingProblem([job, { ...job, batch: 32 }])!, /must share/);
  t.is(trainingProblem([job, { ...job, seed: 9 }]), undefined);
  const opened = await deviceFor(t);
  if (!opened) return;
  const backend = webgpuBackend(opened);
  t.regex(backend.name, /^webgpu \(.+\)$/);
  const small = { ...job, stateful: 'stale' as const, epochs: 1, tail: 'drop' as const };
  const [byEngine] = await backend.train!([small], {});
  t.like(byEngine, { kind: 'fitted', by: { name: 'engine (WebAssembly, SIMD)' } });
  t.false('hardware' in (byEngine as Trained).by);
  await t.throwsAsync(webgpuBackend(opened, true).train!([small], {}), {
    message: /can't be trained on the GPU: it carries state from batch to batch/,
  });
  const [byGpu] = await backend.train!([{ ...job, epochs: 1 }], {});
  t.like(byGpu, { by: { name: backend.name, hardware: { backend: 'webgpu' } } });
  opened.device.destroy();
});
