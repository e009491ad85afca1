import { basename } from 'node:path';
import { cellsOf, sizeOf } from './csv-file.ts';
import { joinRow } from './csv-row.ts';
import type { CsvMapping } from './format.ts';
import { rowTime } from './mapped-csv.ts';
import { mergeByTime } from './merge-by-time.ts';
import { PendingWindow } from './pending-window.ts';
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
