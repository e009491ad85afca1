import type { KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, open as openFile, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, ArtifactRefused, open } from './artifact.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { signatureFault, signatureOf } from './signature.ts';

const isId = (name: string) => /^[0-9a-f]{12}$/.test(name);

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

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function read(folder: string, id: string, trusted: readonly KeyObject[] = []): Promise<Artifact> {
  const place = join(folder, id);
  const text = await readFile(join(place, 'manifest.json'), 'utf8').catch(absent);
  const weights = await readFile(join(place, 'weights.bin')).catch(absent);
  if (text === undefined || !weights) throw new ArtifactRefused(`${place}: is not there or not whole`);
  if (trusted.length > 0) {
    const signature = await readFile(join(place, 'manifest.sig'), 'utf8').catch(absent);
    const fault = signatureFault(text, signature, trusted);
    if (fault) throw new ArtifactRefused(`${place}/manifest.json: ${fault}`);
  }
  const artifact = open(text, weights, place);
  if (artifact.manifest.id !== id)
    throw new ArtifactRefused(
      `${place}: holds version ${artifact.manifest.id}; folders are named by their version`,
    );
  return artifact;
}

async function publish(folder: string, artifact: Artifact, signing: KeyObject | undefined): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = await mkdtemp(join(folder, '.draft-'));
  try {
    await writeVersion(folder, draft, artifact);
    if (signing) await signVersion(folder, artifact.manifest.id, signing);
    await point(folder, artifact.manifest.id);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
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

async function writeVersion(folder: string, draft: string, { manifest, weights }: Artifact): Promise<void> {
  const [written, place] = [join(draft, manifest.id), join(folder, manifest.id)];
  await mkdir(written);
  await writeSynced(join(written, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeSynced(join(written, 'weights.bin'), weights);
  await syncFolder(written);
  await rename(written, place).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    // The same content, or what is left of it.
    if (await isWhole(folder, manifest.id)) return;
    await rename(place, join(draft, 'damaged'));
    await rename(written, place);
  });
  await syncFolder(folder);
}

const isWhole = (folder: string, id: string): Promise<boolean> =>
  read(folder, id).then(
    () => true,
    () => false,
  );

async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await openFile(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await openFile(path, 'r');
  await folder.sync().finally(() => folder.close());
}
