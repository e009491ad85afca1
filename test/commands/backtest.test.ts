import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { openDisk } from '../../src/disk.ts';
import { main } from '../../src/main.ts';
import { baselineNames } from '../../src/model/baselines/baseline.ts';
import type { Report } from '../../src/model/training/backtest/report.ts';
import { history, writeCsv } from '../../src/simulate/history.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { stepsOf, wave } from '../model/samples.ts';
import { startBrowser } from '../page/browser.ts';
import { Screen } from '../screen.ts';
import { run } from './in-process.ts';
import { shortened } from './measurements.ts';

const folder = mkdtempSync(join(tmpdir(), 'redtide-backtest-'));
const file = join(folder, 'bay.csv');
const hour = 3_600_000;
const from = Date.UTC(2025, 3, 1);

/** Two buoys of the simulated bay, every hour of 90 days. */
test.before(async () => {
  const span = { seed: 1, from, to: from + 90 * 24 * hour };
  const hourly = [...history(span)].filter(
    ({ time, station }) => time % hour === 0 && ['B01', 'B02'].includes(station),
  );
  await writeCsv(file, hourly);
});

test.serial('the same command gives the same numbers, and the baselines are always beside', async (t) => {
  const command = [
    'backtest',
    file,
    '--network=none',
    '--variables=chlorophyll',
    '--origins=2',
    '--horizons=1,24',
    '--json',
  ];
  const first = await run(...command);
  t.is(first.code, 0, first.err);
  t.is((await run(...command)).out, first.out);
  const report = JSON.parse(first.out) as Report;
  t.is(report.format, 'redtide.backtest/1');
  t.deepEqual(report.baselines, [...baselineNames]);
  t.is(report.origins.length, 2);
  t.deepEqual(
    report.scores.map(({ station, variable }) => `${station} ${variable}`),
    ['B01 chlorophyll', 'B02 chlorophyll'],
  );
  for (const { horizons } of report.scores)
    for (const { samples, forecasters } of horizons) {
      t.true(samples > 400);
      t.deepEqual(Object.keys(forecasters), [...baselineNames]);
    }
  t.true(report.spikes.some(({ criterion }) => criterion === 'above P90'));
  // The training part of the first origin ends a window and a horizon before it.
  const { trainUntil, from: origin } = report.origins[0]!;
  t.is(Date.parse(origin) - Date.parse(trainUntil), (48 + 24) * hour);
});

