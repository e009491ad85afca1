/** Remembers over a restart which topic filters the session at the broker has. */
export interface SubscriptionMemory {
  read(): readonly string[] | undefined;
  write(filters: readonly string[]): Promise<void>;
}

export interface SubscriptionPlan {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly reason: 'no session' | 'session unknown' | 'topics changed' | 'nothing to do';
}

/**
 * What to tell the broker after a connect. A session that it kept has its subscriptions still: only what the
 * configuration changed is told, so that the session and its queue live on. MQTT.js does not subscribe again by
 * itself on a first connect.
 *
 * @param known the filters that the session has; undefined where that was not remembered.
 */
export function planSubscriptions(
  sessionPresent: boolean,
  known: readonly string[] | undefined,
  wanted: readonly string[],
): SubscriptionPlan {
  if (!sessionPresent) return { subscribe: wanted, unsubscribe: [], reason: 'no session' };
  if (!known) return { subscribe: wanted, unsubscribe: [], reason: 'session unknown' };
  const subscribe = wanted.filter((filter) => !known.includes(filter));
  const unsubscribe = known.filter((filter) => !wanted.includes(filter));
  const reason = subscribe.length + unsubscribe.length > 0 ? 'topics changed' : 'nothing to do';
  return { subscribe, unsubscribe, reason };
}
