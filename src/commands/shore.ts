import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino, { type Logger } from 'pino';
import { claimFolder } from '../claim.ts';
import { parseDuration } from '../config/duration.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { readSecret } from '../config/secret.ts';
import { documentsIn } from '../dashboard/documents.ts';
import { type HttpServer, startHttpServer } from '../dashboard/http-server.ts';
import { createMetrics } from '../dashboard/metrics.ts';
import type { Operator } from '../dashboard/operator.ts';
import { type Disk, openDisk } from '../disk.ts';
import { compactDisk } from '../disk-compaction.ts';
import type { Edge } from '../edge.ts';
import { chooseBackend } from '../model/backend.ts';
import { CurrentPredictor } from '../model/current-predictor.ts';
import { fileArtifactStore } from '../model/file-artifact-store.ts';
import { publicKeyOf } from '../model/signature.ts';
import { InfluxStore } from '../store/influx-store.ts';
import { LmdbStore } from '../store/lmdb-store.ts';
import type { Store } from '../store/store.ts';
import { secretOf } from './adapters.ts';
import { UsageError } from './command.ts';
import { giveOrder } from './door.ts';
import { receiptKey, receiptParts } from './receipts.ts';

/** What every command that runs an edge needs, made from the configuration. */

export const version: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;

/** JSON lines on the given stream: standard output for a service, standard error where people read the output. */
export function openLog(level: Config['log'], stream: NodeJS.WritableStream): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}

export function openData(config: Config): Disk {
  return openDisk(folderOf(config));
}

/** Before `openData`: gives back what an outage has made the data folder take. What stands in the way is said, and no more. */
export async function compactData(config: Config, log: Logger): Promise<void> {
  const folder = folderOf(config);
  if (!existsSync(folder)) return;
  const claim = await claimFolder(folder);
  try {
    const done = await compactDisk(folder);
    if (done.kind === 'compacted') log.info({ folder, ...done }, 'the data folder was compacted');
    else log.debug({ folder, reason: done.reason }, 'the data folder was not compacted');
  } catch (error) {
    log.warn({ folder, reason: (error as Error).message }, 'the data folder could not be compacted');
  } finally {
    await claim.release();
  }
}

/** For another process than the edge, which may be writing meanwhile. */
export function readData(config: Config): Disk {
  return openDisk(folderOf(config), { readOnly: true });
}

/** A duration of the command line, ms. */
export function durationOf(given: string): number {
  const ms = parseDuration(given);
  if (ms === undefined) throw new UsageError(`${given} is no duration; write for example 90m or 2d`);
  return ms;
}

/** Has a change of the configuration or of its rules take effect; what can't be used is reported, and changes nothing. */
export function watchConfig(
  file: string,
  started: Config,
  edge: Edge,
  say: (what: string) => void,
): () => void {
  const filesOf = ({ rulesFile }: Config) => [file, ...(rulesFile === undefined ? [] : [rulesFile])];
  const stampOf = (files: readonly string[]) =>
    files.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0).join();
  let files = filesOf(started);
  let seen = stampOf(files);
  const look = async () => {
    const stamp = stampOf(files);
    if (stamp === seen) return;
    seen = stamp;
    const config = loadConfig(file);
    files = filesOf(config);
    seen = stampOf(files);
    await edge.configure(config);
    say('the configuration has changed, and is in force');
  };
  return every(2000, look, (error) => say(`the configuration stays as it was: ${error.message}`));
}

export const folderOf = ({ data }: Config) => join(data, 'edge');

export function storeOf({ store }: Config, disk: Disk): Store {
  return store.kind === 'lmdb' ? new LmdbStore(disk) : influxStore(store);
}

/** The store for another process than the edge, which may be writing meanwhile. `close` gives everything back. */
export function historyOf(config: Config): { readonly store: Store; readonly close: () => Promise<void> } {
  if (config.store.kind === 'influx') {
    const store = influxStore(config.store);
    return { store, close: () => store.close() };
  }
  const disk = readData(config);
  return { store: new LmdbStore(disk), close: () => disk.close() };
}

function influxStore(options: Extract<Config['store'], { kind: 'influx' }>): Store {
  const { url, database, username, password, retention, batch, deadline } = options;
  return new InfluxStore({
    url,
    database,
    username,
    password: secretOf(password),
    retention,
    batch,
    deadline,
  });
}

export async function modelOf({ model }: Config): Promise<CurrentPredictor> {
  const backend = await chooseBackend(model.backend);
  const options = { coverage: model.coverage, variables: model.variables, backend };
  const artifacts = fileArtifactStore(model.folder, { trusted: model.trusted.map(publicKeyOf) });
  return new CurrentPredictor(artifacts, options);
}

export function serve(
  config: Config,
  edge: Edge,
  history: Store,
  report: (what: string) => void,
  more: readonly Operator[] = [],
): Promise<HttpServer> {
  const { operators, public: _, ...at } = config.http;
  const known = operators.map(({ name, token }) => ({ name, token: readSecret(token) }));
  return startHttpServer({
    ...at,
    status: () => edge.status(),
    metrics: createMetrics(),
    history,
    operator: { operators: [...known, ...more], order: (order) => giveOrder(edge, order) },
    receipts: receiptParts(edge, receiptKey(config)),
    documents: documentsIn(capFolders(config)),
    report,
  });
}

/** CAP files are served under the name of their channel. */
const capFolders = ({ notify }: Config) =>
  new Map(notify.flatMap((one) => (one.kind === 'cap' ? [[one.name, one.folder] as const] : [])));

/** The rules of the demonstration, and of whoever has none of his own. */
export const exampleRules = fileURLToPath(new URL('../../deploy/edge/rules.example.yaml', import.meta.url));

/** Runs `action` every `interval` ms, one at a time; a failure is reported and the next one goes on. */
export function every(
  interval: number,
  action: () => Promise<void>,
  report: (error: Error) => void,
): () => void {
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    await action().catch(report);
    busy = false;
  }, interval);
  return () => clearInterval(timer);
}

/** Says when the store goes away, again every minute, and when it is back. Points wait for it meanwhile. */
export function watchStore(edge: Edge, say: (what: string) => void): () => void {
  let looks = 0;
  const look = async () => {
    const { state, waiting, detail } = edge.status().store;
    if (state === 'answering') {
      if (looks > 0) say('the store answers again');
      looks = 0;
    } else if (looks++ % 60 === 0) say(`the store is away, ${waiting} points wait for it: ${detail}`);
  };
  return every(1000, look, () => {});
}
