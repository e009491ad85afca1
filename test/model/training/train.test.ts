import test from 'ava';
import { type Artifact, open } from '../../../src/model/artifact.ts';
import { engineBackend } from '../../../src/model/engine-backend.ts';
import type { Forecast } from '../../../src/model/forecast.ts';
import type { LstmBody } from '../../../src/model/lstm-artifact.ts';
import { lstmPredictor } from '../../../src/model/lstm-predictor.ts';
import { lstmRecipe } from '../../../src/model/training/lstm-recipe.ts';
import { type TrainOptions, train } from '../../../src/model/training/train.ts';
import type { Step } from '../../../src/stream/step.ts';
import { hour, june, stepsOf, textOf, wave, windowOf } from '../samples.ts';

const backend = engineBackend();
const length = 260;
const history: readonly Step[] = ['buoy-1', 'buoy-2'].flatMap((station, i) => [
  ...stepsOf(wave(length, i + 1), { station }),
  ...stepsOf(
    wave(length, i + 5).map((value) => 12 - value / 2),
    { station, variable: 'dissolvedOxygen' },
  ),
]);

const settings = { epochs: 4, batch: 64, learningRate: 1e-3, aliveHeads: true };
const options: TrainOptions = {
  recipe: lstmRecipe('study-lstm'),
  steps: history,
  variables: [
    { name: 'chlorophyll', unit: 'mg/m3' },
    { name: 'dissolvedOxygen', unit: 'mg/L' },
  ],
  step: hour,
  lookback: 6,
  until: june + 200 * hour,
  coverage: 0.5,
  seed: 1,
  horizons: [1, 2, 3],
  settings,
  backend,
};

const bodyOf = ({ manifest }: Artifact) => manifest.body as LstmBody;

test('an artifact says what it was made of, and serves', async (t) => {
  const epochs: string[] = [];
  const artifact = await train({
    ...options,
    onProgress: ({ variable, epoch }) => epochs.push(`${variable} ${epoch}`),
  });
  const { manifest } = open(textOf(artifact), artifact.weights, 'x');
  t.like(manifest, {
    schema: 'redtide.artifact/2',
    network: 'study-lstm',
    body: { hidden: 32 },
    lookback: 6,
    step: hour,
    horizons: [1, 2, 3],
    stations: ['buoy-1', 'buoy-2'],
    data: { from: '2026-06-01T00:00:00.000Z', to: '2026-06-09T08:00:00.000Z' },
  });
  t.deepEqual(
    bodyOf(artifact).variables.map(({ training: { losses, seed: _, ...training } }, i) => [
      manifest.variables[i]!.name,
      manifest.variables[i]!.unit,
      losses.length,
      training,
    ]),
    options.variables.map(({ name, unit }) => [
      name,
      unit,
      4,
      {
        samples: 2 * (200 - 8),
        epochs: 4,
        learningRate: 1e-3,
        batch: 64,
        deadHeads: [],
        backend: backend.name,
      },
    ]),
  );
  t.deepEqual(
    epochs,
    ['chlorophyll', 'dissolvedOxygen'].flatMap((name) => [1, 2, 3, 4].map((epoch) => `${name} ${epoch}`)),
  );
  const answers = lstmPredictor(artifact, { backend, coverage: 0 }).predict([windowOf(1)]) as Forecast[];
  t.deepEqual(
    answers.map(({ kind, variable }) => [kind, variable]),
    [
      ['forecast', 'chlorophyll'],
      ['forecast', 'dissolvedOxygen'],
    ],
  );
});

test('scores on what follows stand beside those of the plain baselines', async (t) => {
  const { manifest } = await train(options);
  for (const { name } of manifest.variables) {
    const scores = manifest.scores?.[name];
    t.like(scores, {
      from: '2026-06-09T08:00:00.000Z',
      to: '2026-06-11T20:00:00.000Z',
      samples: 2 * (60 - 8),
    });
    for (const errors of Object.values(scores!.rmse))
      t.true(errors.length === 3 && errors.every((one) => one > 0));
  }
  const { persistence } = manifest.scores!['chlorophyll']!.rmse;
  const ahead = wave(length).slice(200);
  t.true(Math.abs(persistence![0]! - persistenceOf(ahead)) < 0.15);
});

