import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { openDisk } from '../../src/disk.ts';
import { exportSorted } from '../../src/store/export.ts';
import { InfluxStore } from '../../src/store/influx-store.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { startInflux } from '../servers.ts';
import { all, always, emptyStep, forecast, hour, reading, start } from './points.ts';
import { expectedExport, storedPoint } from './reference.ts';

test('the same points give the same bytes, whichever store they are in', async (t) => {
  const server = await startInflux(t);
  if (!server) return;
  const folder = mkdtempSync(join(tmpdir(), 'redtide-export-'));
  const disk = openDisk(folder);
  t.teardown(async () => {
    await disk.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const stores = [new LmdbStore(disk), new InfluxStore({ url: server.url, database: 'd' })];
  const points = [
    ...fc.sample(storedPoint, { numRuns: 500, seed: 7 }),
    ...Array.from({ length: 3000 }, (_, at) => forecast({ station: 'B02', issuedAt: start + at * hour })),
  ];
  const exports: string[][] = [];
  for (const store of stores) {
    await store.open();
    await store.write(points);
    exports.push(await all(exportSorted(store, always)));
  }
  t.deepEqual(exports[0], expectedExport(points));
  t.is(exports[0]!.join('\n'), exports[1]!.join('\n'));
});

test('a line is JSON with sorted keys and null for what is not a number', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'redtide-export-'));
  const disk = openDisk(folder);
  t.teardown(async () => {
    await disk.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const store = new LmdbStore(disk);
  await store.write([reading({ failed: ['spike'] }), emptyStep()]);
  t.deepEqual(await all(exportSorted(store, always)), [
    '{"failed":["spike"],"flag":1,"kind":"reading","lateOnly":false,"receivedAt":1777593601500,"revision":"first",' +
      '"sensor":"fluorometer","station":"B01","time":1777593600000,"value":3.25,"variable":"chlorophyll"}',
    '{"count":0,"coverage":0,"deviation":null,"flag":4,"kind":"step","length":3600000,"maximum":null,"mean":null,' +
      '"minimum":null,"revision":0,"sensor":"fluorometer","start":1777593600000,"station":"B01",' +
      '"variable":"chlorophyll"}',
  ]);
});
