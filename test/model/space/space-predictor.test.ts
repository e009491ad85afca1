import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Artifact } from '../../../src/model/artifact.ts';
import { engineBackend } from '../../../src/model/engine-backend.ts';
import { fileArtifactStore } from '../../../src/model/file-artifact-store.ts';
import type { Forecast } from '../../../src/model/forecast.ts';
import { openPredictor, prepare } from '../../../src/model/open-predictor.ts';
import { asSpace, type SpaceBody } from '../../../src/model/space/space-artifact.ts';
import type { Series } from '../../../src/model/training/dataset.ts';
import { recipeOf } from '../../../src/model/training/recipe-table.ts';
import { gridsOf, windowAt } from '../../../src/model/training/station-grid.ts';
import type { Window } from '../../../src/stream/window.ts';
import { changed, hour } from '../samples.ts';
import { advected, leader } from '../training/space/records.ts';

const options = { coverage: 0.5, backend: engineBackend() };
const fitted = async (network: string, series: readonly Series[], epochs: number) =>
  (await recipeOf(network)!.fit(series, {
    variables: [{ name: 'chlorophyll', unit: 'ug/L' }],
    step: hour,
    lookback: 6,
    horizons: [1, 2],
    coverage: 0.5,
    seed: 1,
    ...{ epochs },
  })) as Artifact<SpaceBody>;

const windowsAt = (series: readonly Series[], newest: number): Window[] =>
  gridsOf(series, ['chlorophyll']).map((grid) => windowAt(grid, newest, 6)!);

const stations = leader(300, 2);
let graph: Artifact<SpaceBody>;
test.before(async () => {
  graph = await fitted('graph', stations, 40);
});

/** A step whose newest value every station has. */
const whole = Array.from({ length: 40 }, (_, i) => 250 + i).find((at) =>
  stations.every(({ mask }) => mask[at]),
)!;
const valuesOf = (answers: ReturnType<ReturnType<typeof openPredictor>['predict']>) =>
  answers.map((one) => (one as Forecast).values.flat());

test('windows of one end are one scene: a neighbour changes a forecast, other ends and the order do not', (t) => {
  const predictor = openPredictor(graph, options);
  t.true(predictor.together);
  const windows = windowsAt(stations, whole);
  const together = predictor.predict(windows);
  t.deepEqual(
    together.map(({ kind }) => kind),
    ['forecast', 'forecast', 'forecast'],
  );
  const beside = predictor.predict([...windowsAt(stations, whole - 1), ...windows.toReversed()]);
  t.deepEqual(
    valuesOf(beside.slice(3).toReversed()),
    valuesOf(together),
    'in another company, in another order',
  );
  const alone = predictor.predict([windows[1]!]);
  t.is(alone[0]!.kind, 'forecast', 'missing neighbours are masked');
  t.notDeepEqual(valuesOf(alone), valuesOf(together.slice(1, 2)));
});

test('a station that is no node, or whose newest step is missing, gets a reason', (t) => {
  const predictor = openPredictor(graph, options);
  const [first] = windowsAt(stations, whole);
  const unknown = predictor.predict([{ ...first!, station: 'D' }])[0]!;
  t.like(unknown, { kind: 'no-forecast', reason: 'no-model' });
  const mask = first!.mask.slice().fill(0, -1);
  t.like(predictor.predict([{ ...first!, mask }])[0], { kind: 'no-forecast', reason: 'coverage' });
  t.like(openPredictor(graph, { ...options, variables: ['salinity'] }).predict([first!])[0], {
    reason: 'no-model',
  });
});

for (const [network, series, epochs] of [
  ['graph', stations, 10],
  ['conv-lstm', advected(60), 1],
  ['self-attention', advected(60), 1],
  ['local-relation', advected(60), 1],
] as const)
  test.serial(
    `${network}: from disk the same version forecasts the same bits, and other weights are refused`,
    async (t) => {
      const artifact = await fitted(network, series, epochs);
      t.is((await fitted(network, series, epochs)).manifest.id, artifact.manifest.id, 'the same training');
      const store = fileArtifactStore(mkdtempSync(join(tmpdir(), 'redtide-space-')));
      await store.publish(artifact);
      const reread = await store.read(artifact.manifest.id);
      await prepare([reread]);
      const [written, read] = [artifact, reread].map((one) => openPredictor(one, options));
      const windows = windowsAt(series, 50);
      t.deepEqual(read!.predict(windows), written!.predict(windows));
      t.true(read!.predict(windows).some(({ kind }) => kind === 'forecast'));
      const { body } = artifact.manifest;
      const fewer = [{ ...body.variables[0]!, parameters: body.variables[0]!.parameters - 1 }];
      t.throws(() => openPredictor(changed(artifact, { body: { ...body, variables: fewer } }), options), {
        name: 'ArtifactRefused',
        message: /parameters/,
      });
      for (const one of [written, read]) one!.dispose();
    },
  );

test('a body that does not fit is refused with its field', (t) => {
  const { body } = graph.manifest;
  const [variable] = body.variables;
  const faults: [Partial<SpaceBody>, RegExp][] = [
    [{ nodes: [] }, /nodes is empty/],
    [{ arcs: { ...body.arcs!, from: [7] } }, /arcs\/from/],
    [{ arcs: { ...body.arcs!, first: [0, 1] } }, /arcs\/first/],
    [{ state: 0 }, /state/],
    [{ variables: [] }, /variables must be those/],
    [{ variables: [{ ...variable!, scales: [] }] }, /variables\/0\/scales/],
    [{ variables: [{ ...variable!, ownPast: [[1]] }] }, /variables\/0\/ownPast/],
    [{ variables: [{ ...variable!, shares: [1] }] }, /variables\/0\/shares/],
    [{ variables: [{ ...variable!, offset: 1e6 }] }, /variables\/0\/offset/],
  ];
  for (const [change, message] of faults)
    t.throws(() => asSpace(changed(graph, { body: { ...body, ...change } })), {
      name: 'ArtifactRefused',
      message,
    });
});
