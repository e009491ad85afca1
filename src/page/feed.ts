import type { Change } from '../dashboard/change.ts';
import type { StationStatus, Status } from '../dashboard/status.ts';

export type Connection = 'connecting' | 'connected' | 'lost';

/** The status as the edge last told it, and how the connection to it is. */
export interface Known {
  readonly connection: Connection;
  readonly edge: Change['edge'] | undefined;
  readonly stations: ReadonlyMap<string, StationStatus>;
}

/**
 * Follows the edge's events. The browser reconnects by itself and says which event it had last, so nothing is missed
 * over a restart of the server; until it is back, `connection` says that what is shown is old.
 */
export function follow(onChange: (known: Known) => void): void {
  const stations = new Map<string, StationStatus>();
  let edge: Change['edge'] | undefined;
  let connection: Connection = 'connecting';
  const tell = () => onChange({ connection, edge, stations });
  const take = (whole: boolean) => (event: MessageEvent<string>) => {
    const change = JSON.parse(event.data) as Change;
    if (whole) stations.clear();
    for (const station of change.stations) stations.set(station.id, station);
    edge = change.edge;
    connection = 'connected';
    tell();
  };
  const open = () => {
    const source = new EventSource('/api/events');
    source.addEventListener('whole', take(true));
    source.addEventListener('change', take(false));
    source.addEventListener('error', () => {
      connection = edge ? 'lost' : 'connecting';
      tell();
      // Refused outright, as by a server that just starts: the browser gives up, so we try again.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 2000);
    });
  };
  open();
}

/** The status as the shared functions of the dashboard take it. */
export const statusOf = ({ edge, stations }: Known): Status | undefined =>
  edge && { ...edge, stations: [...stations.values()] };

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, signal ? { signal } : {});
  if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 200)}`);
  return (await response.json()) as T;
}
