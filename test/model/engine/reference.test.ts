import test from 'ava';
import { type LstmSpec, weightNames } from '../../../src/model/engine/spec.ts';
import { type Shape, sample } from './random.ts';
import { gradients, toFloat64 } from './reference.ts';

const shapes: (Shape & { title: string })[] = [
  { title: 'ReLU head', spec: spec({ hidden: 3, head: 'relu' }), batch: 3, steps: 4, seed: 1 },
  { title: 'quantiles', spec: spec({ outputs: 4, quantiles: [0.2, 0.9] }), batch: 2, steps: 3, seed: 2 },
  { title: 'masks', spec: spec({ inputs: 3 }), batch: 3, steps: 5, seed: 3, masked: true, weighted: true },
  { title: 'initial state', spec: spec({}), batch: 2, steps: 3, seed: 4, stateful: true },
];

function spec(own: Partial<LstmSpec>): LstmSpec {
  return { inputs: 2, hidden: 4, outputs: 2, head: 'linear', ...own };
}

for (const { title, ...shape } of shapes) {
  test(`the reference's gradients are those of finite differences: ${title}`, (t) => {
    const { weights, given } = sample(shape);
    const p = toFloat64(weights);
    const { gradients: found } = gradients(shape.spec, p, given);
    const step = 1e-6;
    for (const name of weightNames) {
      p[name].forEach((value, n) => {
        const lossAt = (at: number) => {
          p[name][n] = at;
          return gradients(shape.spec, p, given).loss;
        };
        const slope = (lossAt(value + step) - lossAt(value - step)) / (2 * step);
        p[name][n] = value;
        t.true(Math.abs(found[name][n]! - slope) < 1e-8, `${name}[${n}]: ${found[name][n]} against ${slope}`);
      });
    }
  });
}
