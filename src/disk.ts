import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, type DatabaseOptions, type Key, open, type RootDatabase } from 'lmdb';
import { restoreLength } from './lmdb-file.ts';
import { checkPages } from './lmdb-pages.ts';

export interface DiskOptions {
  /** Bytes of address space to map at first. LMDB grows it by itself; a larger start saves some remapping. */
  readonly mapSize?: number | undefined;
  /** For a second process: it sees what the edge has committed and can change nothing. */
  readonly readOnly?: boolean | undefined;
}

export const dataFile = 'disk.mdb';
const noteName = 'disk.mdb-holds-data';

/** Named databases there may be; LMDB wants to know beforehand. */
const maximumDatabases = 64;

/**
 * The one LMDB environment of an edge, in `folder`; it holds all that must survive. Its named databases share
 * transactions, so what belongs together is committed together.
 *
 * @throws {Error} with the folder, where it can't be created or opened.
 */
export function openDisk(folder: string, options: DiskOptions = {}): Disk {
  try {
    passOverUnheldCommits();
    if (!options.readOnly) makeReady(folder);
    const root = openEnvironment(folder, options);
    if (!options.readOnly) remember(folder);
    return new Disk(folder, root);
  } catch (error) {
    throw new Error(`${folder}: can't be opened as the data folder: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

let passesOver = false;

/**
 * lmdb 3.5 begins a batch of writes with one of its own, whose promise nobody holds, and likewise that of the cause. Where
 * a commit fails, they would end the process before those who wait for the commit can say what is wrong.
 */
function passOverUnheldCommits(): void {
  if (passesOver) return;
  passesOver = true;
  process.on('unhandledRejection', (reason) => {
    if (!isOfCommit(reason)) throw reason;
  });
}

/** Codes of lmdb are numbers, those of Node are texts. */
const isOfCommit = (reason: unknown) =>
  reason instanceof Error &&
  ('commitError' in reason || ('code' in reason && typeof reason.code === 'number'));

const advice =
  'Keep a copy of the folder, check the disk, and restore the folder from a backup or start with an empty one';

/** LMDB takes an empty file for a new one, and ends the process where pages are not its own: so it is asked before. */
function makeReady(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, dataFile);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0) {
    restoreLength(path);
    checkFile(path);
  } else if (existsSync(join(folder, noteName)))
    throw new Error(`it held data, and its ${dataFile} is empty or gone. ${advice}`);
}

function checkFile(path: string): void {
  try {
    checkPages(path);
  } catch (error) {
    throw new Error(`${(error as Error).message}. ${advice}`, { cause: error });
  }
}

/** So that a file that was emptied is not taken for a folder that is new. */
function remember(folder: string): void {
  const path = join(folder, noteName);
  if (!existsSync(path)) writeFileSync(path, `${dataFile} holds data; it is not to be made anew.\n`);
}

/**
 * Without `overlappingSync` a commit is: write the pages, `fdatasync`, then the meta page through a descriptor
 * opened with O_DSYNC (seen with strace, lmdb 3.5.6). So a commit that has resolved is on the disk, a reader never
 * sees what a power cut could take back, and a failed sync rejects the commit. With `overlappingSync`, the default,
 * commits resolve and are visible before the sync; when it fails, lmdb prints the error and `flushed` never settles.
 * Commits are grouped by event turn either way, so the sync inside costs little.
 */
function openEnvironment(folder: string, { mapSize, readOnly = false }: DiskOptions): RootDatabase {
  return open({
    path: join(folder, dataFile),
    overlappingSync: false,
    maxDbs: maximumDatabases,
    readOnly,
    ...(mapSize === undefined ? {} : { mapSize }),
  });
}

export class Disk {
  readonly folder: string;
  /** For rooms that take LMDB as it is. */
  readonly root: RootDatabase;

  constructor(folder: string, root: RootDatabase) {
    this.folder = folder;
    this.root = root;
  }

  /**
   * The database of that name, created where it is missing; values are msgpack unless `encoding` says otherwise.
   *
   * @throws {Error} where it is missing and can't be created, since the disk is opened for reading only.
   */
  database<V, K extends Key = Key>(name: string, options: DatabaseOptions = {}): Database<V, K> {
    const database: Database<V, K> | undefined = this.root.openDB<V, K>(name, options);
    if (!database) throw new Error(`${this.folder}: there is no "${name}" in it yet`);
    return database;
  }

  /**
   * Runs `action` in one transaction over all databases; resolves with its result once that is committed and
   * synced. Puts before an exception in `action` are NOT undone: decide first, then put.
   */
  transaction<T>(action: () => T): Promise<T> {
    return this.root.transaction(action);
  }

  /**
   * Resolves once everything put before this call is on the disk: commits are in order, so an empty transaction
   * behind them resolves after theirs. Rejects when the commit it shares fails, as a full disk makes it.
   */
  async synced(): Promise<void> {
    await this.root.transaction(() => undefined);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.root.close();
  }
}
