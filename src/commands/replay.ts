import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type EdgeParts, startEdge } from '../edge.ts';
import { FileSource } from '../ingest/file-source.ts';
import type { Journal } from '../ingest/journal.ts';
import { channelsOf } from './channels.ts';
import { type Command, exit, flag, type Io, instant, text, UsageError, type Values } from './command.ts';
import { stepsOfFiles } from './file-history.ts';
import { asStations, columnOptions, fileOptions, type Survey, survey } from './files.ts';
import { describeSummary, type Summary, summarise } from './replay-summary.ts';
import { exampleRules, modelOf, openData, openLog, storeOf, version, watchStore } from './shore.ts';
import { trainAndPublish, trainingOptions } from './train.ts';

export const command: Command = {
  summary: 'measurements from files through the whole pipeline, at full speed',
  usage: 'FILE.csv[.gz] ... [options]',
  about: `Reads CSV files, whose columns are recognised by their names, merges them by time, and runs them through journal,
quality control, steps, windows, forecasts, rules and store. The clock is that of the data. With --train-until the
model is trained on what lies before and goes into service when the data reach that time; else the model folder's
current version serves from the beginning. Without --config or --influx the points go to an embedded store that ends
with the replay, unless --data names a folder for it.`,
  options: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'configuration: store, stations, variables, rules, stream',
    },
    influx: { type: 'string', value: 'URL', help: 'store into the InfluxDB at this address' },
    database: { type: 'string', value: 'NAME', help: 'database for --influx (redtide)' },
    data: { type: 'string', value: 'DIR', help: 'keep journal and embedded store here (a temporary folder)' },
    models: { type: 'string', value: 'DIR', help: 'model folder' },
    ...fileOptions,
    'train-until': { type: 'string', value: 'TIME', help: 'train on what is before, forecast from here on' },
    ...trainingOptions,
    json: { type: 'boolean', help: 'the summary as JSON' },
  },
  async run(values, paths, io) {
    const base = baseConfig(values);
    const surveyed = await survey(paths, base.variables, columnOptions(values));
    for (const note of surveyed.notes) io.err.write(`${note}\n`);
    const data = text(values, 'data') ?? mkdtempSync(join(tmpdir(), 'redtide-replay-'));
    try {
      const config = configOf(base, surveyed, data, values);
      const summary = await replay(surveyed, config, values, io);
      io.out.write(flag(values, 'json') ? `${JSON.stringify(summary)}\n` : `${describeSummary(summary)}\n`);
      return summary.pending === 0 ? exit.ok : exit.failed;
    } finally {
      if (text(values, 'data') === undefined) rmSync(data, { recursive: true, force: true });
    }
  },
};

function baseConfig(values: Values): Config {
  const given = text(values, 'config');
  if (text(values, 'database') !== undefined && text(values, 'influx') === undefined)
    throw new UsageError('--database needs --influx');
  return given ? loadConfig(given) : checkConfig({ log: 'error', rulesFile: exampleRules }, 'defaults');
}

/** The configuration with what the command line and the files say. */
function configOf(base: Config, { stations }: Survey, data: string, values: Values): Config {
  const url = text(values, 'influx');
  const store = { kind: 'influx', url, database: text(values, 'database') ?? 'redtide' };
  const found = checkConfig(
    { stations: asStations(stations), ...(url !== undefined && { store }) },
    'command line',
  );
  const listed = new Set(base.stations.map(({ id }) => id));
  // A model trained for a replay must not go into service at the edge that the configuration is of.
  const own = text(values, 'config') === undefined || text(values, 'train-until') !== undefined;
  const folder = text(values, 'models') ?? (own ? join(data, 'models') : base.model.folder);
  return {
    ...base,
    data,
    unknownStations: 'accept',
    stations: [...base.stations, ...found.stations.filter(({ id }) => !listed.has(id))],
    store: url === undefined ? base.store : found.store,
    model: { ...base.model, folder },
  };
}

