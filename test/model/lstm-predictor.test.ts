import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import { type Artifact, ArtifactRefused } from '../../src/model/artifact.ts';
import { chooseBackend } from '../../src/model/backend.ts';
import { engineBackend } from '../../src/model/engine-backend.ts';
import { unscale, writeInput } from '../../src/model/features.ts';
import type { Forecast, NoForecast } from '../../src/model/forecast.ts';
import { type LstmBody, specOf } from '../../src/model/lstm-artifact.ts';
import type { LstmBackend } from '../../src/model/lstm-backend.ts';
import { lstmPredictor } from '../../src/model/lstm-predictor.ts';
import type { Predictor } from '../../src/model/predictor.ts';
import { tensorsOf } from '../../src/model/weights-file.ts';
import type { Window } from '../../src/stream/window.ts';
import { forward, toFloat64 } from './engine/reference.ts';
import { artifactOf, hour, scalings, windowOf, withWeights } from './samples.ts';

const engine = await chooseBackend('auto');
const artifact = artifactOf();
const options = { coverage: 0 };
const windows = Array.from({ length: 40 }, (_, seed) => windowOf(seed));

/** What the equations say, in float64, of a window. */
function expected({ manifest, weights }: Artifact<LstmBody>, window: Window, variable: string): number[] {
  const { scaling, tensors } =
    manifest.body.variables[manifest.variables.findIndex(({ name }) => name === variable)]!;
  const { values, mask, lookback, variables } = window;
  const offset = variables.indexOf(variable);
  const x = new Float32Array(lookback);
  writeInput({ values, mask, offset, stride: variables.length, length: lookback }, scaling, x, 0);
  const parameters = toFloat64(tensorsOf(tensors, weights));
  const scaled = forward(specOf(manifest), parameters, { x, batch: 1, steps: lookback });
  return [...scaled].map((value) => unscale(value, scaling));
}

const isForecast = (answer: Forecast | NoForecast): answer is Forecast => answer.kind === 'forecast';

for (const name of ['engine', 'wasm', 'cpu'] as const)
  test.serial(
    `${name}: the same artifact gives what the equations say, in the unit of the variable`,
    async (t) => {
      const predictor = lstmPredictor(artifact, { ...options, backend: await chooseBackend(name) });
      const answers = predictor.predict(windows);
      t.is(answers.length, 2 * windows.length);
      for (const [i, answer] of answers.entries()) {
        const window = windows[Math.floor(i / 2)]!;
        if (!isForecast(answer)) return t.fail(answer.detail);
        const { variable, station, issuedAt, revision, model, step, horizons, quantiles, values } = answer;
        t.is(variable, i % 2 ? 'dissolvedOxygen' : 'chlorophyll');
        t.deepEqual(
          { station, issuedAt, revision, model, step, horizons, quantiles },
          {
            station: window.station,
            issuedAt: window.end,
            revision: window.revision,
            model: artifact.manifest.id,
            step: hour,
            horizons: [1, 2, 3],
            quantiles: [0.5],
          },
        );
        const width = scalings[variable]!.maximum - scalings[variable]!.minimum;
        const want = expected(artifact, window, variable);
        for (const [h, [value]] of values.entries()) t.true(Math.abs(value! - want[h]!) < 2e-6 * width);
      }
      predictor.dispose();
    },
  );

test('a window gets the same bits alone, in any group and in any order, and whatever came before', (t) => {
  const predictor = lstmPredictor(artifact, { ...options, backend: engine });
  const alone = windows.map((window) => predictor.predict([window]));
  fc.assert(
    fc.property(fc.array(fc.nat(windows.length - 1), { maxLength: 80 }), (chosen) => {
      const answers = predictor.predict(chosen.map((i) => windows[i]!));
      t.deepEqual(
        answers,
        chosen.flatMap((i) => alone[i]!),
      );
    }),
    { numRuns: 60 },
  );
  t.deepEqual(lstmPredictor(artifact, { ...options, backend: engine }).predict(windows), alone.flat());
});

test('on TensorFlow.js a window does not depend on its group either', async (t) => {
  const predictor = lstmPredictor(artifact, { ...options, backend: await chooseBackend('cpu') });
  t.deepEqual(
    predictor.predict(windows),
    windows.flatMap((window) => predictor.predict([window])),
  );
  predictor.dispose();
});

test('a ReLU head at its end gives the minimum of the training part, and 1 its maximum', (t) => {
  const flat = withWeights(artifact, { head_weight: 0, head_bias: [-1, 0.5, 1] });
  const [chlorophyll, oxygen] = lstmPredictor(flat, { ...options, backend: engine }).predict([
    windows[0]!,
  ]) as Forecast[];
  t.deepEqual(chlorophyll?.values, [[0.5], [20.5], [40.5]]);
  t.deepEqual(oxygen?.values, [[2], [7], [12]]);
});

