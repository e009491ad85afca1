import { createHash } from 'node:crypto';
import { chmodSync, unlinkSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { resolve as absolute, join } from 'node:path';

/** A data folder is in use by another edge. */
export class FolderClaimed extends Error {
  override readonly name = 'FolderClaimed';
  constructor(folder: string) {
    super(`${folder}: another redtide process runs on this data folder; stop it first`);
  }
}

export interface Claim {
  /** Other processes of this machine reach the one that holds the folder here; until then they get 503. */
  answer(listener: RequestListener): void;
  release(): Promise<void>;
}

/**
 * Claims a data folder for one writer. The claim is a socket that somebody listens on, so it ends with its process,
 * however that ends; what a killed one left behind is taken over. It speaks HTTP: who may write into the folder may
 * ask the process that holds it (commands/door.ts).
 *
 * @throws {FolderClaimed}
 */
export async function claimFolder(folder: string): Promise<Claim> {
  const path = doorOf(folder);
  const server = (await listen(path)) ?? (await takeOver(path));
  if (!server) throw new FolderClaimed(folder);
  chmodSync(path, 0o600);
  server.unref();
  let answer: RequestListener = (_, response) => void response.writeHead(503).end();
  server.on('request', (request, response) => answer(request, response));
  return {
    answer: (listener) => {
      answer = listener;
    },
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Path of the socket of a data folder. */
export const doorOf = (folder: string) => addressOf(absolute(folder));

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
    const server = createServer();
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
