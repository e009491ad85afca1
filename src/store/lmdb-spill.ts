import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { Database } from 'lmdb';
import type { Disk } from '../disk.ts';
import type { Spill } from './point-queue.ts';
import type { Stored } from './store.ts';

/**
 * Keys are [number, count, bytes], so that a start can count without reading a point. Values are a CRC-32 and the points:
 * LMDB has no checksums, and what is read here goes into the store.
 */
export function lmdbSpill(disk: Disk): Spill {
  const table: Database<Buffer, number[]> = disk.database('store-waiting', { encoding: 'binary' });
  /** Of blocks that this run put there: one may be settled before it is committed, and is not found by a look then. */
  const put = new Map<number, number[]>();
  const keyOf = (number: number, count: number) =>
    put.get(number) ?? [...table.getKeys({ start: [number, count], end: [number, count + 1], limit: 1 })][0];
  return {
    blocks: () =>
      table.getKeys().map(([number, count, bytes]) => ({ number: number!, count: count!, bytes: bytes! })),
    get(number, count) {
      const key = keyOf(number, count);
      const sealed = key && table.get(key);
      return sealed && points(sealed, number);
    },
    async put(number, points) {
      const content = serialize(points);
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(content));
      const sealed = Buffer.concat([checksum, content]);
      const key = [number, points.length, sealed.length];
      put.set(number, key);
      await table.put(key, sealed);
      return sealed.length;
    },
    async remove(number, count) {
      const key = keyOf(number, count);
      put.delete(number);
      if (key) await table.remove(key);
    },
  };
}

function points(sealed: Buffer, number: number): readonly Stored[] {
  const content = sealed.subarray(4);
  if (sealed.length > 4 && crc32(content) === sealed.readUInt32BE(0)) return deserialize(content);
  throw new Error(`block ${number} of the points that wait for the store is damaged on the disk`);
}
