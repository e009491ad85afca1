import type { Manifest } from '../artifact.ts';
import type { LineUpBody } from './line-up.ts';

type LineUp = Pick<Manifest<LineUpBody>, 'horizons' | 'body'>;

/** Who serves each station, variable and horizon, a line for a station and variable; last who serves all others. */
export function lineUpTable({ horizons, body: { members, serves, otherwise } }: LineUp): string[] {
  const networkAt = (place: number) => members[place]!.network;
  const rows = Object.entries(serves).flatMap(([station, variables]) =>
    Object.entries(variables).map(
      ([variable, places]) =>
        `${station} ${variable}: ${places.map((place, h) => `${horizons[h]} ${networkAt(place)}`).join(', ')}`,
    ),
  );
  const [first, ...beside] = otherwise.map(networkAt);
  return [...rows, `other stations: ${first}${beside.length > 0 ? `, beside it ${beside.join(', ')}` : ''}`];
}

/** The same in a line for each variable: how often each network serves, most often first. */
export function lineUpSummary({ body: { members, serves } }: LineUp): string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const variables of Object.values(serves))
    for (const [variable, places] of Object.entries(variables)) {
      const own = counts.get(variable) ?? new Map<string, number>();
      counts.set(variable, own);
      for (const place of places) {
        const { network } = members[place]!;
        own.set(network, (own.get(network) ?? 0) + 1);
      }
    }
  return [...counts].map(([variable, own]) => {
    const all = [...own.values()].reduce((sum, count) => sum + count, 0);
    const most = [...own].sort(([, a], [, b]) => b - a).map(([network, count]) => `${network} ${count}`);
    return `${variable} by ${most.join(', ')} of ${all} stations and horizons`;
  });
}
