import test from 'ava';
import { chooseBackend } from '../../../src/model/backend.ts';
import { weightNames } from '../../../src/model/engine/spec.ts';
import type { LstmBackend } from '../../../src/model/lstm-backend.ts';
import { recipes } from '../../../src/model/networks/recipes.ts';
import { type Dataset, gather, makeDataset } from '../../../src/model/training/dataset.ts';
import { fit as fitNetwork, forecastAll, type NetworkFitOptions } from '../../../src/model/training/fit.ts';
import { distance } from '../engine/random.ts';
import { hour, stepsOf, wave } from '../samples.ts';

const engine = await chooseBackend('engine');
const data = await datasetOf(wave(300));
const options: NetworkFitOptions = {
  recipe: recipes['study-lstm'],
  seed: 1,
  epochs: 3,
  batch: 32,
  learningRate: 1e-3,
  aliveHeads: true,
};

async function datasetOf(values: readonly number[]): Promise<Dataset> {
  const shape = { lookback: 8, horizons: [1, 2, 3], coverage: 0.5 };
  return makeDataset(await gather(stepsOf(values), hour), 'chlorophyll', shape);
}

test('the same data, seed and options give the same bits; another seed gives others', async (t) => {
  const [one, two, other] = [
    await fitNetwork(data, engine, options),
    await fitNetwork(data, engine, options),
    await fitNetwork(data, engine, { ...options, seed: 50 }),
  ];
  t.deepEqual(one, two);
  t.notDeepEqual(one.weights, other.weights);
});

for (const name of ['wasm', 'cpu'] as const)
  test.serial(`${name} and the engine train to the same network`, async (t) => {
    const want = await fitNetwork(data, engine, options);
    const epochs: number[] = [];
    const got = await fitNetwork(data, await chooseBackend(name), {
      ...options,
      onEpoch: (epoch) => epochs.push(epoch),
    });
    t.is(got.seed, want.seed);
    t.deepEqual(epochs, [1, 2, 3]);
    t.true(distance(got.losses, want.losses, 1e-3) < 1e-4);
    for (const one of weightNames) t.true(distance(got.weights[one], want.weights[one], 0.1) < 1e-3, one);
  });

test('training learns: better than the best constant, and better each time it is told', async (t) => {
  const losses: number[] = [];
  const { weights, deadHeads } = await fitNetwork(data, engine, {
    ...options,
    epochs: 60,
    learningRate: 3e-3,
    onEpoch: (epoch, loss) => t.is(losses.push(loss), epoch),
  });
  t.deepEqual(deadHeads, []);
  const network = engine.load(options.recipe.spec, weights, data.lookback);
  const error = mean(forecastAll(data, network).map((value, i) => (value - data.y[i]!) ** 2));
  network.dispose();
  const level = mean(data.y);
  t.true(error < 0.3 * mean(data.y.map((value) => (value - level) ** 2)), `${error}`);
  t.true(losses.at(-1)! < losses[10]! && losses[10]! < losses[0]!);
});

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('dead outputs are named, stay dead as in the study, and are drawn anew where that is asked', async (t) => {
  const study = { ...options, aliveHeads: false };
  for (let seed = 1; seed <= 6; seed++) {
    const { deadHeads, weights, seed: used } = await fitNetwork(data, engine, { ...study, seed });
    t.is(used, seed);
    t.deepEqual(deadHeads, deadOf(weights, data));
    const start = deadOf(options.recipe.start(seed), data);
    if (start.length === 3) t.deepEqual(deadHeads, start, 'with all dead nothing moves');
    const alive = await fitNetwork(data, engine, { ...options, seed });
    t.deepEqual(alive.deadHeads, []);
    t.deepEqual(deadOf(options.recipe.start(alive.seed), data), []);
    for (let skipped = seed; skipped < alive.seed; skipped++)
      t.true(deadOf(options.recipe.start(skipped), data).length > 0, `${skipped} was alive`);
  }
});

/** Outputs that are 0 for every window, by hand. */
function deadOf(weights: Parameters<LstmBackend['load']>[1], { x, samples, lookback }: Dataset): number[] {
  const network = engine.load(options.recipe.spec, weights, lookback);
  const y = network.forward(x, samples);
  network.dispose();
  return [0, 1, 2].filter((output) => y.every((value, i) => i % 3 !== output || value === 0));
}

test('windows after the last whole batch are left out, as in the study; the others go in their order', async (t) => {
  const { samples } = data;
  const whole = samples - (samples % 32);
  t.true(whole < samples);
  const cut = { ...data, samples: whole, x: data.x.subarray(0, whole * 8), y: data.y.subarray(0, whole * 3) };
  const { seed } = await fitNetwork(data, engine, options);
  const study = { ...options, seed, aliveHeads: false };
  const all = await fitNetwork(data, engine, study);
  t.deepEqual((await fitNetwork(cut, engine, study)).weights, all.weights);
  t.notDeepEqual((await fitNetwork(swapped(data, 0, 40), engine, study)).weights, all.weights);
});

/** Two samples in each other's place. */
function swapped(given: Dataset, one: number, two: number): Dataset {
  const exchange = (array: Float32Array, width: number) => {
    const copy = array.slice();
    copy.set(array.subarray(one * width, (one + 1) * width), two * width);
    copy.set(array.subarray(two * width, (two + 1) * width), one * width);
    return copy;
  };
  return { ...given, x: exchange(given.x, given.lookback), y: exchange(given.y, given.horizons.length) };
}

test('fewer windows than a batch are one batch', async (t) => {
  const few = await datasetOf(wave(20));
  t.true(few.samples < 32);
  const { losses } = await fitNetwork(few, engine, { ...options, epochs: 5 });
  t.is(losses.length, 5);
  t.true(losses.every((loss) => loss > 0));
});

for (const name of ['engine', 'cpu'] as const) {
  test.serial(`${name}: numbers that run away end the training, with what to do`, async (t) => {
    const away = { ...data, y: data.y.map((value) => value * 3e19) };
    const told: number[] = [];
    await t.throwsAsync(
      fitNetwork(away, await chooseBackend(name), {
        ...options,
        epochs: 50,
        onEpoch: (epoch) => told.push(epoch),
      }),
      { message: /loss/ },
    );
    t.true(told.length < 50);
  });

  test.serial(`${name}: a training that is called off ends`, async (t) => {
    const off = new AbortController();
    const told: number[] = [];
    const onEpoch = (epoch: number) => {
      told.push(epoch);
      off.abort(new Error('called off'));
    };
    await t.throwsAsync(
      fitNetwork(data, await chooseBackend(name), {
        ...options,
        epochs: 100_000,
        onEpoch,
        signal: off.signal,
      }),
      { message: 'called off' },
    );
    t.true(told.length < 100_000);
  });
}

test("the study's first network trains on the engine, from zero state at each epoch, and nowhere else", async (t) => {
  const recipe = recipes['original-lstm'];
  const original = { ...options, recipe, batch: 10, epochs: 4, learningRate: recipe.learningRate };
  const one = await fitNetwork(data, engine, original);
  t.deepEqual(one, await fitNetwork(data, engine, original));
  t.true(one.losses.at(-1)! < one.losses[0]!);
  t.deepEqual(one.deadHeads, []);
  await t.throwsAsync(fitNetwork(data, await chooseBackend('cpu'), original), {
    message: /tfjs cpu .* use --backend engine/,
  });
});
