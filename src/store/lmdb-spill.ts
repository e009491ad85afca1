import type { Database } from 'lmdb';
import type { Disk } from '../disk.ts';
import type { Spill } from './point-queue.ts';
import type { Stored } from './store.ts';

/** Keys are [number, count], so that a start can count without reading a point. */
export function lmdbSpill(disk: Disk): Spill {
  const table: Database<readonly Stored[], [number, number]> = disk.database('store-spill');
  return {
    blocks: () => table.getKeys().map(([number, count]) => ({ number, count })),
    get: (number, count) => table.get([number, count]),
    async put(number, points) {
      await table.put([number, points.length], points);
    },
    async remove(number, count) {
      await table.remove([number, count]);
    },
  };
}
