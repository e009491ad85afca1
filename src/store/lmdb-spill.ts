import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { Database } from 'lmdb';
import type { Disk } from '../disk.ts';
import type { Spill } from './point-queue.ts';
import type { Stored } from './store.ts';

/**
 * Keys are [number, count], so that a start can count without reading a point. Values are a CRC-32 and the points:
 * LMDB has no checksums, and what is read here goes into the store.
 */
export function lmdbSpill(disk: Disk): Spill {
  const table: Database<Buffer, [number, number]> = disk.database('store-waiting', { encoding: 'binary' });
  return {
    blocks: () => table.getKeys().map(([number, count]) => ({ number, count })),
    get(number, count) {
      const sealed = table.get([number, count]);
      return sealed && points(sealed, number);
    },
    async put(number, points) {
      const content = serialize(points);
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(content));
      await table.put([number, points.length], Buffer.concat([checksum, content]));
    },
    async remove(number, count) {
      await table.remove([number, count]);
    },
  };
}

function points(sealed: Buffer, number: number): readonly Stored[] {
  const content = sealed.subarray(4);
  if (sealed.length > 4 && crc32(content) === sealed.readUInt32BE(0)) return deserialize(content);
  throw new Error(`block ${number} of the points that wait for the store is damaged on the disk`);
}
