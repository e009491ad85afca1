import { splitRow } from './csv-row.ts';
import { type CsvMapping, defaultMissing, valuePlaces } from './format.ts';
import { type Seen, salvage, Undecodable } from './observation.ts';
import { observationTime } from './observation-time.ts';
import { numbered } from './sequence.ts';

/**
 * Compiles a mapping of rows. Cells are trimmed before anything is compared.
 *
 * @throws for columns that the mapping names and the list of columns does not have.
 */
export function mappedCsv(mapping: CsvMapping) {
  const read = rowReader(mapping);
  return (text: string, topicStation: string | undefined): Seen[] => {
    const rows = text.split(/\r?\n/);
    return rows.flatMap((row, at) =>
      row.trim() === '' ? [] : salvage(() => read(row, topicStation, at + 1)),
    );
  };
}

/** The observation time of a row, by the same rules that decode it; undefined where it has none. */
export function rowTime(mapping: CsvMapping): (cells: readonly string[]) => number | undefined {
  const at = columnIndex(mapping, mapping.time);
  return (cells) => observationTime(cells[at]?.trim(), mapping.timeFormat, mapping.assumeUtc);
}

function rowReader(mapping: CsvMapping) {
  const time = rowTime(mapping);
  const timeAt = columnIndex(mapping, mapping.time);
  const stationAt = mapping.station === undefined ? undefined : columnIndex(mapping, mapping.station);
  const [sequenceAt, streamAt] = [mapping.sequence, mapping.stream].map((one) =>
    one === undefined ? -1 : columnIndex(mapping, one),
  );
  const places = valuePlaces(mapping.values).map((one) => ({ ...one, index: columnIndex(mapping, one.at) }));
  const isMissing = missingMarkers(mapping.missing ?? defaultMissing);
  return (row: string, topicStation: string | undefined, line: number): Seen[] => {
    const cells = splitRow(row, mapping.delimiter);
    if (cells.length < 2 || cells.length > mapping.columns.length + 1)
      throw new Undecodable(`row ${line}: ${cells.length} cells, expected ${mapping.columns.length}`);
    const station =
      stationAt === undefined ? (mapping.constantStation ?? topicStation) : cells[stationAt]?.trim();
    const observed = time(cells);
    const seen: Seen[] = [];
    for (const { variable, sensor, unit, index, at } of places) {
      const value = cells[index]?.trim() ?? '';
      if (isMissing(value)) continue;
      seen.push({
        station,
        variable,
        sensor,
        time: observed,
        statedTime: cells[timeAt],
        value,
        unit,
        at: `row ${line}, ${at}`,
        textNumbers: true,
      });
    }
    const [sequence, stream] = [cells[sequenceAt!]?.trim(), cells[streamAt!]?.trim()];
    return numbered({ station, sequence, stream, at: `row ${line}` }, seen);
  };
}

/** Text markers are compared as text, numbers as numbers: -9999 covers `-9999.0`. */
function missingMarkers(markers: readonly (string | number)[]): (cell: string) => boolean {
  const texts = new Set(markers.filter((marker) => typeof marker === 'string'));
  const numbers = markers.filter((marker) => typeof marker === 'number');
  return (cell) => cell === '' || texts.has(cell) || (numbers.length > 0 && numbers.includes(Number(cell)));
}

function columnIndex({ columns }: CsvMapping, name: string): number {
  const at = columns.indexOf(name);
  if (at < 0) throw new Error(`column "${name}" is not among the columns: ${columns.join(', ')}`);
  return at;
}
