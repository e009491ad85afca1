import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from './artifact.ts';
import { fileArtifactStore, isId } from './file-artifact-store.ts';
import type { LineUpBody } from './line-up/line-up.ts';
import { decideFates, type Fate, type Held, type Use } from './retention.ts';
import { absent, writeSynced } from './version-files.ts';

/** Each who uses a folder of versions leaves a note there of what it needs; what is in no note may go. */
const notes = '.uses';

export interface PruneOptions {
  /** Names the note. */
  readonly user: string;
  /** What that user needs of these versions. */
  readonly uses: (versions: readonly Held[]) => readonly Use[];
  readonly newest: number;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * Notes what this user needs, and removes the versions that nobody does. Answers with those that went.
 *
 * @throws where the folder can't be written, or a note can't be read: then nothing goes.
 */
export async function pruneFolder(folder: string, { user, uses, ...rest }: PruneOptions): Promise<Fate[]> {
  await note(folder, user, uses(await versionsIn(folder)));
  const going = (await fatesIn(folder, rest)).filter(({ stays }) => !stays);
  await sweep(folder, rest.now);
  const gone: Fate[] = [];
  for (const fate of going) if (await remove(folder, fate.id)) gone.push(fate);
  return gone;
}

/** What was under way when a process ended: removals at once, drafts when nobody can be at them any more. */
async function sweep(folder: string, now: number): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => /^\.(gone|draft)-/.test(name));
  for (const name of drafts) {
    const about = await stat(join(folder, name)).catch(absent);
    if (about && (name.startsWith('.gone-') || now - about.mtimeMs > dayLong))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

const dayLong = 86_400_000;

/** What stays in the folder and why, by the notes there. */
export async function fatesIn(
  folder: string,
  { newest, now }: Pick<PruneOptions, 'newest' | 'now'>,
): Promise<Fate[]> {
  const uses = await noted(folder);
  const current = await fileArtifactStore(folder).current();
  return decideFates({ versions: await versionsIn(folder), current, uses, newest, now });
}

async function versionsIn(folder: string): Promise<Held[]> {
  const names = (await readdir(folder).catch(absent)) ?? [];
  const found = await Promise.all(names.filter(isId).map((id) => held(folder, id)));
  return found.filter((one) => one !== undefined);
}

/** What can't be read refers to nothing. */
async function held(folder: string, id: string): Promise<Held | undefined> {
  const about = await stat(join(folder, id)).catch(absent);
  if (!about) return undefined;
  const text = await readFile(join(folder, id, 'manifest.json'), 'utf8').catch(() => '{}');
  return { id, time: about.mtimeMs, ...referring(text) };
}

function referring(text: string): Pick<Held, 'members' | 'reach'> {
  try {
    const { network, body, step, horizons } = JSON.parse(text) as Manifest<LineUpBody>;
    const members = network === 'line-up' ? body.members.map(({ id }) => id) : [];
    return { members, reach: (horizons?.at(-1) ?? 0) * (step ?? 0) };
  } catch {
    return { members: [], reach: 0 };
  }
}

async function note(folder: string, user: string, uses: readonly Use[]): Promise<void> {
  const place = join(folder, notes);
  await mkdir(place, { recursive: true });
  const draft = join(place, `${user}.draft`);
  await writeSynced(draft, `${JSON.stringify(uses, null, 1)}\n`);
  await rename(draft, join(place, `${user}.json`));
}

async function noted(folder: string): Promise<Use[]> {
  const place = join(folder, notes);
  const names = ((await readdir(place).catch(absent)) ?? []).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(
    names.map(async (name) => {
      try {
        return JSON.parse(await readFile(join(place, name), 'utf8')) as Use[];
      } catch (error) {
        throw new Error(
          `${join(place, name)} can't be read, so no version goes: ${(error as Error).message}. Remove it`,
        );
      }
    }),
  );
  return all.flat();
}

/** Each candidate of a contest is a folder; those of this contest stay, and the newest of the others. */
export async function pruneCandidates(
  folder: string,
  { used, newest, now }: { readonly used: ReadonlySet<string> } & Pick<PruneOptions, 'newest' | 'now'>,
): Promise<void> {
  const names = ((await readdir(folder).catch(absent)) ?? []).filter((name) => /^[0-9a-f]{16}$/.test(name));
  const versions = await Promise.all(
    names.map(async (id) => ({ id, time: (await stat(join(folder, id))).mtimeMs, members: [], reach: 0 })),
  );
  const others = versions.filter(({ id }) => !used.has(id));
  for (const { id, stays } of decideFates({ versions: others, current: undefined, uses: [], newest, now }))
    if (!stays) await rm(join(folder, id), { recursive: true, force: true });
}

/** Out of sight first, so that a reader finds all of it or nothing; back where it has become the current one meanwhile. */
async function remove(folder: string, id: string): Promise<boolean> {
  const [place, away] = [join(folder, id), join(folder, `.gone-${id}`)];
  await rm(away, { recursive: true, force: true });
  await rename(place, away);
  if ((await fileArtifactStore(folder).current()) === id) {
    await rename(away, place);
    return false;
  }
  await rm(away, { recursive: true, force: true });
  return true;
}
