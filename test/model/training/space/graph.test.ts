import test from 'ava';
import { engineBackend } from '../../../../src/model/engine-backend.ts';
import type { SpaceBody } from '../../../../src/model/space/space-artifact.ts';
import {
  type Backtest,
  type BacktestOptions,
  runBacktest,
} from '../../../../src/model/training/backtest/run.ts';
import type { Series } from '../../../../src/model/training/dataset.ts';
import { recipeOf } from '../../../../src/model/training/recipe-table.ts';
import { newYear } from '../../baselines/records.ts';
import { hour } from '../../samples.ts';
import { leader, strangers } from './records.ts';
import { skill } from './skill.ts';

const length = 700;
const lead = 3;
const options: BacktestOptions = {
  recipes: ['graph', 'persistence', 'lag-regression'].map((name) => recipeOf(name)!),
  variables: [{ name: 'chlorophyll', unit: 'ug/L' }],
  settings: (name) => (name === 'graph' ? { epochs: 120 } : {}),
  step: hour,
  lookback: 12,
  horizons: [1, 3],
  coverage: 0.5,
  seed: 1,
  from: newYear + 500 * hour,
  until: newYear + length * hour,
  origins: 1,
  backend: engineBackend(),
};

const at = (result: Backtest, station: string, h: number, over: string) =>
  skill(result, 'graph', over, h, (one) => one === station);

const bodyOf = ({ rounds }: Backtest) => rounds[0]!.artifacts.get('graph')!.manifest.body as SpaceBody;

test('a neighbour that leads is heard: far better than persistence and the own past', async (t) => {
  const result = await runBacktest(leader(length, lead), options);
  const { arcs, nodes } = bodyOf(result);
  t.is(arcs!.by, 'correlation');
  t.deepEqual(
    nodes.map(({ station }) => station),
    ['A', 'B', 'C'],
  );
  t.deepEqual(arcs!.from.slice(arcs!.first[1], arcs!.first[2]), [0], 'B hears A alone');
  for (const h of [0, 1]) {
    const [last, lags] = [at(result, 'B', h, 'persistence'), at(result, 'B', h, 'lag-regression')];
    t.log(
      `B, ${options.horizons[h]} steps: ${last.toFixed(2)} over persistence, ${lags.toFixed(2)} over lags`,
    );
    t.true(last > 0.4, `${last}`);
    t.true(lags > 0.4, `${lags}`);
  }
});

test('among strangers nothing is won over persistence, and next to nothing lost', async (t) => {
  const result = await runBacktest(strangers(length), { ...options, settings: () => ({ epochs: 60 }) });
  for (const station of ['A', 'B', 'C'])
    for (const h of [0, 1]) {
      const last = at(result, station, h, 'persistence');
      t.true(last < 0.03 && last > -0.1, `${station} ${h}: ${last}`);
    }
});

test('without arcs a neighbour tells nothing', async (t) => {
  const result = await runBacktest(leader(length, lead), {
    ...options,
    settings: () => ({ epochs: 60, edges: 'none' }),
  });
  t.true(at(result, 'B', 0, 'lag-regression') < 0.1);
});

test('a station that is missing is masked, and the others are forecast as well as they can be', async (t) => {
  const all = leader(length, lead);
  const cut = (series: Series): Series => {
    const mask = series.mask.slice();
    mask.fill(0, 480);
    return { ...series, mask };
  };
  const result = await runBacktest([cut(all[0]!), all[1]!, all[2]!], options);
  const last = at(result, 'B', 0, 'persistence');
  t.true(Number.isFinite(last) && last > -0.5, `${last}`);
});

test('the same data, options and seed give the same artifact; the future changes nothing that was learned', async (t) => {
  const some = { ...options, settings: () => ({ epochs: 10 }) };
  const known = await runBacktest(leader(length, lead), some);
  const changed = leader(length, lead).map((series) => ({
    ...series,
    values: series.values.map((value, i) => (i < 490 ? value : value + 5)),
  }));
  const again = await runBacktest(changed, some);
  const idOf = ({ rounds }: Backtest) => rounds[0]!.artifacts.get('graph')!.manifest.id;
  t.is(idOf(again), idOf(known));
});
