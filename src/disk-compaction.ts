import { closeSync, fsyncSync, openSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFile, openDisk } from './disk.ts';
import { fillOf, type PageFill } from './lmdb-pages.ts';

/** What was done with the file of a data folder, and why; sizes in bytes. */
export type Compaction =
  | { readonly kind: 'compacted'; readonly before: number; readonly after: number }
  | { readonly kind: 'kept'; readonly reason: string };

/** A file that is smaller, in bytes, or has less that is free, stays as it is: free pages are used again. */
const worthwhile = { bytes: 64 * 1024 * 1024, share: 0.5 };
/** Of what is copied, since the file system needs some too. */
const margin = 1.1;

/** Why a file stays as it is; undefined where it is to be copied. `available`: bytes that the file system has left. */
export function reasonToKeep(
  { pageSize, used, total }: PageFill,
  available: number,
  share = worthwhile.share,
): string | undefined {
  const [size, free] = [total * pageSize, (total - used) * pageSize];
  if (free < share * size) return `of ${megabytes(size)} only ${megabytes(free)} are free`;
  const needed = used * pageSize * margin;
  return needed > available
    ? `the copy needs ${megabytes(needed)}, and the file system has ${megabytes(available)}`
    : undefined;
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;

/**
 * Gives back to the file system what the file of a data folder holds in free pages, which LMDB uses again but never gives
 * back. For a start only: nobody else may have the folder open for writing. A crash leaves the file as it was or as it is
 * to be, since the copy is synced before it takes the name.
 *
 * @throws {Error} where the file is damaged or can't be copied; it is as it was then.
 */
export async function compactDisk(folder: string, { bytes, share } = worthwhile): Promise<Compaction> {
  const file = join(folder, dataFile);
  const copy = `${file}.compacting`;
  rmSync(copy, { force: true });
  const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (before < bytes) return { kind: 'kept', reason: 'it is small' };
  const { bavail, bsize } = statfsSync(folder);
  const reason = reasonToKeep(fillOf(file), bavail * bsize, share);
  if (reason !== undefined) return { kind: 'kept', reason };
  await copyInto(folder, copy).catch((error) => {
    rmSync(copy, { force: true });
    throw error;
  });
  renameSync(copy, file);
  // Of the file that is gone: whoever opens the new one begins a table of readers anew.
  rmSync(`${file}-lock`, { force: true });
  sync(folder);
  return { kind: 'compacted', before, after: statSync(file).size };
}

async function copyInto(folder: string, copy: string): Promise<void> {
  const disk = openDisk(folder);
  await disk.root.backup(copy, true).finally(() => disk.close());
  sync(copy);
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
