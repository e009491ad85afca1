import { join } from 'node:path';
import test from 'ava';
import { openDisk } from '../src/disk.ts';
import { ModelService } from '../src/model-service.ts';
import { temporaryFolder } from './process.ts';

test('it tells what serves, until when the others did, and which record names each last', async (t) => {
  const disk = openDisk(join(temporaryFolder(t), 'edge'));
  t.teardown(() => disk.close());
  const service = new ModelService(disk);
  t.is(service.since, Number.POSITIVE_INFINITY);
  await service.begin(1000, 'a', 7);
  await service.begin(2000, 'a', 9);
  t.is(service.since, 1000);
  t.deepEqual(service.list(), [{ id: 'a', record: 7, to: undefined }]);
  await service.note({ id: 'b', sequence: 10, time: 3000 }, 'b');
  await service.note({ id: 'bad', sequence: 11, time: 4000 }, 'b');
  t.deepEqual(service.list(), [
    { id: 'a', record: 7, to: 3000 },
    { id: 'b', record: 10, to: undefined },
    { id: 'bad', record: 11, to: 4000 },
  ]);
  await service.note({ id: 'a', sequence: 12, time: 5000 }, 'a');
  t.deepEqual(service.list(), [
    { id: 'a', record: 12, to: undefined },
    { id: 'b', record: 10, to: 5000 },
    { id: 'bad', record: 11, to: 4000 },
  ]);
});
