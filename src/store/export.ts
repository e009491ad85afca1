import type { Query, Store, Stored } from './store.ts';

/**
 * All that a store holds of this query, one JSON line for each point, in a fixed order with fixed keys: the same
 * points give the same bytes, whichever store they are in. Statistics of empty steps, which are NaN, are `null`.
 */
export async function* exportSorted(store: Store, query: Query): AsyncGenerator<string> {
  for await (const point of store.readings(query)) yield line(point);
  for await (const point of store.steps(query)) yield line(point);
  for await (const point of store.forecasts(query)) yield line(point);
  for await (const point of store.verifications(query)) yield line(point);
  for await (const point of store.alerts(query)) yield line(point);
}

const line = (point: Stored) => JSON.stringify(point, sortKeys);

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
