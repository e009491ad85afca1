import test from 'ava';
import type { Artifact } from '../../../src/model/artifact.ts';
import { ArtifactRefused } from '../../../src/model/artifact.ts';
import { engineBackend } from '../../../src/model/engine-backend.ts';
import type { Forecast } from '../../../src/model/forecast.ts';
import { openPredictor } from '../../../src/model/open-predictor.ts';
import type { RedtideBody } from '../../../src/model/redtide/body.ts';
import { redtideRecipe } from '../../../src/model/training/redtide/recipe.ts';
import { gridsOf, windowAt } from '../../../src/model/training/station-grid.ts';
import { changed } from '../samples.ts';
import { options, recordOf } from '../training/redtide/records.ts';

/** Oxygen that runs out now and then. */
const record = recordOf({ steps: 900, missing: 0.1 }).map((series) =>
  series.variable === 'dissolvedOxygen'
    ? { ...series, values: series.values.map((value) => Math.max(0, value - 9.5)) }
    : series,
);
const names = options.variables.map(({ name }) => name);
const [grid] = gridsOf(record, names);
let artifact: Artifact<RedtideBody>;

test.before(async () => {
  artifact = await redtideRecipe.fit(record, options);
});

const backend = engineBackend();
const opened = (change: object = {}) => openPredictor(artifact, { coverage: 0.5, backend, ...change });
const windows = Array.from({ length: 40 }, (_, i) => windowAt(grid!, 200 + i, 24)!);

test('a window has the same answer alone and among others, and from a longer window', (t) => {
  const predictor = opened();
  const together = predictor.predict(windows);
  t.deepEqual(
    windows.flatMap((window) => predictor.predict([window])),
    together,
  );
  const longer = Array.from({ length: 40 }, (_, i) => windowAt(grid!, 200 + i, 30)!);
  t.deepEqual(predictor.predict(longer), together);
  predictor.dispose();
});

test('quantiles rise, and a quantity that was never negative is not forecast so', (t) => {
  const all = Array.from({ length: 300 }, (_, i) => windowAt(grid!, 100 + i, 24)!);
  const answers = opened().predict(all);
  const forecasts = answers.filter((one): one is Forecast => one.kind === 'forecast');
  t.true(forecasts.length > 400);
  t.true(forecasts.some(({ values }) => values[2]![0] === 0));
  for (const { variable, network, quantiles, values } of forecasts) {
    t.is(network, 'redtide');
    t.deepEqual([...quantiles], [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975]);
    for (const row of values) {
      t.deepEqual(
        [...row].sort((a, b) => a - b),
        row,
      );
      if (variable === 'dissolvedOxygen') t.true(row.every((value) => value >= 0));
    }
  }
});

test('a station that it was not trained on takes the scale of all', (t) => {
  const [own] = opened().predict([windows[0]!]);
  const [other] = opened().predict([{ ...windows[0]!, station: 'elsewhere' }]);
  t.deepEqual((other as Forecast).values, (own as Forecast).values);
});

test('another variable may be missing altogether; the variable itself may not', (t) => {
  const predictor = opened();
  const without = (name: (typeof names)[number]) => {
    const column = names.indexOf(name);
    const mask = windows[0]!.mask.map((one, i) => (i % 2 === column ? 0 : one));
    return predictor.predict([{ ...windows[0]!, mask }]).map(({ kind }) => kind);
  };
  t.deepEqual(without('waterTemperature'), ['forecast', 'no-forecast']);
  t.deepEqual(without('dissolvedOxygen'), ['no-forecast', 'forecast']);
});

test('no forecast is said with its reason', (t) => {
  const predictor = opened({ variables: ['dissolvedOxygen', 'chlorophyll'] });
  const reasons = (change: object) =>
    predictor.predict([{ ...windows[0]!, ...change }]).map((one) => ('detail' in one ? one.detail : ''));
  t.deepEqual(reasons({}), [
    '',
    `model ${artifact.manifest.id} was not trained on chlorophyll; train one that is`,
  ]);
  t.regex(
    reasons({ lookback: 12, values: windows[0]!.values.slice(24), mask: windows[0]!.mask.slice(24) })[0]!,
    /wants 24 steps of 3600000 ms, windows have 12/,
  );
  t.is(
    reasons({ mask: windows[0]!.mask.map((one, i) => (i >= 46 ? 0 : one)) })[0],
    'the newest step has no valid reading',
  );
  t.regex(
    reasons({ mask: windows[0]!.mask.map((_, i) => (i >= 40 ? 1 : 0)) })[0]!,
    /4 of 24 steps are measured, 12 are needed/,
  );
  t.regex(reasons({ variables: ['salinity', 'waterTemperature'] })[0]!, /windows hold no dissolvedOxygen/);
});

test('a body that is not whole is refused with the field', (t) => {
  const { body } = artifact.manifest;
  const [first, second] = body.variables;
  const refused = (change: object, message: RegExp) => {
    const error = t.throws(() =>
      openPredictor(changed(artifact, { body: { ...body, ...change } }), { coverage: 0.5, backend }),
    );
    t.true(error instanceof ArtifactRefused);
    t.regex(error!.message, message);
  };
  refused({ hidden: 0 }, /body\/hidden must be a whole number, not 0/);
  refused({ members: 3 }, /weights.bin has \d+ bytes, and \d+ are needed/);
  refused({ variables: [first] }, /body\/variables must be those of the manifest, 2, not 1/);
  refused({ scaling: {} }, /body\/scaling\/dissolvedOxygen/);
  refused({ variables: [{ ...first, unit: [1] }, second] }, /body\/variables\/0 must have unit/);
  refused({ variables: [first, { ...second, others: undefined }] }, /body\/variables\/1\/others/);
});
