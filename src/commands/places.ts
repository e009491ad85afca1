import type { Config } from '../config/schema.ts';
import { cellsOf, readHeader } from '../ingest/csv-file.ts';
import type { Place } from '../model/space/place.ts';
import { number, type Option, text, UsageError, type Values } from './command.ts';

/** Options of networks over space. */
export const spaceOptions: Record<string, Option> = {
  places: {
    type: 'string',
    value: 'FILE',
    help: "CSV with columns station_id, lat, lon: where stations lie (the configuration's)",
  },
  edges: {
    type: 'string',
    value: 'KIND',
    help: 'graph: distance, correlation (lagged, of the training part) or none (distance where places are known)',
  },
  neighbours: { type: 'string', value: 'N', help: 'graph: stations that each one hears, at most (3)' },
};

const columns = { station: /^station(_?id)?$/i, latitude: /^lat(itude)?$/i, longitude: /^lon(gitude)?$/i };

/** Where stations lie: of the configuration, and of the file that is named. */
export async function placesOf({ stations }: Config, values: Values): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const { id, latitude, longitude } of stations)
    if (latitude !== undefined && longitude !== undefined) places.set(id, { latitude, longitude });
  const file = text(values, 'places');
  if (file !== undefined) for (const [id, place] of await placesIn(file)) places.set(id, place);
  return places;
}

async function placesIn(file: string): Promise<[string, Place][]> {
  const header = await readHeader(file);
  const [station, latitude, longitude] = Object.values(columns).map((pattern) =>
    header.findIndex((name) => pattern.test(name)),
  ) as [number, number, number];
  if (Math.min(station, latitude, longitude) < 0)
    throw new UsageError(
      `--places ${file} has no columns station_id, lat and lon; it has ${header.join(', ')}`,
    );
  const places: [string, Place][] = [];
  for await (const cells of cellsOf(file, ',', 2, () => {})) {
    const place = { latitude: Number(cells[latitude]), longitude: Number(cells[longitude]) };
    if (!Number.isFinite(place.latitude) || !Number.isFinite(place.longitude))
      throw new UsageError(`--places ${file}: ${cells.join(',')} has no latitude and longitude in degrees`);
    places.push([cells[station]!.trim(), place]);
  }
  return places;
}

const kinds = ['distance', 'correlation', 'none'] as const;

/** Settings of networks over space that the command line names. */
export function spaceSettings(values: Values): object {
  const edges = text(values, 'edges');
  if (edges !== undefined && !kinds.some((kind) => kind === edges))
    throw new UsageError(`--edges ${edges} is none of ${kinds.join(', ')}`);
  const neighbours = number(values, 'neighbours', 3);
  if (!Number.isInteger(neighbours) || neighbours < 1)
    throw new UsageError(`--neighbours ${neighbours} is not a whole number above 0`);
  return { ...(edges !== undefined && { edges }), neighbours };
}
