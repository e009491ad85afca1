import test from 'ava';
import { foldsOf } from '../../../../src/model/training/redtide/folds.ts';
import { fitMixture } from '../../../../src/model/training/redtide/mixture.ts';
import { samplesOf } from '../../../../src/model/training/redtide/samples.ts';
import { gridsOf } from '../../../../src/model/training/station-grid.ts';
import { hour, options, recordOf } from './records.ts';

const names = options.variables.map(({ name }) => name);
const shape = { variable: 'dissolvedOxygen', others: ['waterTemperature'], lookback: 24, step: hour };

function samples(missing = 0) {
  const grids = gridsOf(recordOf({ steps: 1500, missing }), names);
  return samplesOf(grids, shape, () => ({ centre: 10, spread: 2 }), options);
}

const mean = (errors: readonly number[]) => errors.reduce((sum, one) => sum + one ** 2, 0) / errors.length;

test('the mixture is not negative, at most 1 together, and errs no more than any of its parts', (t) => {
  const own = samples(0.1);
  const { weights, crossFitted, single } = fitMixture(own, shape, foldsOf(own.times, 4, 30 * hour));
  const errorOf = (said: Float64Array, h: number) =>
    mean(
      [...own.targets.keys()].flatMap((at) =>
        at % 3 === h && !Number.isNaN(own.targets[at]!) ? [own.targets[at]! - said[at]!] : [],
      ),
    );
  weights.forEach((row, h) => {
    t.true(row.every((weight) => weight >= 0) && row.reduce((a, b) => a + b, 0) <= 1 + 1e-9);
    for (const one of single) t.true(errorOf(crossFitted, h) <= errorOf(one, h) * (1 + 1e-6));
    t.true(errorOf(crossFitted, h) < errorOf(new Float64Array(crossFitted.length), h));
  });
});

test('a forecast of a fold does not depend on what was measured in it', (t) => {
  const own = samples();
  const folds = foldsOf(own.times, 4, 30 * hour);
  const before = fitMixture(own, shape, folds).single;
  const spoilt = { ...own, targets: own.targets.slice() };
  for (const i of folds[2]!.held) spoilt.targets.fill(100, i * 3, i * 3 + 3);
  const after = fitMixture(spoilt, shape, folds).single;
  const at = folds[2]!.held[5]! * 3;
  t.is(after[0]![at]!.toFixed(6), before[0]![at]!.toFixed(6));
  t.not(after[0]![folds[0]!.held[5]! * 3]!.toFixed(6), before[0]![folds[0]!.held[5]! * 3]!.toFixed(6));
});

test('masked targets are not learned from', (t) => {
  const own = samples(0.3);
  t.true(own.targets.some(Number.isNaN));
  const { coefficients } = fitMixture(own, shape, foldsOf(own.times, 4, 30 * hour));
  t.true(coefficients.every(Number.isFinite));
});
