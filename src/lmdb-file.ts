import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

/** Where LMDB (format of lmdb 3.5) keeps them: its meta pages are the first two of the file. */
const magicAt = 24;
const magic = 0xbeefc0de;
const mapSizeAt = magicAt + 16;
const pageSizeAt = magicAt + 24;
const lastPageAt = magicAt + 120;
const treeBytes = 48;

/**
 * Gives a file that was cut off its length back, as zeroes. LMDB maps the file: behind its end a read kills the
 * process without a word, while a page of zeroes is an error that can be told. Pages that were allocated and never
 * written may be missing at the end of a healthy file too, so a short file alone is no damage.
 */
export function restoreLength(path: string): void {
  const file = openIfThere(path);
  if (file === undefined) return;
  try {
    const needed = lengthNeeded(file);
    if (fstatSync(file).size < needed) ftruncateSync(file, needed);
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What a meta page says. */
export interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  /** Records of the two trees it names: free pages, and tables. */
  readonly trees: readonly Buffer[];
}

/** The meta pages that are LMDB's and plausible, two in a healthy file. */
export function metasOf(file: number): Meta[] {
  const first = readMeta(file, 0);
  const second = first && readMeta(file, first.pageSize);
  return [first, second].filter((meta) => meta !== undefined);
}

/** 0 where the first page is none of LMDB's: it says so itself. */
function lengthNeeded(file: number): number {
  const metas = metasOf(file);
  return metas.length === 0
    ? 0
    : (Math.max(...metas.map(({ lastPage }) => lastPage)) + 1) * metas[0]!.pageSize;
}

function readMeta(file: number, at: number): Meta | undefined {
  const page = Buffer.alloc(lastPageAt + 16);
  if (readSync(file, page, 0, page.length, at) < page.length) return undefined;
  if (page.readUInt32LE(magicAt) !== magic) return undefined;
  const pageSize = page.readUInt32LE(pageSizeAt);
  const lastPage = Number(page.readBigUInt64LE(lastPageAt));
  const mapSize = Number(page.readBigUInt64LE(mapSizeAt));
  const plausible = pageSize >= 512 && pageSize <= 65_536 && (lastPage + 1) * pageSize <= mapSize;
  const trees = [pageSizeAt, pageSizeAt + treeBytes].map((from) => page.subarray(from, from + treeBytes));
  return plausible
    ? { pageSize, lastPage, transaction: page.readBigUInt64LE(lastPageAt + 8), trees }
    : undefined;
}
