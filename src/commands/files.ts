import { basename } from 'node:path';
import type { Config } from '../config/schema.ts';
import { readHeader } from '../ingest/csv-file.ts';
import { decoder } from '../ingest/decode.ts';
import { FileSource, type InputFile, topicOf } from '../ingest/file-source.ts';
import type { Format } from '../ingest/format.ts';
import { recogniseColumns } from '../ingest/recognise-columns.ts';
import { stationCatalog } from '../ingest/stations.ts';
import { UsageError } from './command.ts';

/** Files of measurements, and what their columns and first rows tell. */
export interface Survey {
  readonly files: readonly InputFile[];
  readonly formats: readonly Format[];
  /** Stations of the first rows, with the median interval between their readings, ms. */
  readonly stations: readonly { readonly id: string; readonly cadence: number }[];
  /** What a person should know: columns that were not taken, units taken on trust. */
  readonly notes: readonly string[];
}

const surveyed = 3000;

/** Recognises columns by their names. Throws UsageError where a file can't be read or tells too little. */
export async function survey(
  paths: readonly string[],
  variables: Config['variables'],
  station?: string,
): Promise<Survey> {
  if (paths.length === 0) throw new UsageError('needs at least one CSV file');
  const files: InputFile[] = [];
  const notes: string[] = [];
  for (const path of paths) {
    const { mapping, ignored, notes: own } = await recognise(path, station);
    files.push({ path, mapping });
    if (ignored.length > 0)
      notes.push(`${basename(path)}: not used: ${ignored.map(({ column }) => column).join(', ')}`);
    notes.push(...own.map((note) => `${basename(path)}: ${note}`));
  }
  const formats = files.map(
    (file): Format => ({ topic: topicOf(file), payload: 'csv', mapping: file.mapping }),
  );
  return { files, formats, notes, stations: await stationsOf(files, formats, variables) };
}

async function recognise(path: string, station: string | undefined) {
  try {
    return recogniseColumns(await readHeader(path), station);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function stationsOf(
  files: readonly InputFile[],
  formats: readonly Format[],
  variables: Config['variables'],
) {
  const times = new Map<string, number[]>();
  const decode = decoder({ formats, variables, stations: stationCatalog([], 'accept') });
  for (const file of files) {
    let rows = 0;
    await readAll([file], (message) => {
      for (const item of decode(message))
        if (item.kind === 'reading')
          times.set(item.station, [...(times.get(item.station) ?? []).slice(-500), item.time]);
      return ++rows < surveyed;
    });
  }
  return [...times]
    .map(([id, own]) => ({ id, cadence: medianInterval(own) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Hands over each row, until there are no more or `take` answers false. */
export async function readAll(
  files: readonly InputFile[],
  take: (message: { topic: string; payload: Uint8Array; receivedAt: number }) => boolean,
  onProgress?: (read: number, total: number) => void,
): Promise<void> {
  const source = new FileSource({ files, ...(onProgress && { onProgress }) });
  let wanted = true;
  const enough = new Promise<void>((resolve) => {
    source
      .start(async (message) => {
        if (!wanted) return;
        wanted = take(message);
        if (!wanted) resolve();
      })
      .catch(() => resolve());
  });
  await Promise.race([source.ended, enough]);
  await source.stop();
}

function medianInterval(times: readonly number[]): number {
  const distinct = [...new Set(times)].sort((a, b) => a - b);
  const intervals = distinct
    .slice(1)
    .map((time, i) => time - distinct[i]!)
    .sort((a, b) => a - b);
  return intervals[intervals.length >> 1] ?? 600_000;
}

/** The configuration's way of writing stations that were found in files. */
export const asStations = (stations: Survey['stations']) =>
  stations.map(({ id, cadence }) => ({ id, cadence: `${cadence}ms` }));
