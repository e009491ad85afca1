import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDisk } from '../../src/disk.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { storeContract } from '../contracts/store.ts';

storeContract(
  'LMDB',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'redtide-store-'));
    let disk = openDisk(folder);
    const open = async () => {
      const store = new LmdbStore(disk);
      await store.open();
      return store;
    };
    const store = await open();
    const reopen = async () => {
      await store.close();
      await disk.close();
      disk = openDisk(folder);
      return open();
    };
    t.teardown(async () => {
      await disk.close();
      rmSync(folder, { recursive: true, force: true });
    });
    return { store, reopen };
  },
  200,
);
