import { readFileSync } from 'node:fs';
import test from 'ava';
import { createEngine } from '../../../src/model/engine/engine.ts';
import type { Optimizer } from '../../../src/model/engine/optimizer.ts';
import { type LstmSpec, type Weights, weightNames } from '../../../src/model/engine/spec.ts';
import { distance } from './random.ts';

type Numbers = Record<keyof Weights, number[]>;

interface Case {
  readonly name: string;
  readonly spec: LstmSpec;
  readonly batch: number;
  readonly steps: number;
  readonly x: number[];
  readonly y: number[];
  readonly weights: Numbers;
  readonly output: number[];
  readonly loss: number;
  readonly gradients: Numbers;
  readonly optimizer?: Optimizer;
  readonly count: number;
  readonly after: Numbers;
  readonly lossAfter: number;
}

const file = new URL('../../fixtures/pytorch-lstm.json', import.meta.url);
const { torch, cases } = JSON.parse(readFileSync(file, 'utf8')) as { torch: string; cases: Case[] };
const engine = createEngine();

/** Small gradients decide late steps: after 1,000 of NAdam, PyTorch's own float32 and float64 are 2e-2 apart. */
const tolerance = (count: number) => (count < 1000 ? 2e-5 : 2e-3);

const float32 = (numbers: Numbers) =>
  Object.fromEntries(
    weightNames.map((name) => [name, Float32Array.from(numbers[name])]),
  ) as unknown as Weights;

for (const { name, spec, batch, steps, optimizer, ...numbers } of cases) {
  test(`as PyTorch ${torch}: ${name}`, (t) => {
    const given = { batch, steps, x: Float32Array.from(numbers.x), y: Float32Array.from(numbers.y) };
    const start = float32(numbers.weights);
    const trainer = engine.trainer(spec, optimizer ?? { kind: 'adam', rate: 1e-3 }, start);
    t.true(distance(trainer.network().forward(given.x, given), numbers.output, 0.1) < 1e-6);
    const { loss, gradients } = trainer.gradients(given);
    t.true(distance([loss], [numbers.loss], 1e-3) < 1e-6);
    for (const tensor of weightNames) {
      t.true(distance(gradients[tensor], numbers.gradients[tensor], 1e-6) < 1e-5, tensor);
    }
    if (!optimizer) return;
    for (let n = 0; n < numbers.count; n++) trainer.step(given);
    const after = trainer.weights();
    for (const tensor of weightNames) {
      const off = distance(after[tensor], numbers.after[tensor], 1e-3);
      t.true(off < tolerance(numbers.count), `${tensor} is ${off} off after ${numbers.count} steps`);
      t.true(
        distance(after[tensor], start[tensor] as unknown as number[], 1e-3) > 1e-2,
        `${tensor} did not move`,
      );
    }
    t.true(distance([trainer.gradients(given).loss], [numbers.lossAfter], 1e-9) < 1e-3);
  });
}
