import test from 'ava';
import { createEngine } from '../../../src/model/engine/engine.ts';
import { initialWeights } from '../../../src/model/engine/initial.ts';
import { toKeras } from '../../../src/model/engine/keras.ts';
import { kerasWeights } from '../../../src/model/engine/keras-initial.ts';
import { weightNames } from '../../../src/model/engine/spec.ts';

const study = { inputs: 1, hidden: 32, outputs: 3, head: 'relu' as const };

test('4,579 parameters within 1 / sqrt(32), spread to the ends', (t) => {
  const all = weightNames.flatMap((name) => [...initialWeights(study, 1)[name]]);
  t.is(all.length, 4579);
  const most = Math.max(...all.map(Math.abs));
  t.true(most <= 1 / Math.sqrt(32) && most > 0.176, String(most));
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  t.true(Math.abs(mean) < 0.01, String(mean));
  t.deepEqual(initialWeights(study, 1), initialWeights(study, 1));
  t.notDeepEqual(initialWeights(study, 1), initialWeights(study, 2));
});

test("half of the study's outputs are dead at the start: 0 for every window", (t) => {
  const engine = createEngine();
  const x = Float32Array.from({ length: 64 * 24 }, (_, n) => 0.5 + 0.4 * Math.sin(n / 7) * Math.cos(n / 31));
  let dead = 0;
  for (let seed = 0; seed < 400; seed++) {
    const network = engine.load(study, initialWeights(study, seed));
    const y = network.forward(x, { batch: 64, steps: 24 });
    for (let o = 0; o < 3; o++) dead += y.some((value, n) => n % 3 === o && value > 0) ? 0 : 1;
    network.dispose();
  }
  t.true(Math.abs(dead / 1200 - 0.48) < 0.05, `${dead / 1200} of the outputs are dead`);
});

test("Keras' weights: an orthonormal recurrent kernel, a forget bias of 1", (t) => {
  const spec = { inputs: 2, hidden: 5, outputs: 1, head: 'linear' as const, biases: 1 as const };
  const weights = kerasWeights(spec, 3);
  const { lstm } = toKeras(spec, weights);
  for (let a = 0; a < 5; a++) {
    for (let b = 0; b < 5; b++) {
      const rows = [a, b].map((r) => lstm[1].subarray(r * 20, r * 20 + 20));
      const product = rows[0]!.reduce((sum, value, n) => sum + value * rows[1]![n]!, 0);
      t.true(Math.abs(product - (a === b ? 1 : 0)) < 1e-6);
    }
  }
  t.deepEqual(
    [...lstm[2]],
    Array.from({ length: 20 }, (_, n) => (n >= 5 && n < 10 ? 1 : 0)),
  );
  t.true(lstm[0].every((value) => Math.abs(value) <= Math.sqrt(6 / 22)));
});
