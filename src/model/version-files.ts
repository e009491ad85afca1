import type { KeyObject } from 'node:crypto';
import { open as openFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, ArtifactRefused, open } from './artifact.ts';
import { signatureFault } from './signature.ts';

/** What a version is on a disk or on a wire, byte for byte: a signature holds for the bytes of its manifest. */
export interface VersionFiles {
  /** manifest.json */
  readonly manifest: string;
  /** manifest.sig, where it is signed. */
  readonly signature: string | undefined;
  /** weights.bin */
  readonly weights: Uint8Array;
}

/** @throws {ArtifactRefused} where a part is missing. */
export async function readVersion(place: string): Promise<VersionFiles> {
  const manifest = await readFile(join(place, 'manifest.json'), 'utf8').catch(absent);
  const weights = await readFile(join(place, 'weights.bin')).catch(absent);
  if (manifest === undefined || !weights) throw new ArtifactRefused(`${place}: is not there or not whole`);
  const signature = await readFile(join(place, 'manifest.sig'), 'utf8').catch(absent);
  return { manifest, signature: signature?.trim(), weights };
}

/** Into a folder that is there; all of it is on the disk once this resolves. */
export async function writeVersion(place: string, files: VersionFiles): Promise<void> {
  await writeSynced(join(place, 'manifest.json'), files.manifest);
  await writeSynced(join(place, 'weights.bin'), files.weights);
  if (files.signature !== undefined) await writeSynced(join(place, 'manifest.sig'), `${files.signature}\n`);
  await syncFolder(place);
}

/**
 * @param trusted where there are any, one of them must have signed the manifest.
 * @throws {ArtifactRefused} with what is wrong, `place` before it.
 */
export function openVersion(files: VersionFiles, place: string, trusted: readonly KeyObject[]): Artifact {
  const fault = trusted.length > 0 && signatureFault(files.manifest, files.signature, trusted);
  if (fault) throw new ArtifactRefused(`${place}/manifest.json: ${fault}`);
  return open(files.manifest, files.weights, place);
}

export async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await openFile(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await openFile(path, 'r');
  await folder.sync().finally(() => folder.close());
}

export function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
