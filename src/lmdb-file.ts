import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

/** Where LMDB (format of lmdb 3.5) keeps them: its meta pages are the first two of the file. */
const magicAt = 24;
const magic = 0xbeefc0de;
const mapSizeAt = magicAt + 16;
const pageSizeAt = magicAt + 24;
const lastPageAt = magicAt + 120;

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

/** 0 where the first page is none of LMDB's: it says so itself. */
function lengthNeeded(file: number): number {
  const first = readMeta(file, 0);
  if (!first) return 0;
  const second = readMeta(file, first.pageSize);
  return (Math.max(first.lastPage, second?.lastPage ?? 0) + 1) * first.pageSize;
}

function readMeta(file: number, at: number): { pageSize: number; lastPage: number } | undefined {
  const page = Buffer.alloc(lastPageAt + 8);
  if (readSync(file, page, 0, page.length, at) < page.length) return undefined;
  if (page.readUInt32LE(magicAt) !== magic) return undefined;
  const pageSize = page.readUInt32LE(pageSizeAt);
  const lastPage = Number(page.readBigUInt64LE(lastPageAt));
  const mapSize = Number(page.readBigUInt64LE(mapSizeAt));
  const plausible = pageSize >= 512 && pageSize <= 65_536 && (lastPage + 1) * pageSize <= mapSize;
  return plausible ? { pageSize, lastPage } : undefined;
}
