import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openDisk } from '../../src/disk.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { redtide, temporaryFolder } from '../process.ts';
import { forecast, hour, start, step } from '../store/points.ts';
import { configure } from './shore.ts';

async function stored(data: string): Promise<void> {
  const disk = openDisk(join(data, 'edge'));
  const store = new LmdbStore(disk);
  await store.open();
  const steps = Array.from({ length: 100 }, (_, at) =>
    step({ start: start + at * hour, mean: 3 + Math.sin(at / 6) }),
  );
  await store.write([...steps, forecast({ issuedAt: start + 100 * hour })]);
  await store.close();
  await disk.close();
}

const span = ['--from', new Date(start).toISOString(), '--to', new Date(start + 101 * hour).toISOString()];

test('a picture a variable, with what was measured in blue and the forecast in orange', async (t) => {
  const data = temporaryFolder(t);
  await stored(data);
  const config = configure(data, 'edge', { data });
  const out = join(data, 'bulletin');
  const { code, out: said, err } = await redtide(t, 'report', config, 'B01', ...span, '--out', out).ended;
  t.is(code, 0, err);
  t.is(said, `${join(out, 'B01-chlorophyll.png')}\n`);
  const picture = readFileSync(join(out, 'B01-chlorophyll.png'));
  t.deepEqual([...picture.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  t.is(picture.readUInt32BE(16), 1080, 'pixels wide');
  t.true(picture.length > 10_000);
  const again = join(data, 'again');
  await redtide(t, 'report', config, 'B01', ...span, '--out', again).ended;
  t.deepEqual(readFileSync(join(again, 'B01-chlorophyll.png')), picture, 'the same each time');
});

test('nothing stored, no span, no such variable: each is said', async (t) => {
  const data = temporaryFolder(t);
  await stored(data);
  const config = configure(data, 'edge', { data });
  const nobody = await redtide(t, 'report', config, 'B09', ...span).ended;
  t.is(nobody.code, 1);
  t.regex(nobody.err, /nothing of B09 is stored from 2026-05-01T00:00Z/);
  t.regex((await redtide(t, 'report', config, 'B01').ended).err, /needs --from and a later --to/);
  const wrong = await redtide(t, 'report', config, 'B01', ...span, '--variables', 'plankton').ended;
  t.is(wrong.code, 2);
  t.regex(wrong.err, /the configuration has no plankton/);
});
