import { basename } from 'node:path';
import { loadMapping } from '../config/load.ts';
import type { Config, FileMapping } from '../config/schema.ts';
import { readHeader } from '../ingest/csv-file.ts';
import { decoder } from '../ingest/decode.ts';
import { FileSource, type InputFile, topicOf } from '../ingest/file-source.ts';
import type { CsvMapping, Format } from '../ingest/format.ts';
import { mappedCsv } from '../ingest/mapped-csv.ts';
import { recogniseColumns } from '../ingest/recognise-columns.ts';
import { stationCatalog } from '../ingest/stations.ts';
import { type Option, text, UsageError, type Values } from './command.ts';

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

/** How the command line says what columns mean: a mapping file, or the station of rows that name none. */
export interface ColumnOptions {
  readonly station?: string | undefined;
  readonly map?: string | undefined;
}

/** Options of the commands that read files. */
export const fileOptions: Record<string, Option> = {
  map: {
    type: 'string',
    value: 'FILE',
    help: 'mapping of the columns, where their names are not recognised',
  },
  station: { type: 'string', value: 'NAME', help: 'of files whose columns name none' },
};

export const columnOptions = (values: Values): ColumnOptions => ({
  station: text(values, 'station'),
  map: text(values, 'map'),
});

/** Recognises columns by their names, or by a mapping. Throws UsageError where a file can't be read or tells too little. */
export async function survey(
  paths: readonly string[],
  variables: Config['variables'],
  options: ColumnOptions,
): Promise<Survey> {
  if (paths.length === 0) throw new UsageError('needs at least one CSV file');
  const files: InputFile[] = [];
  const notes: string[] = [];
  for (const path of paths) {
    const { mapping, ignored, notes: own } = await recognise(path, options);
    // The name is the topic, by which the decoder knows the mapping: two files of one name must differ.
    files.push({
      path,
      mapping,
      name: files.length === 0 ? basename(path) : `${files.length}-${basename(path)}`,
    });
    if (ignored.length > 0) notes.push(`${basename(path)}: not used: ${ignored.join(', ')}`);
    notes.push(...own.map((note) => `${basename(path)}: ${note}`));
  }
  const formats = files.map(
    (file): Format => ({ topic: topicOf(file), payload: 'csv', mapping: file.mapping }),
  );
  return { files, formats, notes, stations: await stationsOf(files, formats, variables) };
}

async function recognise(path: string, { station, map }: ColumnOptions) {
  const given = map === undefined ? undefined : loadMapping(map);
  try {
    const columns = await readHeader(path, given?.delimiter);
    if (given) return { mapping: checkedMapping(columns, given, station), ignored: [], notes: [] };
    const { mapping, ignored, notes } = recogniseColumns(columns, station);
    return { mapping, ignored: ignored.map(({ column }) => column), notes };
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(message.startsWith(path) ? message : `${path}: ${message}`);
  }
}

/** The mapping with the file's own columns. Compiling it here finds a column that the file has not. */
function checkedMapping(
  columns: readonly string[],
  given: FileMapping,
  station: string | undefined,
): CsvMapping {
  const mapping = { ...given, columns, constantStation: given.constantStation ?? station };
  mappedCsv(mapping);
  return mapping;
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
