import test from 'ava';
import { type Artifact, ArtifactRefused } from '../../../src/model/artifact.ts';
import type { ArtifactStore } from '../../../src/model/artifact-store.ts';
import { CurrentPredictor } from '../../../src/model/current-predictor.ts';
import { engineBackend } from '../../../src/model/engine-backend.ts';
import type { Forecast } from '../../../src/model/forecast.ts';
import { type LineUpBody, lineUpOf } from '../../../src/model/line-up/line-up.ts';
import { proven } from '../../../src/model/line-up/proven.ts';
import { openPredictor } from '../../../src/model/open-predictor.ts';
import { gather } from '../../../src/model/training/dataset.ts';
import { recipeOf } from '../../../src/model/training/recipe-table.ts';
import { artifactOf, changed, hour, stepsOf, wave, windowOf } from '../samples.ts';

const variables = ['chlorophyll', 'dissolvedOxygen'].map((name) => ({ name, unit: 'mg/m3' }));
const series = await gather(
  variables.flatMap(({ name }, i) => stepsOf(wave(400, i + 1), { variable: name })),
  hour,
);
const fitOptions = { variables, step: hour, lookback: 6, horizons: [1, 2, 3], coverage: 0, seed: 1 };
const persistence = await recipeOf('persistence')!.fit(series, fitOptions);
const damped = await recipeOf('damped-persistence')!.fit(series, fitOptions);
const network = artifactOf();

const choices = [
  {
    station: 'buoy-1',
    variable: 'chlorophyll',
    horizons: [1, 2, 3],
    networks: ['study-lstm', 'damped-persistence', 'study-lstm'],
  },
  {
    ...{ station: 'buoy-1', variable: 'dissolvedOxygen', horizons: [1, 2, 3] },
    networks: ['persistence', 'persistence', 'persistence'],
  },
];
const members = [network, persistence, damped];
const lineUp = lineUpOf(members, choices, ['persistence', 'study-lstm']);
const options = { coverage: 0, backend: engineBackend() };
const opened = (artifact: Artifact, given: readonly Artifact[] = members) =>
  openPredictor(artifact, { ...options, members: new Map(given.map((one) => [one.manifest.id, one])) });

test('at a horizon that was not judged the default serves', (t) => {
  const one = [{ station: 'buoy-1', variable: 'chlorophyll', horizons: [2], networks: ['study-lstm'] }];
  const window = windowOf(1, { station: 'buoy-1' });
  const [chlorophyll] = opened(lineUpOf(members, one, ['persistence'])).predict([window]) as [Forecast];
  t.deepEqual(
    chlorophyll.makers?.map(({ network: kind }) => kind),
    ['persistence', 'study-lstm', 'persistence'],
  );
});

test('each horizon is that of the member that serves there, to the bit, and says so', (t) => {
  const window = windowOf(1, { station: 'buoy-1' });
  const [chlorophyll, oxygen] = opened(lineUp).predict([window]) as [Forecast, Forecast];
  const by = (artifact: Artifact, variable: string) =>
    (openPredictor(artifact, options).predict([window]) as Forecast[]).find(
      (one) => one.variable === variable,
    )!;
  const [lstm, own] = [by(network, 'chlorophyll'), by(damped, 'chlorophyll')];
  t.like(chlorophyll, { model: lineUp.manifest.id, network: 'line-up', quantiles: [0.5] });
  t.deepEqual(chlorophyll.values, [
    lstm.values[0],
    [own.values[1]![own.quantiles.indexOf(0.5)]],
    lstm.values[2],
  ]);
  t.deepEqual(
    chlorophyll.makers?.map(({ model }) => model),
    [network, damped, network].map(({ manifest }) => manifest.id),
  );
  t.deepEqual(oxygen.values, by(persistence, 'dissolvedOxygen').values);
  t.is(oxygen.quantiles.length, 9);
  t.is(chlorophyll.beside, undefined);
});

test('an unknown station gets the default, with the others beside it', (t) => {
  const window = windowOf(1, { station: 'buoy-7' });
  const [forecast] = opened(lineUp).predict([window]) as Forecast[];
  t.is(forecast!.makers![0]!.network, 'persistence');
  t.deepEqual(
    forecast!.beside?.map(({ makers }) => makers![2]!.network),
    ['study-lstm'],
  );
});