async function trainFirst(surveyed: Survey, config: Config, values: Values, io: Io): Promise<void> {
  const until = instant(values, 'train-until');
  if (until === undefined) return;
  const steps = await stepsOfFiles(surveyed, config);
  await trainAndPublish(steps, config, { ...values, models: undefined }, io, until);
}

async function replay(surveyed: Survey, config: Config, values: Values, io: Io): Promise<Summary> {
  const disk = openData(config);
  const store = storeOf(config, disk);
  try {
    // Better now than after the training.
    await store.open();
    await trainFirst(surveyed, config, values, io);
    return await run(surveyed, { config, disk, store }, values, io);
  } finally {
    await disk.close();
  }
}

type Place = Pick<EdgeParts, 'config' | 'disk' | 'store'>;

async function run(surveyed: Survey, place: Place, values: Values, io: Io): Promise<Summary> {
  const { config } = place;
  const started = performance.now();
  const model = await modelOf(config);
  const trained = instant(values, 'train-until');
  const version0 = await model.wanted();
  const time = new ReplayTime(config.stream.step, trained, version0);
  let source: FileSource | undefined;
  const edge = await startEdge({
    ...place,
    formats: surveyed.formats,
    source: (journal) =>
      (source = new FileSource({
        files: surveyed.files,
        onTime: (now) => time.reach(now, journal),
        onProgress: progressLine(io),
      })),
    address: () => surveyed.files.map(({ path }) => path).join(', '),
    model: {
      get current() {
        return model.current;
      },
      activate: (id) => model.activate(id),
      wanted: async () => (trained === undefined ? version0 : undefined),
      dispose: () => model.dispose(),
    },
    channels: channelsOf(config, {
      lines: { write: (line, done) => io.err.write(line, done) },
      mqtt: () => ({ publish: async () => {} }),
    }),
    clock: () => time.now,
    log: openLog(config.log, io.err),
    version,
  });
  const interrupted = new Promise<never>((_, reject) =>
    io.signal.addEventListener('abort', () => reject(new Error('interrupted; nothing is left half written'))),
  );
  const stopWatching = watchStore(edge, (what) => io.err.write(`${what}\n`));
  try {
    await edge.started;
    await Promise.race([source!.ended, edge.running, interrupted]);
    await edge.tick(time.now + config.stream.idle + 2 * config.stream.step);
    await Promise.race([edge.drained(), edge.running, interrupted]);
    return summarise(edge, (performance.now() - started) / 1000);
  } finally {
    stopWatching();
    await edge.stop();
  }
}

/** The data's own clock: ticks go into the journal between the rows, and the model when its time has come. */
class ReplayTime {
  now = Number.NEGATIVE_INFINITY;
  readonly #step: number;
  #pending: { readonly at: number; readonly id: string } | undefined;

  constructor(step: number, trainedUntil: number | undefined, id: string | undefined) {
    this.#step = step;
    if (trainedUntil !== undefined && id !== undefined) this.#pending = { at: trainedUntil, id };
  }

  reach(now: number, journal: Journal): void {
    const entered = Math.floor(now / this.#step) > Math.floor(this.now / this.#step);
    this.now = now;
    if (this.#pending && now >= this.#pending.at) {
      void journal.append({ kind: 'model', time: now, id: this.#pending.id }).catch(() => {});
      this.#pending = undefined;
    }
    if (entered) void journal.append({ kind: 'tick', time: now }).catch(() => {});
  }
}

/** A share of the bytes read, written over on a terminal; nothing in a pipe. */
function progressLine({ err }: Io): (read: number, total: number) => void {
  if (!('isTTY' in err) || !err.isTTY) return () => {};
  let shown = -1;
  return (read, total) => {
    const percent = Math.floor((100 * read) / total);
    if (percent === shown) return;
    shown = percent;
    err.write(`\r\x1b[K${percent} % read${percent === 100 ? '\n' : ''}`);
  };
}
