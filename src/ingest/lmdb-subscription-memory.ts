import type { RootDatabase } from 'lmdb';
import type { SubscriptionMemory } from './mqtt-subscriptions.ts';

/** One entry for each session, that is for each broker and client identifier. */
export function lmdbSubscriptionMemory(
  disk: RootDatabase,
  url: string,
  clientId: string,
): SubscriptionMemory {
  const entries = disk.openDB<readonly string[], string[]>({ name: 'mqtt-subscriptions' });
  const key = [url, clientId];
  return {
    read: () => entries.get(key),
    write: async (filters) => {
      await entries.put(key, filters);
    },
  };
}