test('where the member that serves has no forecast the default stands in, and says so', (t) => {
  const mask = Uint8Array.from({ length: 12 }, (_, i) => (i < 10 ? 1 : 0));
  const window = windowOf(2, { station: 'buoy-1', mask });
  const [chlorophyll] = opened(lineUp).predict([window]);
  t.true(chlorophyll?.kind === 'forecast');
  t.deepEqual(
    (chlorophyll as Forecast).makers?.map(({ network: own }) => own),
    ['persistence', 'damped-persistence', 'persistence'],
  );
});

test('a batch gives what its windows give alone', (t) => {
  const predictor = opened(lineUp);
  const windows = Array.from({ length: 20 }, (_, seed) => windowOf(seed));
  t.deepEqual(
    predictor.predict(windows),
    windows.flatMap((window) => predictor.predict([window])),
  );
});

test('it activates and goes back as any version, with its members read and closed', async (t) => {
  const all = [...members, lineUp];
  const store: ArtifactStore = {
    list: async () => [],
    read: async (id) => {
      const found = all.find(({ manifest }) => manifest.id === id);
      if (!found) throw new ArtifactRefused(`${id}: is not there`);
      return found;
    },
    publish: async () => {},
    serve: async () => {},
    current: async () => undefined,
  };
  const current = new CurrentPredictor(store, options);
  await current.activate(network.manifest.id);
  await current.activate(lineUp.manifest.id);
  t.is(current.current?.id, lineUp.manifest.id);
  all.splice(0, 1);
  await current.activate(persistence.manifest.id);
  await t.throwsAsync(current.activate(lineUp.manifest.id), { instanceOf: ArtifactRefused });
  t.is(current.current?.id, persistence.manifest.id);
});

const broken = (change: Partial<LineUpBody>) =>
  changed(lineUp, { body: { ...lineUp.manifest.body, ...change } });

test('what can not serve is refused with its field', (t) => {
  const other = changed(persistence, { horizons: [1, 2, 4] });
  const foreign = broken({
    members: [{ id: other.manifest.id, network: 'persistence' }],
    serves: {},
    otherwise: [0],
  });
  for (const [artifact, expected] of [
    [broken({ members: [{ id: '../x', network: 'a' }] }), /body\/members must be a list of artifacts by id/],
    [broken({ otherwise: [] }), /body\/otherwise must name members, not \[\]/],
    [broken({ otherwise: [3] }), /body\/otherwise must name members, not \[3\]/],
    [
      broken({ serves: { B01: { salinity: [0] } } }),
      /body\/serves\/B01\/salinity must name a member for each of 3/,
    ],
    [foreign, /has another step or other horizons/],
  ] as const)
    t.regex(
      t.throws(() => opened(artifact, [...members, other]), { instanceOf: ArtifactRefused })!.message,
      expected,
    );
  t.regex(t.throws(() => opened(lineUp, members.slice(1)))!.message, /its member [0-9a-f]{12} is not there/);
  t.throws(() => lineUpOf([network, other], [], ['study-lstm']), {
    message: /has another step or other horizons/,
  });
  t.throws(() => lineUpOf([network], choices, ['study-lstm']), { message: /no member is of the network/ });
});

test('members may look back less than the windows reach', (t) => {
  const short = artifactOf({ lookback: 4, variables: ['chlorophyll'] });
  const mixed = lineUpOf([short, persistence], [], ['study-lstm']);
  t.is(mixed.manifest.lookback, 6);
  const [forecast] = opened(mixed, [short, persistence]).predict([windowOf(1, { station: 'buoy-9' })]);
  t.is(forecast?.kind, 'forecast');
});

test('a network serves where it beats the best baseline for sure, else that baseline', (t) => {
  const proof = (rmse: number, low?: number) => ({
    rmse,
    skill: { a: { ...(low !== undefined && { low }) }, b: { low: 1 } },
  });
  const horizons = [
    { horizon: 1, forecasters: { a: proof(2), b: proof(3), net: proof(1, 0.1), other: proof(1.5, 0.2) } },
    { horizon: 3, forecasters: { a: proof(2), b: proof(3), net: proof(1, -0.1), other: proof(1.5, 0.2) } },
    { horizon: 6, forecasters: { a: proof(2), b: proof(3), net: proof(1, -0.1), other: proof(1.5) } },
    { horizon: 12, forecasters: { a: proof(2), b: proof(3), net: proof(4, 0.1) } },
  ];
  t.deepEqual(proven([{ station: 's', variable: 'v', horizons }], ['a', 'b']), [
    { station: 's', variable: 'v', horizons: [1, 3, 6, 12], networks: ['net', 'other', 'a', 'net'] },
  ]);
  t.throws(() => proven([{ station: 's', variable: 'v', horizons }], []), { message: /no baseline/ });
});
