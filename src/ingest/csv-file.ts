import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';

/** The names of the columns: the cells of the line before the data. */
export async function readHeader(path: string, delimiter = ',', headerLine = 1): Promise<string[]> {
  await sizeOf(path);
  for await (const cells of cellsOf(path, delimiter, headerLine, () => {}))
    return cells.map((cell) => cell.trim());
  throw new Error(`${path}: has no line ${headerLine} with the names of the columns`);
}

/** Rows as cells, from the line `fromLine` on, counted from 1. A name that ends in `.gz` is unpacked. */
export async function* cellsOf(
  path: string,
  delimiter: string | undefined,
  fromLine: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<string[]> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  file.on('data', (chunk) => onBytes(chunk.length));
  const parser = parse({
    delimiter: delimiter ?? ',',
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    from_line: fromLine,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: 1024 * 1024,
  });
  const stages: [Readable, ...NodeJS.ReadWriteStream[]] = [
    file,
    ...(path.endsWith('.gz') ? [createGunzip()] : []),
    parser,
  ];
  // The error reaches the loop below through the parser.
  pipeline(stages as [Readable, NodeJS.ReadWriteStream], () => {});
  try {
    yield* parser as AsyncIterable<string[]>;
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  } finally {
    file.destroy();
  }
}

/** @throws with the path, where the file can't be read. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new Error(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code}); check the path`);
  }
}
