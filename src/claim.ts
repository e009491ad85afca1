import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { resolve as absolute, join } from 'node:path';

/** A data folder is in use by another edge. */
export class FolderClaimed extends Error {
  override readonly name = 'FolderClaimed';
  constructor(folder: string) {
    super(`${folder}: another redtide process runs on this data folder; stop it first`);
  }
}

/**
 * Claims a data folder for one writer; resolves with its release. The claim is a socket that somebody listens on, so
 * it ends with its process, however that ends; what a killed one left behind is taken over.
 *
 * @throws {FolderClaimed}
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const path = addressOf(absolute(folder));
  const server = (await listen(path)) ?? (await takeOver(path));
  if (!server) throw new FolderClaimed(folder);
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** Addresses of sockets end after 108 bytes, or 104; a deeper folder has its own elsewhere. */
function addressOf(folder: string): string {
  const path = join(folder, 'edge.sock');
  if (Buffer.byteLength(path) < 100) return path;
  return join(tmpdir(), `redtide-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.sock`);
}

async function takeOver(path: string): Promise<Server | undefined> {
  if (await answers(path)) return undefined;
  unlinkSync(path);
  return listen(path);
}

/** Undefined where the socket is there already. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve(server));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}
