import { join } from 'node:path';
import test from 'ava';
import type { AlertTransition } from '../../src/alerts/alert.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { openDisk } from '../../src/disk.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import type { Stored } from '../../src/store/store.ts';
import { transitionOf } from '../alerts/transition.ts';
import { water } from '../model/baselines/records.ts';
import { temporaryFolder } from '../process.ts';
import { reading, step } from '../store/points.ts';
import { run } from './in-process.ts';
import { configure, day, hour, today } from './shore.ts';

const weeks = 16;
const first = today - weeks * 7 * day;
const hours = weeks * 7 * 24;

/** Hourly means of chlorophyll; the recent hold-out is their last four weeks. */
const chlorophyll: Stored[] = water(hours).map((value, at) =>
  step({ station: 'B01', sensor: 'default', start: first + at * hour, mean: 20 - value }),
);
const countAt = (time: number, value: number) => reading({ station: 'B01', variable: 'cells', time, value });
/** Counts that came in time are steps as well. */
const stepOf = (start: number, mean: number) => step({ station: 'B01', variable: 'cells', start, mean });

/** An alert from `n` to `n + 1` hours before the end of the history, with a verdict. */
function judged(n: number, verdict: string): AlertTransition[] {
  const evidence = { ...transitionOf(0).evidence, level: 12, direction: 'above' as const };
  const base = { station: 'B01', stations: ['B01'], id: `bloom/B01/${n}`, onset: today - n * hour };
  const at = { time: today - n * hour };
  const said = (to: AlertTransition['to'], sequence: number, hoursLater: number): AlertTransition => ({
    ...transitionOf(0, to),
    ...base,
    sequence,
    time: base.onset + hoursLater * hour,
    evidence: { ...evidence, ...at, time: base.onset + hoursLater * hour },
  });
  return [
    said('firing', 1, 0),
    said('resolved', 2, 1),
    { ...said('resolved', 3, 1), time: today + n, cause: 'command', reason: `verdict: ${verdict}` },
  ];
}

const settings = (folder: string, lasts: string): ConfigInput => ({
  data: join(folder, 'data'),
  variables: { chlorophyll: { unit: 'ug/L' }, cells: { unit: 'cells/L' } },
  model: { folder: join(folder, 'models'), horizons: [6, 12] },
  stream: { lookback: 48 },
  retrain: {
    data: join(folder, 'trainer'),
    networks: [],
    cellCounts: [{ variable: 'cells', level: 50_000, lasts }],
  },
});

async function filled(folder: string, points: readonly Stored[], lasts = '1h'): Promise<string> {
  const disk = openDisk(join(folder, 'data', 'edge'));
  const store = new LmdbStore(disk);
  await store.open();
  await store.write([...chlorophyll, ...points]);
  await store.close();
  await disk.close();
  return configure(folder, 'trainer', settings(folder, lasts));
}

const decisionOn = async (file: string) => {
  const { out, err } = await run('retrain', file, '--contest');
  return { err, ...JSON.parse(out) };
};
const alarmsIn = ({ challengers }: Awaited<ReturnType<typeof decisionOn>>) =>
  challengers.map((one: { network: string; recent: { alarms: { challenger: unknown } } }) => [
    one.network,
    one.recent.alarms.challenger,
  ]);

test('verdicts and counts judge a contest, and no model learns of them', async (t) => {
  const plain = await decisionOn(await filled(temporaryFolder(t), []));
  t.deepEqual(plain.sightings, { found: 0, refuted: 0 });
  const told = alarmsIn(plain);
  t.log(JSON.stringify(told));
  const [, persisted] = told.find(([network]: [string]) => network === 'persistence');
  t.true(persisted.all > 0 && persisted.missed > 0);

  const counted = [countAt(today - 48 * hour, 0), stepOf(today - 48 * hour, 0), stepOf(first - hour, 0)];
  const calm = [...counted, ...judged(30, 'false-alarm')];
  const judgedBy = await decisionOn(await filled(temporaryFolder(t), calm, `${weeks * 7}d`));
  t.deepEqual(judgedBy.sightings, { found: 0, refuted: 2 });
  for (const [network, alarms] of alarmsIn(judgedBy)) {
    t.is(alarms.missed, 0, `${network}: there was nothing to miss`);
    t.is(alarms.all, alarms.false, `${network}: there was nothing to tell of`);
  }
  const learned = ({ challengers }: typeof plain) =>
    challengers.map(({ id, older }: { id: string; older: unknown }) => [id, older]);
  t.deepEqual(learned(judgedBy), learned(plain));
  t.deepEqual(judgedBy.holdOuts, plain.holdOuts);
});

test('what people found in the hold-out is told with the decision; what was before is not', async (t) => {
  const points = [
    countAt(today - 60 * hour, 80_000),
    countAt(today - 40 * hour, 100),
    countAt(first, 80_000),
    reading({ ...countAt(today - 10 * hour, 80_000), flag: 4 }),
    ...judged(30, 'confirmed'),
    ...judged(20, 'unclear'),
  ];
  const { sightings } = await decisionOn(await filled(temporaryFolder(t), points));
  t.deepEqual(sightings, { found: 2, refuted: 1 });
});

test('a back-test on the store is judged by them too', async (t) => {
  const eventsOf = async (file: string) => {
    const { out, code, err } = await run('backtest', '--config', file, '--network', 'none', '--json');
    t.is(code, 0, err);
    const { settings: used, spikes } = JSON.parse(out);
    t.deepEqual(used.variables, ['chlorophyll']);
    return spikes.map(
      ({ horizons }: { horizons: { forecasters: Record<string, { events: number }> }[] }) =>
        horizons[0]!.forecasters['persistence']!.events,
    );
  };
  const plain = await eventsOf(await filled(temporaryFolder(t), []));
  t.true(plain.every((events: number) => events > 0));
  const calm = [countAt(today - 48 * hour, 0)];
  t.deepEqual(await eventsOf(await filled(temporaryFolder(t), calm, `${weeks * 7}d`)), [0, 0, 0]);
});

test('what judges forecasts cannot be forecast', async (t) => {
  const folder = temporaryFolder(t);
  const counts = { variable: 'chlorophyll', level: 5 };
  t.throws(() => configure(folder, 'same', { retrain: { cellCounts: [counts] } }), {
    message: /retrain\/cellCounts\/0\/variable: "chlorophyll" is forecast/,
  });
  t.throws(
    () => configure(folder, 'unknown', { retrain: { cellCounts: [{ variable: 'cells', level: 5 }] } }),
    {
      message: /cells" is not in variables/,
    },
  );
});
