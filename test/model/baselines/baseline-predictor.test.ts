import test from 'ava';
import { ArtifactRefused, open } from '../../../src/model/artifact.ts';
import { baselineNames } from '../../../src/model/baselines/baseline.ts';
import { engineBackend } from '../../../src/model/engine-backend.ts';
import type { Forecast, NoForecast } from '../../../src/model/forecast.ts';
import { openPredictor } from '../../../src/model/open-predictor.ts';
import type { Series } from '../../../src/model/training/dataset.ts';
import type { FitOptions } from '../../../src/model/training/recipe.ts';
import { recipeOf } from '../../../src/model/training/recipe-table.ts';
import { gridsOf, windowAt } from '../../../src/model/training/station-grid.ts';
import { changed, hour, textOf } from '../samples.ts';
import { seriesOf, water } from './records.ts';

const variables = ['dissolvedOxygen', 'salinity'];
const options: FitOptions = {
  variables: variables.map((name) => ({ name, unit: 'mg/L' })),
  step: hour,
  lookback: 48,
  horizons: [1, 6, 24],
  coverage: 0.5,
  seed: 1,
};
const backend = engineBackend();
const record = (hours: number): Series[] => [
  seriesOf(water(hours, 1, { holes: 0.05 })),
  seriesOf(water(hours, 2), { variable: 'salinity' }),
];
const series = record(2500);
const [grid] = gridsOf(series, variables);
const windows = [100, 500, 2000].map((newest) => windowAt(grid!, newest, 48)!);

for (const name of baselineNames)
  test(`${name} is an artifact that serves with rising quantiles`, async (t) => {
    const artifact = await recipeOf(name)!.fit(series, options);
    const reread = open(textOf(artifact), artifact.weights, 'there');
    const predictor = openPredictor(reread, { coverage: 0.5, backend });
    const answers = predictor.predict(windows) as Forecast[];
    t.is(answers.length, 6);
    for (const answer of answers) {
      t.is(answer.kind, 'forecast');
      t.is(answer.network, name);
      t.is(answer.model, artifact.manifest.id);
      for (const row of answer.values) {
        t.is(row.length, 9);
        row.forEach((value, i) => t.true(i === 0 || value >= row[i - 1]!));
        t.true(row[4]! > 0 && row[4]! < 20, `${row[4]}`);
      }
    }
    t.deepEqual(answers, predictor.predict(windows.slice(0, 1)).concat(predictor.predict(windows.slice(1))));
  });

test('what it does not know it says', async (t) => {
  const artifact = await recipeOf('lag-regression')!.fit(series, options);
  const predictor = openPredictor(artifact, { coverage: 0.5, backend, variables: ['ph', 'salinity'] });
  const stale = { ...windows[0]!, mask: windows[0]!.mask.map((one, i) => (i >= 94 ? 0 : one)) };
  const reasons = predictor
    .predict([stale, { ...windows[0]!, lookback: 24 }])
    .map((answer) => (answer as NoForecast).reason);
  t.deepEqual(reasons, ['no-model', 'coverage', 'no-model', 'failed']);
});

test('a station without a record of its own takes what is fitted to all', async (t) => {
  const two = [
    ...series,
    seriesOf(
      water(2500, 7).map((value) => value + 50),
      { station: 'buoy-2' },
    ),
  ];
  const artifact = await recipeOf('climatology')!.fit(two, options);
  const predictor = openPredictor(artifact, { coverage: 0.5, backend, variables: ['dissolvedOxygen'] });
  const at = (station: string) =>
    (predictor.predict([{ ...windows[0]!, station }])[0] as Forecast).values[0]![4]!;
  t.true(at('buoy-1') < 15 && at('buoy-2') > 50);
  t.true(at('buoy-9') > 25 && at('buoy-9') < 40, `${at('buoy-9')}`);
});

test('a body that is not one is refused with its place', async (t) => {
  const artifact = await recipeOf('ridge')!.fit(series, options);
  const body = artifact.manifest.body as { variables: object[] };
  for (const [bad, pattern] of [
    [{ variables: body.variables.slice(1) }, /body\/variables must be those of the manifest/],
    [
      { variables: body.variables.map((own) => ({ ...own, pooled: null })) },
      /body\/variables\/0\/pooled\/spread/,
    ],
    [
      {
        variables: body.variables.map((own) => ({ ...own, stations: { a: { parameters: {}, spread: [] } } })),
      },
      /variables\/0\/a\/spread must hold 9 numbers/,
    ],
    [
      {
        variables: body.variables.map((own) => ({
          ...own,
          pooled: { ...(own as { pooled: object }).pooled, parameters: null },
        })),
      },
      /parameters are not those of ridge/,
    ],
  ] as const)
    t.throws(() => openPredictor(changed(artifact, { body: bad }), { coverage: 0.5, backend }), {
      instanceOf: ArtifactRefused,
      message: pattern,
    });
});
