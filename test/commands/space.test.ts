import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Manifest } from '../../src/model/artifact.ts';
import { placeOfCell } from '../../src/model/space/place.ts';
import type { SpaceBody } from '../../src/model/space/space-artifact.ts';
import type { Report } from '../../src/model/training/backtest/report.ts';
import { advected, leader } from '../model/training/space/records.ts';
import { run } from './in-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'redtide-space-'));
const grid = join(folder, 'grid.csv');
const stations = join(folder, 'stations.csv');
const places = join(folder, 'places.csv');
const models = join(folder, 'models');
const months = 120;
const monthAt = (i: number) => new Date(Date.UTC(2000, i, 1)).toISOString();

/** A grid of 2 rows and 3 columns, and three stations, by the month; what is missing is empty. */
test.before(() => {
  const cells = advected(months)
    .map((series) => ({ ...series, place: placeOfCell(series.station)! }))
    .filter(({ place }) => place.latitude < 22.5 && place.longitude < 114.75);
  const rows = cells.flatMap(({ place, values, mask }) =>
    [...values].map(
      (value, i) => `${monthAt(i)},${place.latitude},${place.longitude},${mask[i] ? value.toFixed(3) : ''}`,
    ),
  );
  writeFileSync(grid, ['time_utc,lat,lon,chlorophyll_mg_m3', ...rows].join('\n'));
  const own = leader(months, 1).flatMap(({ station, values, mask }) =>
    [...values].map((value, i) => `${monthAt(i)},${station},${mask[i] ? value.toFixed(3) : ''}`),
  );
  writeFileSync(stations, ['time_utc,station_id,chlorophyll_ug_L', ...own].join('\n'));
  writeFileSync(places, 'station_id,lat,lon\nA,22.1,114.1\nB,22.2,114.1\nC,22.9,114.9\n');
});

const small = ['--lookback=6', '--horizons=1', '--origins=1', '--json'];

test.serial(
  'a grid is back-tested cell by cell, month by month, with the LSTM and the baselines beside',
  async (t) => {
    const { out, err, code } = await run(
      'backtest',
      grid,
      '--network=self-attention,own-past,study-lstm',
      ...small,
      '--epochs=3',
    );
    t.is(code, 0, err);
    const report = JSON.parse(out) as Report;
    t.is(report.settings.step, 2_629_800_000);
    t.is(report.scores.length, 6);
    t.is(report.scores[0]!.station, '22,114');
    const [pooled] = report.pooled;
    t.is(pooled!.stations, 6);
    t.true(pooled!.horizons[0]!.samples > 100);
    t.true(Number.isFinite(pooled!.horizons[0]!.skill['self-attention']!['own-past']!.value));
    t.true(Object.keys(pooled!.horizons[0]!.rmse).includes('climatology'));
  },
);

test.serial(
  'stations by the month: the graph is trained, signed, listed, verified and described',
  async (t) => {
    const key = join(folder, 'key.pem');
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key]);
    const { out, err, code } = await run(
      ...['train', stations, '--step=month', '--network=graph', `--places=${places}`, '--neighbours=1'],
      ...['--lookback=6', '--horizons=1,3', '--epochs=20', '--until=2008-01-01', `--models=${models}`],
      ...[`--key=${key}`, '--json'],
    );
    t.is(code, 0, err);
    const manifest = JSON.parse(out) as Manifest<SpaceBody>;
    t.deepEqual(manifest.body.arcs, { by: 'distance', first: [0, 1, 2, 3], from: [1, 0, 1] });
    t.like(manifest.body.nodes[2], { station: 'C', latitude: 22.9 });
    t.deepEqual(Object.keys(manifest.scores!['chlorophyll']!.rmse), ['model', 'persistence', 'leastSquares']);
    t.regex(
      (await run('models', 'list', `--models=${models}`)).out,
      /^\* \w+ {2}graph, chlorophyll, 1 3 steps/m,
    );
    t.regex((await run('models', 'verify', `--models=${models}`)).out, /whole/);
  },
);

test.serial('training on a grid publishes an image network', async (t) => {
  const { out, err, code } = await run(
    ...[
      'train',
      grid,
      '--network=conv-lstm',
      '--lookback=6',
      '--horizons=1',
      '--epochs=1',
      `--models=${models}`,
    ],
  );
  t.is(code, 0, err);
  t.regex(out, /network conv-lstm/);
  t.regex(out, /of its answer is added, by validation/);
});

for (const [args, message] of [
  [['train', stations, '--step=soon'], /--step soon is neither month/],
  [['train', stations, '--step=month', '--network=graph', '--edges=kinship'], /--edges kinship is none of/],
  [['train', stations, '--step=month', '--network=graph', '--neighbours=0'], /--neighbours 0/],
  [
    ['train', stations, '--step=month', '--network=graph', '--places=STATIONS'],
    /no columns station_id, lat and lon/,
  ],
  [
    ['train', stations, '--step=month', '--lookback=6', '--horizons=1', '--network=conv-lstm'],
    /needs a grid, and A has no place/,
  ],
] as const)
  test.serial(`refused: ${args.slice(2).join(' ')}`, async (t) => {
    const { code, err } = await run(
      ...args.map((one) => one.replace('STATIONS', stations)),
      `--models=${models}`,
    );
    t.not(code, 0);
    t.regex(err, message);
  });