/** One step ahead, over the whole of a series. */
function persistenceOf(values: readonly number[]): number {
  const errors = values.slice(1).map((value, i) => (value - values[i]!) ** 2);
  return Math.sqrt(errors.reduce((sum, error) => sum + error, 0) / errors.length);
}

test('the scores are those of the forecasts that the artifact will make', async (t) => {
  const artifact = await train(options);
  const predictor = lstmPredictor(artifact, { backend, coverage: 0.5, variables: ['chlorophyll'] });
  const errors = [0, 0, 0];
  let windows = 0;
  for (const seed of [1, 2]) {
    const ahead = wave(length, seed).slice(200);
    for (let end = 6; end + 3 <= ahead.length; end++, windows++) {
      const values = Float64Array.from(ahead.slice(end - 6, end));
      const mask = new Uint8Array(6).fill(1);
      const [answer] = predictor.predict([windowOf(1, { variables: ['chlorophyll'], values, mask })]);
      (answer as Forecast).values.forEach(([value], h) => (errors[h]! += (value! - ahead[end + h]!) ** 2));
    }
  }
  const { samples, rmse } = artifact.manifest.scores!['chlorophyll']!;
  t.is(samples, windows);
  for (const [h, error] of errors.entries())
    t.true(Math.abs(rmse['model']![h]! - Math.sqrt(error / windows)) < 1e-5, `horizon ${h + 1}`);
});

test('the same history gives the same identity, in any order and with any number of threads', async (t) => {
  const { manifest } = await train(options);
  t.is((await train({ ...options, steps: [...history].reverse(), threads: 2 })).manifest.id, manifest.id);
  t.not((await train({ ...options, seed: 100 })).manifest.id, manifest.id);
});

test('nothing of the hold-out reaches scaling or weights', async (t) => {
  const wild = history.map((step) =>
    step.start >= options.until! ? { ...step, mean: 100 * step.mean } : step,
  );
  const [tame, other] = [await train(options), await train({ ...options, steps: wild })];
  t.deepEqual(other.weights, tame.weights);
  t.deepEqual(
    bodyOf(other).variables.map(({ scaling }) => scaling),
    bodyOf(tame).variables.map(({ scaling }) => scaling),
  );
  t.is(other.manifest.data.hash, tame.manifest.data.hash);
  t.notDeepEqual(other.manifest.scores, tame.manifest.scores);
});

test('without a hold-out, or with one that is too short, there are no scores', async (t) => {
  for (const until of [undefined, june + (length - 5) * hour])
    t.is(
      (await train({ ...options, settings: { ...settings, epochs: 1 }, until })).manifest.scores,
      undefined,
    );
});

test('the sensor that the stream takes is the one that counts', async (t) => {
  const second = stepsOf(
    wave(length).map((value) => 3 * value),
    { sensor: 'b' },
  );
  const one = {
    ...options,
    settings: { ...settings, epochs: 1 },
    variables: options.variables.slice(0, 1),
    steps: [...history, ...second],
  };
  const [first, named] = [
    await train(one),
    await train({ ...one, primarySensor: (s) => (s === 'buoy-1' ? 'b' : 'a') }),
  ];
  const width = ({ maximum, minimum }: { maximum: number; minimum: number }) => maximum - minimum;
  t.true(width(named.manifest.variables[0]!.range!) > 2 * width(first.manifest.variables[0]!.range!));
});

test('what cannot be trained is said', async (t) => {
  await t.throwsAsync(train({ ...options, steps: [] }), { message: /no step means to train on/ });
  await t.throwsAsync(train({ ...options, variables: [{ name: 'salinity', unit: '1' }] }), {
    message: /^salinity: /,
  });
  await t.throwsAsync(train({ ...options, lookback: 300 }), { message: /no window of 300 steps/ });
});

test('the sensors that it learned from are noted', async (t) => {
  const deployment = (station: string, variable: string) => `${station}-${variable}@1`;
  const { manifest } = await train({ ...options, settings: { ...settings, epochs: 1 }, deployment });
  t.is(manifest.sensors?.['buoy-2']?.['chlorophyll'], 'buoy-2-chlorophyll@1');
  t.is((await train({ ...options, settings: { ...settings, epochs: 1 } })).manifest.sensors, undefined);
});
