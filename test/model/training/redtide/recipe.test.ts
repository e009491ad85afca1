import test from 'ava';
import { engineBackend } from '../../../../src/model/engine-backend.ts';
import type { Forecast } from '../../../../src/model/forecast.ts';
import { redtidePredictor } from '../../../../src/model/redtide/redtide-predictor.ts';
import { between, type Series } from '../../../../src/model/training/dataset.ts';
import { redtideRecipe } from '../../../../src/model/training/redtide/recipe.ts';
import { gridsOf, valueAt, windowAt } from '../../../../src/model/training/station-grid.ts';
import { hour, options, recordOf, start } from './records.ts';

const record = [
  ...recordOf({ steps: 2400, missing: 0.05 }),
  ...recordOf({ station: 'buoy-2', steps: 2400, seed: 5, scale: 3, missing: 0.05 }),
];
const until = start + 1600 * hour;
const training = record.map((series) => between(series, 0, until));
const names = options.variables.map(({ name }) => name);

test('on data that it has not seen it errs less than the last value, and its intervals hold about what they say', async (t) => {
  const artifact = await redtideRecipe.fit(training, options);
  const predictor = redtidePredictor(artifact, { coverage: 0.5, backend: engineBackend() });
  const grids = gridsOf(
    record.map((series) => between(series, until, Number.POSITIVE_INFINITY)),
    names,
  );
  const [model, last] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  let [inside, count] = [0, 0];
  for (const grid of grids)
    for (let newest = 23; newest < grid.steps - 6; newest++) {
      const [answer] = predictor.predict([windowAt(grid, newest, 24)!]);
      if (answer?.kind !== 'forecast') continue;
      options.horizons.forEach((horizon, h) => {
        const truth = valueAt(grid, newest + horizon, 0);
        if (truth === undefined) return;
        const quantiles = (answer as Forecast).values[h]!;
        model[h]! += (truth - quantiles[4]!) ** 2;
        last[h]! += (truth - valueAt(grid, newest, 0)!) ** 2;
        inside += truth >= quantiles[2]! && truth <= quantiles[6]! ? 1 : 0;
        count++;
      });
    }
  predictor.dispose();
  options.horizons.forEach((_, h) => t.true(model[h]! < 0.85 * last[h]!, `${model[h]} of ${last[h]}`));
  t.true(inside / count > 0.7 && inside / count < 0.9, `${inside / count}`);
});

test('the same series and options give the same artifact, on any number of threads', async (t) => {
  const one = await redtideRecipe.fit(training, options);
  const again = await redtideRecipe.fit(training, { ...options, threads: 2 });
  t.is(again.manifest.id, one.manifest.id);
  const other = await redtideRecipe.fit(training, { ...options, seed: 2 });
  t.not(other.manifest.id, one.manifest.id);
});

test('what cannot be learned is left out, and too little data is refused with what to do', async (t) => {
  const short = training.map((series) => between(series, 0, start + 100 * hour));
  await t.throwsAsync(redtideRecipe.fit(short, options), {
    message:
      /^dissolvedOxygen: of \d+ windows that are complete enough \d+ share nothing .* and 200 are needed; .*; give it more data/,
  });
  const flat = (series: Series) => ({ ...series, values: series.values.map(() => 7) });
  await t.throwsAsync(redtideRecipe.fit(training.map(flat), options), { message: /no two different values/ });
  const half = training.map((series) => (series.variable === 'dissolvedOxygen' ? series : flat(series)));
  const { manifest } = await redtideRecipe.fit(half, options);
  t.deepEqual(
    manifest.variables.map(({ name }) => name),
    ['dissolvedOxygen'],
  );
  t.deepEqual(manifest.body.variables[0]!.others, []);
});
