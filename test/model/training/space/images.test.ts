import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { engineBackend } from '../../../../src/model/engine-backend.ts';
import { imageNames } from '../../../../src/model/space/image-runtime.ts';
import type { SpaceBody } from '../../../../src/model/space/space-artifact.ts';
import { type BacktestOptions, runBacktest } from '../../../../src/model/training/backtest/run.ts';
import { recipeOf } from '../../../../src/model/training/recipe-table.ts';
import { newYear } from '../../baselines/records.ts';
import { hour } from '../../samples.ts';
import { advected, strangers } from './records.ts';
import { skill } from './skill.ts';

const length = 150;
const optionsOf = (network: string, epochs: number): BacktestOptions => ({
  recipes: [network, 'persistence', 'lag-regression'].map((name) => recipeOf(name)!),
  variables: [{ name: 'chlorophyll', unit: 'ug/L' }],
  settings: (name) => (name === network ? { epochs, learningRate: 0.01 } : {}),
  step: hour,
  lookback: 4,
  horizons: [1],
  coverage: 0.5,
  seed: 1,
  from: newYear + 115 * hour,
  until: newYear + length * hour,
  origins: 1,
  backend: engineBackend(),
});

/** As many as each needs to hear its neighbours; conv-lstm is slow and needs few. */
const epochs = { 'conv-lstm': 12, 'self-attention': 20, 'local-relation': 30 };

for (const network of imageNames) {
  test.serial(
    `${network} sees a current carry the field, and beats persistence and the own past`,
    async (t) => {
      const result = await runBacktest(advected(length), optionsOf(network, epochs[network]));
      const { manifest } = result.rounds[0]!.artifacts.get(network)!;
      const body = manifest.body as SpaceBody;
      t.deepEqual([body.raster!.rows, body.raster!.columns, body.nodes.length], [5, 6, 28]);
      const [last, lags] = ['persistence', 'lag-regression'].map((over) => skill(result, network, over, 0));
      t.log(
        `${last!.toFixed(2)} over persistence, ${lags!.toFixed(2)} over lags`,
        body.variables[0]!.training.losses.at(-1),
        body.variables[0]!.shares,
      );
      t.true(last! > 0.3, `${last}`);
      t.true(lags! > 0.2, `${lags}`);
    },
  );

  test.serial(`${network} wins nothing where cells have nothing in common`, async (t) => {
    const before = tf.memory().numTensors;
    const result = await runBacktest(advected(length, { shuffled: true }), optionsOf(network, 6));
    const last = skill(result, network, 'persistence', 0);
    t.log(last);
    t.true(last < 0.03 && last > -0.1, `${last}`);
    t.is(tf.memory().numTensors, before, 'tensors were left');
  });
}

test('scattered stations are no image', async (t) => {
  const error = await t.throwsAsync(runBacktest(strangers(length), optionsOf('conv-lstm', 1)));
  t.regex(error!.message, /conv-lstm needs a grid, and A has no place/);
});