test('where there can be no forecast the reason is said, and the others are made', (t) => {
  const predictor = lstmPredictor(artifact, {
    backend: engine,
    coverage: 0.5,
    variables: ['chlorophyll', 'salinity'],
  });
  const good = windowOf(1);
  const silent = windowOf(2, { mask: Uint8Array.from({ length: 12 }, (_, i) => (i < 10 ? 1 : 0)) });
  const sparse = windowOf(3, { mask: Uint8Array.from({ length: 12 }, (_, i) => (i < 8 ? 0 : 1)) });
  const short = windowOf(4, { lookback: 5, mask: new Uint8Array(10), values: new Float64Array(10) });
  const daily = windowOf(5, { step: 24 * hour });
  const other = windowOf(6, { variables: ['salinity', 'dissolvedOxygen'] });
  const answers = predictor.predict([good, silent, sparse, short, daily, other]);
  const told = answers.map((answer) =>
    isForecast(answer) ? [answer.variable] : [answer.variable, answer.reason, answer.detail],
  );
  const untrained = [
    'salinity',
    'no-model',
    `model ${artifact.manifest.id} was not trained on salinity; train one that is`,
  ];
  t.deepEqual(told, [
    ['chlorophyll'],
    untrained,
    ['chlorophyll', 'coverage', 'the newest step has no valid reading'],
    untrained,
    ['chlorophyll', 'coverage', '2 of 6 steps are measured, 3 are needed'],
    untrained,
    ['chlorophyll', 'failed', `the model wants 6 steps of ${hour} ms, windows have 5 of ${hour} ms`],
    untrained,
    ['chlorophyll', 'failed', `the model wants 6 steps of ${hour} ms, windows have 6 of ${24 * hour} ms`],
    untrained,
    ['chlorophyll', 'failed', 'windows hold no chlorophyll; add it to the variables'],
    untrained,
  ]);
  t.deepEqual(
    answers
      .filter((_, i) => i % 2 === 0)
      .map(({ station, issuedAt, revision }) => [station, issuedAt, revision]),
    [good, silent, sparse, short, daily, other].map(({ station, end, revision }) => [station, end, revision]),
  );
  t.deepEqual(answers[0], lstmPredictor(artifact, { ...options, backend: engine }).predict([good])[0]);
});

for (const name of ['engine', 'cpu'] as const)
  test.serial(`${name}: weights that are no numbers are refused, and nothing stays behind`, async (t) => {
    const broken = withWeights(artifact, { bias_hh: Number.NaN });
    const backend = await chooseBackend(name);
    const before = tf.memory().numTensors;
    const error = t.throws(() => lstmPredictor(broken, { ...options, backend }), {
      instanceOf: ArtifactRefused,
    });
    t.regex(error!.message, new RegExp(`model ${broken.manifest.id}: variables/chlorophyll: .*bias_hh.*NaN`));
    t.is(tf.memory().numTensors, before);
  });

test('a network that answers with no number is refused; those loaded before it go', (t) => {
  let living = 0;
  const backend: LstmBackend = {
    ...engine,
    load: () => {
      const first = living++ === 0;
      return {
        forward: () => Float32Array.of(first ? 0 : Number.NaN, 0, 0),
        dispose: () => {
          living--;
        },
      };
    },
  };
  t.throws(() => lstmPredictor(artifact, { ...options, backend }), {
    instanceOf: ArtifactRefused,
    message: /variables\/dissolvedOxygen: the network answers \[NaN,0,0\]/,
  });
  t.is(living, 0);
});

type Grow = (this: object, pages: number) => number;

test.serial('100,000 predictions and 1,000 versions grow no memory of the engine', (t) => {
  const { prototype } = (WebAssembly as unknown as { Memory: { prototype: { grow: Grow } } }).Memory;
  const { grow } = prototype;
  let grown = 0;
  prototype.grow = function (pages) {
    grown++;
    return grow.call(this, pages);
  };
  t.teardown(() => {
    prototype.grow = grow;
  });
  const round = (predictor: Predictor) => predictor.predict(windows);
  const fresh = engineBackend();
  const predictor = lstmPredictor(artifact, { ...options, backend: fresh });
  const first = round(predictor);
  lstmPredictor(artifact, { ...options, backend: fresh }).dispose();
  t.true(grown > 0, 'the count works');
  grown = 0;
  for (let n = 0; n < 100_000 / windows.length; n++) round(predictor);
  for (let n = 0; n < 1000; n++) lstmPredictor(artifact, { ...options, backend: fresh }).dispose();
  t.is(grown, 0);
  t.deepEqual(round(predictor), first);
});

for (const name of ['wasm', 'cpu'] as const)
  test.serial(
    `${name}: predictions leave no tensor, and a version that goes takes all of its own`,
    async (t) => {
      const backend = await chooseBackend(name);
      const before = tf.memory().numTensors;
      const predictor = lstmPredictor(artifact, { ...options, backend });
      const loaded = tf.memory().numTensors;
      t.is(loaded, before + 12);
      for (let n = 0; n < 20; n++) predictor.predict(windows.slice(0, n));
      t.is(tf.memory().numTensors, loaded);
      predictor.dispose();
      t.is(tf.memory().numTensors, before);
    },
  );

test('of a window that is longer than the model looks back the newest steps count', (t) => {
  const predictor = lstmPredictor(artifactOf(), { backend: engine, coverage: 0.5 });
  const window = windowOf(1);
  const longer = {
    ...window,
    lookback: 8,
    values: Float64Array.from([9, 9, 9, 9, ...window.values]),
    mask: Uint8Array.from([1, 1, 1, 1, ...window.mask]),
  };
  t.deepEqual(predictor.predict([longer]), predictor.predict([window]));
  predictor.dispose();
});
