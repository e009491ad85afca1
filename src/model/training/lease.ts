import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers';

/** Who trains, as the lease file says. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
}

export interface LeaseOptions {
  /** ms without a renewal after which a lease is void: its holder died. */
  readonly expires?: number;
  readonly holder?: Holder;
  /** Called where another one has taken the lease meanwhile: this process was asleep for too long. */
  readonly onLost?: () => void;
}

const fileName = 'training.lease';

/**
 * One training run at a time per model folder, also where hosts share it over the network. The lease is a file that its
 * holder touches; whose file has not changed for so long is taken to be dead. Ages are of the file system's own clock,
 * compared with a file written now, so hosts whose clocks differ agree.
 *
 * Resolves with the release, or with who holds it.
 */
export async function lease(
  folder: string,
  { expires = 120_000, holder = { host: hostname(), pid: process.pid }, onLost }: LeaseOptions = {},
): Promise<(() => Promise<void>) | Holder> {
  const path = join(folder, fileName);
  const own = join(folder, `.lease-${holder.host}-${holder.pid}`);
  await write(own, holder);
  try {
    if (!(await claim(own, path)) && !(await takeOver(path, own, expires))) return await holderOf(path);
  } finally {
    await rm(own, { force: true });
  }
  const isOurs = async () => {
    const still = await holderOf(path);
    return still.host === holder.host && still.pid === holder.pid;
  };
  const timer = setInterval(async () => {
    if (await isOurs()) return write(path, holder).catch(() => {});
    clearInterval(timer);
    onLost?.();
  }, expires / 4);
  timer.unref();
  return async () => {
    clearInterval(timer);
    if (await isOurs()) await rm(path, { force: true });
  };
}

/**
 * Removes a void lease and claims it, one at a time: of two that find it void, the second would remove the new lease of
 * the first. What a death in the middle of this leaves behind goes when it is void itself.
 */
async function takeOver(path: string, own: string, expires: number): Promise<boolean> {
  const turn = `${path}.takeover`;
  if (!(await claim(own, turn))) {
    if ((await ageOf(turn, own)) > expires) await rm(turn, { force: true });
    return false;
  }
  try {
    if ((await ageOf(path, own)) <= expires) return false;
    await rm(path, { force: true });
    return await claim(own, path);
  } finally {
    await rm(turn, { force: true });
  }
}

export const isHolder = (outcome: (() => Promise<void>) | Holder): outcome is Holder =>
  typeof outcome !== 'function';

/** A hard link is made or fails as a whole, over network file systems too. */
async function claim(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function write(path: string, holder: Holder): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(`${JSON.stringify(holder)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function ageOf(path: string, fresh: string): Promise<number> {
  const [held, now] = await Promise.all([stat(path).catch(absent), stat(fresh)]);
  return held ? now.mtimeMs - held.mtimeMs : Number.POSITIVE_INFINITY;
}

async function holderOf(path: string): Promise<Holder> {
  const text = await readFile(path, 'utf8').catch(absent);
  try {
    return JSON.parse(text ?? '') as Holder;
  } catch {
    return { host: 'unknown', pid: 0 };
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
