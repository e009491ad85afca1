import test from 'ava';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { sample } from './random.ts';

const spec = { inputs: 1, hidden: 4, outputs: 1, head: 'linear' as const };
const { weights, given } = sample({ spec, batch: 1, steps: 2, seed: 1 });

test('a million forecasts take no more memory than the first', (t) => {
  const engine = createEngine();
  const network = engine.load(spec, weights);
  const out = new Float32Array(1);
  const options = { batch: 1, steps: 2, out };
  network.forward(given.x, options);
  const [before, first] = [engine.memory, out[0]];
  for (let n = 0; n < 1_000_000; n++) network.forward(given.x, options);
  t.is(engine.memory, before);
  t.is(out[0], first);
});

test('networks and trainers that come and go, of all sizes, leave nothing behind', (t) => {
  const engine = createEngine();
  const round = () => {
    for (const hidden of [1, 40, 7, 120, 3]) {
      const of = { ...spec, hidden };
      const { weights, given } = sample({ spec: of, batch: 3, steps: 4, seed: hidden });
      const network = engine.load(of, weights);
      const trainer = engine.trainer(of, { kind: 'adam', rate: 1e-3 }, weights);
      trainer.step(given);
      network.forward(given.x, given);
      network.dispose();
      trainer.dispose();
    }
  };
  round();
  const before = engine.memory;
  for (let n = 0; n < 100; n++) round();
  t.is(engine.memory, before);
});

test('batches that grow bit by bit take little more than the largest alone', (t) => {
  const [engine, other] = [createEngine(), createEngine()];
  const [network, alone] = [engine.load(spec, weights), other.load(spec, weights)];
  const x = new Float32Array(100_000);
  for (let batch = 100; batch <= 50_000; batch += 100) {
    network.forward(x.subarray(0, batch * 2), { batch, steps: 2 });
  }
  alone.forward(x, { batch: 50_000, steps: 2 });
  t.true(engine.memory <= 3 * other.memory, `${engine.memory} bytes against ${other.memory}`);
});
