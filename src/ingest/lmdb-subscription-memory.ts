import type { Disk } from '../disk.ts';
import type { SubscriptionMemory } from './mqtt-subscriptions.ts';

/** One entry for each session, that is for each broker and client identifier. */
export function lmdbSubscriptionMemory(disk: Disk, url: string, clientId: string): SubscriptionMemory {
  const entries = disk.database<readonly string[], string[]>('mqtt-subscriptions');
  const key = [url, clientId];
  return {
    read: () => entries.get(key),
    write: async (filters) => {
      await entries.put(key, filters);
    },
  };
}
