import type { Disk } from '../disk.ts';
import type { DroppedMemory, DroppedRecord } from './mqtt-dropped.ts';

/** One entry for each broker. */
export function lmdbDroppedMemory(disk: Disk, url: string): DroppedMemory {
  const entries = disk.database<DroppedRecord, string>('mqtt-dropped');
  return {
    read: () => entries.get(url),
    write: async (record) => {
      await entries.put(url, record);
    },
  };
}
