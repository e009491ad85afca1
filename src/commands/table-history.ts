import type { Config } from '../config/schema.ts';
import { readHeader } from '../ingest/csv-file.ts';
import { joinRow, splitRow } from '../ingest/csv-row.ts';
import { decoder } from '../ingest/decode.ts';
import { type InputFile, topicOf } from '../ingest/file-source.ts';
import type { Reading } from '../ingest/reading.ts';
import { withoutFlagged } from '../ingest/source-flags.ts';
import { stationCatalog } from '../ingest/stations.ts';
import { cellName } from '../model/space/place.ts';
import type { Step } from '../stream/step.ts';
import { type ColumnOptions, readAll, type Survey, survey } from './files.ts';

const day = 86_400_000;
/** A twelfth of the Julian year: the first of each month lies within two days of its own multiple. */
export const month = 365.25 * (day / 12);

const columns = {
  station: /^(station|site|platform)([ _]?(id|code))?$/i,
  latitude: /^lat(itude)?$/i,
  longitude: /^lon(gitude)?$/i,
};

/** The columns of latitude and longitude of a long-form table of a grid, whose rows name no station. */
interface GridColumns {
  readonly latitude: number;
  readonly longitude: number;
}

/** Undefined where it is no grid; what cannot be read at all is complained of where it is surveyed. */
export async function gridColumns(path: string): Promise<GridColumns | undefined> {
  const header = await readHeader(path).catch(() => []);
  const at = (pattern: RegExp) => header.findIndex((name) => pattern.test(name));
  const [latitude, longitude] = [at(columns.latitude), at(columns.longitude)];
  if (Math.min(latitude, longitude) < 0 || at(columns.station) >= 0) return undefined;
  return { latitude, longitude };
}

/** Where rows of a grid are named by their cells, the mapping needs a station before that. */
export const namedGrid = (options: ColumnOptions): ColumnOptions => ({ ...options, station: 'grid' });

/**
 * Step means of tables whose rows are already means: of stations, or of the cells of a grid, whose stations are then
 * `22.5625,114.1042`. They do not go through the stream, which is made for readings that come as they are measured: each
 * row is one step, the one whose start is nearest. Empty cells, land and cloud, are no step; values that the source
 * flagged are left out.
 */
export async function stepsOfTables(
  { files, formats }: Survey,
  { variables }: Config,
  step: number,
  grid?: GridColumns,
): Promise<Step[]> {
  const named = formats.map((format) => (grid ? byCell(format, grid) : format));
  const decode = decoder({ formats: named, variables, stations: stationCatalog([], 'accept') });
  const rewriters = new Map(files.map((file) => [topicOf(file), rewriter(file, grid)]));
  const steps = new Map<string, Step>();
  await readAll(files, (message) => {
    const rewrite = rewriters.get(message.topic)!;
    const payload = Buffer.from(rewrite(Buffer.from(message.payload).toString()));
    for (const item of decode({ ...message, payload }))
      if (item.kind === 'reading') {
        const one = stepOf(item, step);
        const key = `${one.station}\n${one.variable}\n${one.sensor}\n${one.start}`;
        steps.set(key, merged(steps.get(key), one));
      }
    return true;
  });
  return [...steps.values()];
}

function byCell(format: Survey['formats'][number], { latitude }: GridColumns): Survey['formats'][number] {
  if (format.payload !== 'csv') return format;
  const { constantStation: _, ...mapping } = format.mapping;
  return { ...format, mapping: { ...mapping, station: mapping.columns[latitude]! } };
}

/** Empties what the source does not trust, and puts the name of the cell where its latitude was. */
function rewriter({ mapping }: InputFile, grid: GridColumns | undefined): (row: string) => string {
  const clean = withoutFlagged(mapping) ?? ((row: string) => row);
  if (!grid) return clean;
  return (row) => {
    const cells = splitRow(clean(row), mapping.delimiter);
    const [latitude, longitude] = [Number(cells[grid.latitude]), Number(cells[grid.longitude])];
    cells[grid.latitude] = cellName({ latitude, longitude });
    return joinRow(cells, mapping.delimiter);
  };
}

function stepOf({ station, sensor, variable, time, value, flag }: Reading, length: number): Step {
  const start = Math.round(time / length) * length;
  const only = { mean: value, count: 1, minimum: value, maximum: value, deviation: 0, coverage: 1 };
  return { kind: 'step', station, sensor, variable, start, length, ...only, flag, revision: 0 };
}

/** Two rows of one step, such as two surveys in a month, are their mean. */
function merged(known: Step | undefined, one: Step): Step {
  if (!known) return one;
  const count = known.count + 1;
  const mean = known.mean + (one.mean - known.mean) / count;
  return {
    ...known,
    count,
    mean,
    minimum: Math.min(known.minimum, one.mean),
    maximum: Math.max(known.maximum, one.mean),
  };
}

/** Files of a grid as `survey` reads them, and the step of their frames: a month, or the median interval. */
export async function surveyGrid(
  paths: readonly string[],
  variables: Config['variables'],
  options: ColumnOptions,
): Promise<{ readonly surveyed: Survey; readonly step: number }> {
  const surveyed = await survey(paths, variables, namedGrid(options));
  const interval = surveyed.stations[0]?.cadence ?? day;
  return { surveyed, step: isMonth(interval) ? month : interval };
}

const isMonth = (interval: number) => interval >= 28 * day && interval <= 31 * day;
