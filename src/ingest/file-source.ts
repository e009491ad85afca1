import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { joinRow } from './csv-row.ts';
import type { CsvMapping } from './format.ts';
import { rowTime } from './mapped-csv.ts';
import type { Accept, Source, SourceState } from './source.ts';

export interface InputFile {
  /** A name that ends in `.gz` is unpacked. */
  readonly path: string;
  /** The last level of the topic `file/<name>`; the file's own name without it. */
  readonly name?: string | undefined;
  readonly mapping: CsvMapping;
  /** The first line, counted from 1, that holds data; the lines above it are headers. */
  readonly dataLine?: number | undefined;
}

export interface FileSourceOptions {
  /** Several files are merged by the time of their rows. */
  readonly files: readonly InputFile[];
  /**
   * Called before the first row of each later time: here a replay's clock ticks. Times are ms since the epoch;
   * they never go back. A promise is waited for, so none should be given for what is in order anyway.
   */
  readonly onTime?: ((time: number) => Promise<void> | void) | undefined;
  /** Bytes read of all files, as they are on the disk. */
  readonly onProgress?: ((read: number, total: number) => void) | undefined;
  /** Rows handed over and not yet durable. */
  readonly maxPending?: number | undefined;
}

export const topicOf = ({ name, path }: Pick<InputFile, 'name' | 'path'>) =>
  `file/${(name ?? basename(path)).replace(/[/+#]/g, '_')}`;

/**
 * Rows of delimited text (CSV, plain or gzipped), at full speed, a message each. The payload is the row; it is
 * received at its own time, since a replay's clock is that of its data. A row without a time has that of the row
 * before it. Rows that don't fit the mapping come as they are: refusing them is the decoder's part.
 */
export class FileSource implements Source {
  readonly ended: Promise<void>;
  readonly #options: FileSourceOptions;
  readonly #read = { bytes: 0, total: 0 };
  #finish!: { resolve: () => void; reject: (error: Error) => void };
  #state: SourceState = 'starting';
  #pumping: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    this.ended = new Promise((resolve, reject) => (this.#finish = { resolve, reject }));
    this.ended.catch(() => {});
  }

  get state(): SourceState {
    return this.#state;
  }

  /** @throws where a file can't be read. What happens later makes `ended` reject. */
  async start(accept: Accept): Promise<void> {
    for (const { path } of this.#options.files) this.#read.total += await sizeOf(path);
    this.#state = 'connected';
    this.#pumping = this.#pump(accept).then(
      () => this.#end(undefined),
      (error) => this.#end(error),
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#pumping;
    this.#state = 'stopped';
  }

  async #pump(accept: Accept): Promise<void> {
    const { files, onTime, onProgress, maxPending = 4096 } = this.#options;
    const rows = files.map((file) => rowsOf(file, (bytes) => (this.#read.bytes += bytes)));
    const window = new PendingWindow(maxPending);
    let now = Number.NEGATIVE_INFINITY;
    try {
      for await (const row of mergeByTime(rows)) {
        if (this.#stopping) break;
        if (row.time > now) await onTime?.((now = row.time));
        await window.room();
        window.add(accept({ topic: row.topic, payload: row.payload, receivedAt: row.time }));
        onProgress?.(this.#read.bytes, this.#read.total);
      }
    } finally {
      await window.empty();
    }
  }

  #end(error: Error | undefined): void {
    if (this.#stopping) return;
    this.#state = 'ended';
    if (error) this.#finish.reject(error);
    else this.#finish.resolve();
  }
}

interface Row {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly time: number;
}

async function* rowsOf(file: InputFile, onBytes: (bytes: number) => void): AsyncGenerator<Row> {
  const { mapping, dataLine = 2 } = file;
  const topic = topicOf(file);
  const timeOf = rowTime(mapping);
  let time = 0;
  for await (const cells of cellsOf(file.path, mapping.delimiter, dataLine, onBytes)) {
    time = timeOf(cells) ?? time;
    yield { topic, payload: Buffer.from(joinRow(cells, mapping.delimiter)), time };
  }
}

/** The names of the columns: the cells of the line before the data. */
export async function readHeader(path: string, delimiter = ',', headerLine = 1): Promise<string[]> {
  await sizeOf(path);
  for await (const cells of cellsOf(path, delimiter, headerLine, () => {}))
    return cells.map((cell) => cell.trim());
  throw new Error(`${path}: has no line ${headerLine} with the names of the columns`);
}

async function* cellsOf(
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

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new Error(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code}); check the path`);
  }
}

/** Merges sequences by time. Each keeps its own order; of equal times the earlier sequence comes first. */
export async function* mergeByTime<T extends { readonly time: number }>(
  sources: readonly AsyncGenerator<T>[],
): AsyncGenerator<T> {
  const heads: { source: AsyncGenerator<T>; value: T }[] = [];
  for (const source of sources) {
    const { value, done } = await source.next();
    if (!done) heads.push({ source, value });
  }
  try {
    while (heads.length > 0) {
      const least = heads.reduce((best, head) => (head.value.time < best.value.time ? head : best));
      yield least.value;
      const { value, done } = await least.source.next();
      if (done) heads.splice(heads.indexOf(least), 1);
      else least.value = value;
    }
  } finally {
    for (const { source } of heads) await source.return(undefined);
  }
}

/** Counts what is under way, so that many rows share a sync and memory stays bounded. */
class PendingWindow {
  readonly #maximum: number;
  #count = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  add(work: Promise<void>): void {
    this.#count++;
    work.then(
      () => this.#done(undefined),
      (error) => this.#done(error),
    );
  }

  async room(): Promise<void> {
    while (this.#count >= this.#maximum && !this.#failure) await this.#change();
    if (this.#failure) throw this.#failure;
  }

  async empty(): Promise<void> {
    while (this.#count > 0) await this.#change();
    if (this.#failure) throw this.#failure;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #done(error: Error | undefined): void {
    this.#count--;
    this.#failure ??= error;
    this.#wake?.();
  }
}
