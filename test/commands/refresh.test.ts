import { join } from 'node:path';
import test from 'ava';
import { redtide, until } from '../process.ts';
import {
  bay,
  buoyAt,
  currentOf,
  hours,
  inService,
  live,
  measurements,
  replayed,
  served,
  timeOf,
} from './bay.ts';

/**
 * A model's whole way, with the programs that operators run: history replayed into InfluxDB, the cron of a trainer, a
 * contest, the version signed and left at Mosquitto, the running edge that takes it, its next forecasts in InfluxDB.
 */
test('from replayed history and the cron to the next forecasts of a running edge, and back', async (t) => {
  t.timeout(300_000);
  const shore = await bay(t);
  if (!shore) return;
  const values = measurements();
  await replayed(t, shore, values);
  const versions = join(shore.folder, 'versions');
  const edge = redtide(t, 'edge', shore.edge);
  await edge.line(/"state":"connected"/);
  const buoy = await buoyAt(t, shore, values);

  const plain = await redtide(t, 'train', '--config', shore.trainer, '--network', 'persistence').ended;
  t.is(plain.code, 0, plain.err);
  const first = currentOf(versions);
  const sent = await redtide(t, 'models', 'deliver', '--config', shore.trainer).ended;
  t.is(sent.code, 0, sent.err);
  await edge.line(inService(first));
  const start = hours - live;
  await buoy.says(start, start + 28);
  const issued = (at: number) => async () => (await buoy.forecasts()).has(timeOf(at));
  await until('a forecast', issued(start + 27), 60_000);
  t.deepEqual([...new Set((await buoy.forecasts()).values())], [first]);

  const retrain = redtide(t, 'retrain', shore.retrainer('scheduled', { schedule: '*/2 * * * * *' }));
  await retrain.line(/"trained and published"/, 120_000);
  const second = currentOf(versions);
  await edge.line(inService(second));
  await buoy.says(start + 28, start + 32);
  await until('a forecast of the new version', issued(start + 31), 60_000);
  await retrain.line(/no candidate is better; the present model stays/, 120_000);
  t.is((await retrain.stop('SIGTERM')).code, 0);
  const runs = (await redtide(t, 'retrain', shore.trainer, '--runs').ended).out;
  t.regex(runs, new RegExp(`scheduled, attempt 1 {2}done .* model ${second}, .*better than the champion`));

  const why = ['--reason', 'too many alarms', '--author', 'Lin'];
  const back = await redtide(t, 'models', 'rollback', ...why, '--config', shore.trainer).ended;
  t.is(back.out.split('\n')[0], `${first} is current, in the place of ${second}`, back.err);
  await until('the roll-back at the edge', () => served(edge).length === 3, 60_000);
  t.deepEqual(served(edge), [first, second, first]);
  await buoy.says(start + 32, start + 36);
  await until('a forecast of the old version', issued(start + 35), 60_000);

  const forecasts = await buoy.forecasts();
  const by = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => forecasts.get(timeOf(from + n)));
  t.deepEqual(by(start + 28, start + 32), [second, second, second, second]);
  t.deepEqual(by(start + 32, start + 36), [first, first, first, first]);
  t.is((await edge.stop('SIGTERM')).code, 0);
});
