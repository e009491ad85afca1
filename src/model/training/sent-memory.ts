import type { Disk } from '../../disk.ts';
import type { Sent, SentMemory } from '../delivery/mqtt-artifact-sender.ts';

/** What the broker at `url` was given under `topic`, in the ledger of the trainer. */
export function sentMemory(disk: Disk, url: string, topic: string): SentMemory {
  const database = disk.database<Sent, string>('models-sent');
  const place = `${url} ${topic}`;
  return {
    read: () => database.get(place) ?? { pieces: {} },
    write: async (sent) => {
      await database.put(place, sent);
    },
  };
}
