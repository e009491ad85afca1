import type { KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, ArtifactRefused } from './artifact.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { signatureOf } from './signature.ts';
import {
  absent,
  openVersion,
  readVersion,
  syncFolder,
  type VersionFiles,
  writeSynced,
  writeVersion,
} from './version-files.ts';

export const isId = (name: string) => /^[0-9a-f]{12}$/.test(name);

export interface Keys {
  /** Public ones; where there are any, a version must be signed by one of them to be read. */
  readonly trusted?: readonly KeyObject[] | undefined;
  /** Private; what is published is signed with it. */
  readonly signing?: KeyObject | undefined;
}

/**
 * A folder: `<id>/manifest.json`, `<id>/weights.bin`, `<id>/manifest.sig` where it is signed, and `current`, which holds
 * an id. Everything is written under
 * another name, synced and renamed, so a reader in another process, or after a power cut, sees all of it or nothing.
 */
export function fileArtifactStore(folder: string, { trusted = [], signing }: Keys = {}): ArtifactStore {
  return {
    list: async () => (await entries(folder)).filter(isId),
    read: (id) => read(folder, id, trusted),
    publish: (artifact) => publish(folder, artifact, signing),
    serve: (id) => point(folder, id),
    current: async () => {
      const id = (await readFile(join(folder, 'current'), 'utf8').catch(absent))?.trim();
      if (id === undefined || isId(id)) return id;
      throw new ArtifactRefused(
        `${join(folder, 'current')}: "${id}" is no version; write the id of one into it`,
      );
    },
  };
}

const entries = async (folder: string): Promise<string[]> => (await readdir(folder).catch(absent)) ?? [];

async function read(folder: string, id: string, trusted: readonly KeyObject[] = []): Promise<Artifact> {
  const place = join(folder, id);
  return named(openVersion(await readVersion(place), place, trusted), id, place);
}

function named(artifact: Artifact, id: string, place: string): Artifact {
  if (artifact.manifest.id === id) return artifact;
  throw new ArtifactRefused(
    `${place}: holds version ${artifact.manifest.id}; folders are named by their version`,
  );
}

/**
 * Has the folder hold a version as it came from elsewhere, byte for byte; it does not become the current one.
 *
 * @throws {ArtifactRefused} where it is not whole, is another version than `id`, or no key of `trusted` signed it.
 */
export async function takeVersion(
  folder: string,
  id: string,
  files: VersionFiles,
  trusted: readonly KeyObject[] = [],
): Promise<void> {
  named(openVersion(files, id, trusted), id, id);
  await inDraft(folder, (draft) => place(folder, draft, id, files, trusted));
}

async function publish(
  folder: string,
  { manifest, weights }: Artifact,
  signing: KeyObject | undefined,
): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await inDraft(folder, async (draft) => {
    await place(folder, draft, manifest.id, { manifest: text, signature: undefined, weights });
    if (signing) await signVersion(folder, manifest.id, signing);
    await point(folder, manifest.id);
  });
}

async function inDraft(folder: string, action: (draft: string) => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = await mkdtemp(join(folder, '.draft-'));
  await action(draft).finally(() => rm(draft, { recursive: true, force: true }));
}

/** Has `current` name a version. */
async function point(folder: string, id: string): Promise<void> {
  const draft = await mkdtemp(join(folder, '.draft-'));
  await writeSynced(join(draft, 'current'), `${id}\n`);
  await rename(join(draft, 'current'), join(folder, 'current'));
  await syncFolder(folder);
  await rm(draft, { recursive: true, force: true });
}

/** Signs a version that is in the folder, and whole. */
export async function signVersion(folder: string, id: string, key: KeyObject): Promise<void> {
  await read(folder, id);
  const place = join(folder, id);
  const text = await readFile(join(place, 'manifest.json'), 'utf8');
  await writeSynced(join(place, 'manifest.sig.draft'), `${signatureOf(text, key)}\n`);
  await rename(join(place, 'manifest.sig.draft'), join(place, 'manifest.sig'));
  await syncFolder(place);
}

async function place(
  folder: string,
  draft: string,
  id: string,
  files: VersionFiles,
  trusted: readonly KeyObject[] = [],
): Promise<void> {
  const [written, target] = [join(draft, id), join(folder, id)];
  await mkdir(written);
  await writeVersion(written, files);
  await rename(written, target).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    // The same content, or what is left of it.
    if (await isWhole(folder, id, trusted)) return;
    await rename(target, join(draft, 'damaged'));
    await rename(written, target);
  });
  await syncFolder(folder);
}

const isWhole = (folder: string, id: string, trusted: readonly KeyObject[]): Promise<boolean> =>
  read(folder, id, trusted).then(
    () => true,
    () => false,
  );
