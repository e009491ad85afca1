import test from 'ava';
import { pooledOf } from '../../../../src/model/training/backtest/pooled.ts';
import type { Samples } from '../../../../src/model/training/backtest/samples.ts';

const week = 7 * 86_400_000;
/** A station where persistence errs by `wrong` each week and the network by half of it. */
const station = (name: string, wrong: number, said = ['persistence', 'network']): Samples => {
  const truth = Float64Array.from({ length: 8 }, (_, i) => i);
  const byName = new Map([
    ['persistence', truth.map((value) => value + wrong)],
    ['network', truth.map((value) => value - wrong / 2)],
  ]);
  return {
    station: name,
    variable: 'chlorophyll',
    step: week,
    horizons: [1],
    levels: [0.5],
    issuedAt: Float64Array.from({ length: 8 }, (_, i) => i * week),
    now: truth,
    truth,
    said: new Map(said.map((one) => [one, byName.get(one)!])),
  };
};

test('stations weigh alike in the skill, and by their size in the RMSE', (t) => {
  const pooled = pooledOf([station('A', 1), station('B', 100)], 'ug/L', 1)!;
  const [at] = pooled.horizons;
  t.is(pooled.stations, 2);
  t.is(at!.samples, 16);
  t.is(at!.rmse['persistence'], Math.sqrt((1 + 100 ** 2) / 2));
  t.deepEqual(at!.skill['network']!['persistence'], { value: 0.5, low: 0.5, high: 0.5 });
  t.deepEqual(at!.skill['persistence']!['network'], { value: -1, low: -1, high: -1 });
});

test('a station that some forecaster does not answer at is left out, and one station is no pool', (t) => {
  t.is(
    pooledOf([station('A', 1), station('B', 1), station('C', 1, ['persistence'])], 'ug/L', 1)!.stations,
    2,
  );
  t.is(pooledOf([station('A', 1)], 'ug/L', 1), undefined);
});