test.serial('the page opens in a browser, loads nothing and has the plots', async (t) => {
  const page = join(folder, 'report.html');
  const { code, out, err } = await run(
    ...['backtest', file, '--network=study-lstm', '--epochs=2', '--variables=dissolvedOxygen'],
    ...['--origins=1', '--horizons=1,6,24', '--html', page],
  );
  t.is(code, 0, err);
  t.regex(out, /B01: dissolvedOxygen \(mg\/L\)/);
  t.regex(out, /study-lstm over persistence/);
  const html = readFileSync(page, 'utf8');
  t.notRegex(html, /NaN|undefined|<script|https?:\/\//);
  const browser = await startBrowser(t);
  if (!browser) return;
  const opened = await browser.newPage();
  const complaints: string[] = [];
  opened.on('console', (message) => complaints.push(message.text()));
  opened.on('request', (request) => request.url().startsWith('file:') || complaints.push(request.url()));
  await opened.goto(`file://${page}`);
  t.deepEqual(complaints, []);
  t.is(await opened.title(), 'Redtide back-test');
  const labels = await opened
    .locator('svg')
    .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
  for (const expected of [
    'B01, dissolvedOxygen: measured, and forecast by study-lstm 24 steps ahead',
    'B02, dissolvedOxygen: skill over persistence by horizon',
    'study-lstm: share of truths at or below each quantile, by its level',
    'dissolvedOxygen: loss of every epoch',
  ])
    t.true(labels.includes(expected), expected);
  t.is(labels.filter((label) => label.includes('issued')).length, 6, 'three worst misses a station');
  const blue = await opened.locator('svg path[stroke="#1f6fb4"]').count();
  const orange = await opened.locator('svg path[stroke="#e8710a"]').count();
  t.true(blue >= 8 && orange >= 8, `${blue} ${orange}`);
});

test.serial("the study's way: to the letter, both of its networks, the losses of every epoch", async (t) => {
  const { code, out, err } = await run(
    ...[
      'backtest',
      file,
      '--study',
      '--epochs=3',
      '--lookback=24',
      '--variables=dissolvedOxygen',
      '--from=2025-06-22',
      '--json',
    ],
  );
  t.is(code, 0, err);
  const report = JSON.parse(out) as Report;
  t.deepEqual(report.networks, ['original-lstm', 'study-lstm']);
  t.deepEqual(report.settings.horizons, [1, 2, 3]);
  const [origin] = report.origins;
  t.deepEqual(
    origin!.training.map(({ network, losses }) => [network, losses.length]),
    [
      ['original-lstm', 3],
      ['study-lstm', 3],
    ],
  );
  t.true(origin!.training.every(({ deadHeads }) => Array.isArray(deadHeads)));
});

test.serial('on a terminal it says where it is, in one line; in a pipe it is quiet', async (t) => {
  const screen = new Screen(120, 10);
  const shown: string[] = [];
  const err = Object.assign(new PassThrough(), {
    isTTY: true,
    write: (text: string) => {
      screen.write(text);
      shown.push(screen.text);
      return true;
    },
  }) as unknown as NodeJS.WriteStream;
  const io = { out: new PassThrough().resume(), err, env: {}, signal: new AbortController().signal };
  const command = [
    'backtest',
    file,
    '--network=none',
    '--variables=dissolvedOxygen',
    '--origins=2',
    '--horizons=1',
  ];
  t.is(await main(command, io), 0);
  t.true(shown.some((text) => text.includes('origin 2 of 2, ridge fits')));
  t.is(screen.text.trim(), '');
  t.is((await run(...command)).err, '');
});

for (const [options, complaint] of [
  [['--network=oracle'], /--network oracle is none of .*study-lstm, .*ridge, none/],
  [['--horizons=3,1'], /--horizons 3,1 is no list of rising whole numbers/],
  [['--origins=0'], /--origins 0 is not a whole number above 0/],
  [['--from=2030-01-01'], /--from 2030-01-01T00:00:00.000Z is not before --until 2025/],
  [['--variables=ph'], /the data hold no ph; they hold /],
] as const)
  test.serial(`${options.join(' ')} is refused`, async (t) => {
    const { code, err } = await run('backtest', file, ...options);
    t.is(code, 2);
    t.regex(err, complaint);
  });

test.serial('a stored history is scored by the settings of its configuration', async (t) => {
  const data = join(folder, 'data');
  const disk = openDisk(join(data, 'edge'));
  const steps = stepsOf(wave(1500), { sensor: 'default', variable: 'dissolvedOxygen', start: from });
  await new LmdbStore(disk).write(steps);
  await disk.close();
  const config = join(folder, 'redtide.yaml');
  writeFileSync(config, JSON.stringify({ data, stream: { lookback: 30 }, model: { horizons: [2, 5] } }));
  const { code, out, err } = await run(
    'backtest',
    '--config',
    config,
    '--network=none',
    '--origins=1',
    '--json',
  );
  t.is(code, 0, err);
  const report = JSON.parse(out) as Report;
  t.like(report.settings, {
    lookback: 30,
    horizons: [2, 5],
    until: new Date(from + 1500 * hour).toISOString(),
  });
  t.is(report.scores[0]!.station, 'buoy-1');
  t.is(report.scores[0]!.horizons[1]!.samples, 375 - 5 + 1);
});

test.serial('real water: eight weeks of MAREL Carnot, without what its source interpolated', async (t) => {
  const short = shortened(t, 'marel_carnot_2005_2007.csv.gz', 4000, folder);
  if (!short) return;
  const { code, out, err } = await run(
    'backtest',
    short,
    '--network=none',
    '--variables=chlorophyll',
    '--from=2005-01-22',
    '--origins=1',
    '--horizons=1',
    '--json',
  );
  t.is(code, 0, err);
  const { scores, settings } = JSON.parse(out) as Report;
  const [{ samples, forecasters }] = scores[0]!.horizons as [Report['scores'][number]['horizons'][number]];
  const pairs = pairsOf(short, Date.parse(settings.from));
  t.true(samples <= pairs.measured && samples > 0.8 * pairs.measured, `${samples} of ${pairs.measured}`);
  t.true(pairs.measured < pairs.all - 20, `${pairs.all}`);
  t.true(forecasters['seasonal-24h']!.rmse > 0);
});

/** Hours from `from` on that have chlorophyll and are followed by one that has: as measured, and with what was made up. */
function pairsOf(path: string, from: number): { readonly measured: number; readonly all: number } {
  const [header, ...rows] = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  const [time, value, flag] = ['time_utc', 'chlorophyll_fluor_FFU', 'interp_suspect_chlorophyll'].map(
    (name) => header!.split(',').indexOf(name),
  ) as [number, number, number];
  const measured = new Set<number>();
  const all = new Set<number>();
  for (const cells of rows.map((row) => row.split(','))) {
    const at = Math.floor(Date.parse(cells[time]!) / hour);
    if (cells[value] === '' || at * hour < from - hour) continue;
    all.add(at);
    if (cells[flag] === '0') measured.add(at);
  }
  const count = (hours: Set<number>) => [...hours].filter((at) => hours.has(at + 1)).length;
  return { measured: count(measured), all: count(all) };
}
