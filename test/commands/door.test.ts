import { join } from 'node:path';
import test from 'ava';
import { claimFolder, doorOf } from '../../src/claim.ts';
import { askEdge } from '../../src/commands/door.ts';
import { openDisk } from '../../src/disk.ts';
import { openJournal } from '../../src/ingest/journal.ts';
import { redtide, temporaryFolder } from '../process.ts';
import { configure } from './shore.ts';

const order = { action: 'none', author: 'A. Officer', details: { note: 'only a trial' } };

test('an order given to a running edge is a record of its journal, and the edge answers', async (t) => {
  const data = temporaryFolder(t);
  const broker = { embedded: { port: 0 } };
  const file = configure(data, 'edge', { data, broker, model: { folder: join(data, 'models') } });
  const folder = join(data, 'edge');
  t.is(await askEdge(folder, order), undefined, 'nobody is there yet');
  const edge = redtide(t, 'edge', file);
  await edge.line(/status page/);
  t.deepEqual(await askEdge(folder, order), { outcomes: [] });
  await t.throwsAsync(askEdge(folder, { ...order, author: ' ' }), {
    message: /author must say who asks, not " "/,
  });
  t.deepEqual(await askEdge(folder, { ...order, action: 'replay-quarantine', details: {} }), { replayed: 0 });
  await edge.stop('SIGTERM');
  t.is(await askEdge(folder, order), undefined, 'nobody is there any more');

  const disk = openDisk(folder, { readOnly: true });
  const records = [...openJournal(disk).read(1)];
  t.true(records.some(({ kind }) => kind === 'configuration'));
  const texts = records.flatMap((record) => (record.kind === 'command' ? [JSON.parse(record.text)] : []));
  t.deepEqual(texts, [order, { ...order, action: 'replay-quarantine', details: {} }]);
  await disk.close();
});

test('a process that holds the folder and takes no orders says so', async (t) => {
  const folder = temporaryFolder(t);
  const claim = await claimFolder(folder);
  await t.throwsAsync(askEdge(folder, order), { message: /cannot be asked/ });
  await claim.release();
  t.true(doorOf(folder).startsWith(folder));
});
