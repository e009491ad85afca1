import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openDisk } from '../../src/disk.ts';
import type { Run } from '../../src/model/training/due.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { redtide, temporaryFolder } from '../process.ts';
import { step, verification } from '../store/points.ts';
import { configure, day, hour, logOf, now } from './shore.ts';

test('drift that the edge has verified asks the trainer for a run months before the next of the schedule, once', async (t) => {
  const folder = temporaryFolder(t);
  const models = join(folder, 'models');
  cpSync(new URL('../fixtures/models', import.meta.url), models, { recursive: true });
  const model = readFileSync(join(models, 'current'), 'utf8').trim();
  await stored(join(folder, 'data'), [
    step({ start: now - 7 * hour }),
    verification({ station: 'B02', model: 'another', issuedAt: now - 4 * hour, drift: 3 }),
    verification({ model, issuedAt: now - 6 * hour, drift: 0.9 }),
    verification({ model, issuedAt: now - 5 * hour, horizon: 2, drift: 1.2 }),
  ]);
  const config = configure(folder, 'trainer', {
    data: join(folder, 'data'),
    broker: { embedded: { port: 0 } },
    model: { folder: models },
    retrain: { data: join(folder, 'trainer'), schedule: yearly(), early: { every: '100ms', rest: '1h' } },
  });
  const retrain = redtide(t, 'retrain', config);
  const said = JSON.parse(await retrain.line(/"msg":"training"/));
  t.like(said, { cause: 'drift', attempt: 1 });
  t.regex(said.reason, /^the errors of chlorophyll at B01, 2 steps ahead, have grown for good by /);
  await retrain.line(/"reason":"[^"]*","msg":"(training failed|no candidate is better)/);
  await retrain.stop('SIGTERM');
  t.is(logOf(retrain).filter(({ msg }) => msg === 'training').length, 1);

  const { out } = await redtide(t, 'retrain', config, '--runs', '--json').ended;
  const runs = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Run);
  t.like(runs[0], { cause: 'drift', reason: said.reason });
  const text = await redtide(t, 'retrain', config, '--runs').ended;
  t.true(text.out.includes(`drift (${said.reason}), attempt 1`));
});

async function stored(folder: string, points: Parameters<LmdbStore['write']>[0]): Promise<void> {
  const disk = openDisk(join(folder, 'edge'));
  const store = new LmdbStore(disk);
  await store.open();
  await store.write(points);
  await store.close();
  await disk.close();
}

/** A schedule that names no instant for months. */
function yearly(): string {
  const far = new Date(now + 180 * day);
  return `0 0 1 ${far.getUTCMonth() + 1} *`;
}
