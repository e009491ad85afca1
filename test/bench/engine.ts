/**
 * The fused LSTM engine against TensorFlow.js and PyTorch on the study's network: LSTM(1, 32), head 3. Rounds are
 * paired: in each, everybody runs once, one after the other, and a ratio is the median over the rounds.
 */
import { cpus } from 'node:os';
import { createEngine } from '../../src/model/engine/engine.ts';
import type { Training } from '../../src/model/engine/fit.ts';
import { uniform } from '../../src/model/engine/initial.ts';
import { allowRelaxedSimd, bestSimd, instantiate, type Simd } from '../../src/model/engine/kernels.ts';
import { trainMany } from '../../src/model/engine/train-many.ts';
import { enginePeer, type Peer, pytorchPeer, spec, tfjsPeer, type What } from './engine/peers.ts';

type Print = (line: object) => void;

interface Case {
  readonly title: string;
  readonly what: What;
  readonly batch: number;
  readonly steps: number;
  /** Calls a round: of the engine and PyTorch, and of TensorFlow.js. */
  readonly times: readonly [number, number];
  /** Least ratios: TensorFlow.js' time over ours, PyTorch's over ours. */
  readonly limits: readonly [tfjs: number, pytorch: number];
}

const cases: readonly Case[] = [
  {
    title: 'one window of 24 steps',
    what: 'forward',
    batch: 1,
    steps: 24,
    times: [400, 10],
    limits: [150, 5],
  },
  {
    title: '256 windows of 24 steps',
    what: 'forward',
    batch: 256,
    steps: 24,
    times: [20, 2],
    limits: [12, 0.5],
  },
  {
    title: 'training, batch 128, 24 steps',
    what: 'train',
    batch: 128,
    steps: 24,
    times: [15, 2],
    limits: [12, 0.8],
  },
  {
    title: 'training, batch 128, 72 steps',
    what: 'train',
    batch: 128,
    steps: 72,
    times: [6, 1],
    limits: [12, 0.8],
  },
];

const rounds = 9;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const round = (value: number) => Number(value.toPrecision(3));

export async function run(print: Print): Promise<void> {
  const byDefault = bestSimd();
  const builds: Simd[] = allowRelaxedSimd() === 'relaxed' ? ['fixed', 'relaxed'] : ['fixed'];
  const [tfjs, pytorch] = [await tfjsPeer(), await pytorchPeer()];
  const peers = [tfjs.name, pytorch?.name ?? 'no PyTorch: set REDTIDE_PYTHON to a python that has it'];
  print({ node: process.version, v8: process.versions.v8, cpu: cpus()[0]?.model, byDefault, peers });
  const peaks = new Map(builds.map((simd) => [simd, peak(simd)]));
  for (const one of cases) await compare(one, builds, tfjs, pytorch, peaks, print);
  pytorch?.close();
  await twoWorkers(byDefault, print);
}

async function compare(
  one: Case,
  builds: readonly Simd[],
  tfjs: Peer,
  pytorch: Peer | undefined,
  peaks: ReadonlyMap<Simd, number>,
  print: Print,
): Promise<void> {
  const engines = builds.map(enginePeer);
  const all: [Peer, number][] = [
    ...engines.map((peer): [Peer, number] => [peer, one.times[0]]),
    [tfjs, one.times[1]],
    ...(pytorch ? [[pytorch, one.times[0]] as [Peer, number]] : []),
  ];
  const took = new Map<Peer, number[]>(all.map(([peer]) => [peer, []]));
  for (let n = -2; n < rounds; n++) {
    for (const [peer, times] of all) {
      const ms = await peer.time(one.what, one.batch, one.steps, times);
      if (n >= 0) took.get(peer)!.push(ms);
    }
  }
  builds.forEach((simd, n) => {
    const mine = took.get(engines[n]!)!;
    const ms = round(median(mine));
    for (const [peer, limit] of [
      [tfjs, one.limits[0]],
      ...(pytorch ? [[pytorch, one.limits[1]] as const] : []),
    ] as const) {
      const theirs = took.get(peer)!;
      const ratio = round(median(theirs.map((other, at) => other / mine[at]!)));
      print({ case: one.title, simd, ms, peer: peer.name, peerMs: round(median(theirs)), ratio, limit });
    }
    const gflops = flops(one) / median(mine) / 1e6;
    const most = peaks.get(simd)!;
    const share = round(gflops / most);
    print({ case: one.title, simd, gflops: round(gflops), peak: round(most), share, bound: bound(one) });
  });
}

/** Multiplications and additions of the matrix products; the first step has no recurrent part. */
function flops({ what, batch, steps }: Case): number {
  const gates = 4 * spec.hidden;
  const [input, recurrent] = [2 * gates * spec.inputs, 2 * gates * spec.hidden];
  const forward = steps * input + (steps - 1) * recurrent;
  return batch * (what === 'train' ? 2 * forward + (steps - 1) * recurrent : forward);
}

const bound = ({ what, batch }: Case) =>
  batch === 1
    ? 'latency: each step waits for the product and the cell before it'
    : what === 'train'
      ? 'multiply-adds (three products a step), then the gates: 5 non-linearities a unit and their derivatives'
      : 'multiply-adds, then the gates: 5 non-linearities a unit against 66 multiply-adds a gate';

/** GFLOP/s of the matrix product alone, [128, 128] x [128, 32], all in the nearest cache: the best of many runs. */
function peak(simd: Simd): number {
  const kernels = instantiate(simd);
  kernels.memory.grow(4);
  const [w, dz, dh] = [kernels.heapBase() + 64, kernels.heapBase() + 20_000, kernels.heapBase() + 100_000];
  const seconds = Array.from({ length: 60 }, () => {
    const start = performance.now();
    kernels.matrixProduct(200, w & -16, dz & -16, dh & -16);
    return (performance.now() - start) / 1000;
  });
  return (200 * 2 * 128 * 128 * 32) / Math.min(...seconds) / 1e9;
}

/** Two threads over two jobs against one, on the same jobs. */
async function twoWorkers(simd: Simd, print: Print): Promise<void> {
  const random = uniform(2);
  const windows = 128 * 200;
  const shared = (length: number) => {
    const values = new Float32Array(new SharedArrayBuffer(length * 4));
    values.forEach((_, n) => {
      values[n] = random();
    });
    return values;
  };
  const train = { windows, steps: 24, x: shared(windows * 24), y: shared(windows * 3) };
  const job = (seed: number): Training => ({
    spec,
    optimizer: { kind: 'adam', rate: 1e-5 },
    train,
    batch: 128,
    epochs: 6,
    seed,
  });
  const jobs = [job(1), job(2)];
  const time = async (workers: number) => {
    const start = performance.now();
    await trainMany(jobs, { workers, simd });
    return performance.now() - start;
  };
  const ratios: number[] = [];
  for (let n = 0; n < 5; n++) ratios.push((await time(1)) / (await time(2)));
  print({
    case: 'two workers against one',
    simd,
    cores: cpus().length,
    ratio: round(median(ratios)),
    limit: 1.7,
  });
}

// Loaded once, so that a missing build is said before the minutes of measuring.
createEngine();
