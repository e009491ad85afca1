import { createHash } from 'node:crypto';
import { ArtifactRefused } from '../artifact.ts';
import type { VersionFiles } from '../version-files.ts';
import { bytesOf, type Parcel, sha256 } from './description.ts';

/** A piece on the wire: the SHA-256 of its content, then the content. */
const hashBytes = 32;
const digest = (content: Uint8Array) => createHash('sha256').update(content).digest();

export function cut(files: VersionFiles, chunk: number): Buffer[] {
  const whole = Buffer.concat([Buffer.from(files.manifest), files.weights]);
  return Array.from({ length: Math.ceil(whole.length / chunk) }, (_, n) => {
    const content = whole.subarray(n * chunk, (n + 1) * chunk);
    return Buffer.concat([digest(content), content]);
  });
}

/** Why this is not piece `n`; undefined where it is. What it is a piece of, only the whole shows. */
export function pieceFault(parcel: Parcel, n: number, payload: Uint8Array): string | undefined {
  const { chunk, chunks } = parcel;
  const place = `piece ${n + 1} of ${chunks}`;
  const expected = Math.min(chunk, bytesOf(parcel) - n * chunk);
  const content = payload.subarray(hashBytes);
  if (content.length !== expected) return `${place} has ${content.length} bytes, not ${expected}`;
  if (!digest(content).equals(payload.subarray(0, hashBytes))) return `${place} is not what its hash says`;
  return undefined;
}

/** @throws {ArtifactRefused} where the pieces, whole as they are, do not make what was described. */
export function assemble(parcel: Parcel, pieces: readonly Uint8Array[]): VersionFiles {
  const whole = Buffer.concat(pieces.map((piece) => piece.subarray(hashBytes)));
  const manifest = whole.subarray(0, parcel.manifest.bytes);
  const weights = whole.subarray(parcel.manifest.bytes);
  for (const [name, content] of [
    ['manifest', manifest],
    ['weights', weights],
  ] as const)
    if (sha256(content) !== parcel[name].sha256)
      throw new ArtifactRefused(`${parcel.id}: its ${name} is not what the description's hash says`);
  return { manifest: manifest.toString(), signature: parcel.signature, weights };
}

/** Of a PUBLISH: fixed header, lengths of topic and properties, packet identifier, and some room (MQTT 5, 3.3). */
const overhead = 16;

/**
 * Bytes of a piece, so that its packet is one that the broker takes.
 *
 * @param wanted the most that are asked for.
 * @param packet the broker's maximum packet size; undefined where it names none.
 * @param topicBytes of the longest topic of a piece.
 * @throws where nothing fits.
 */
export function chunkBytes(wanted: number, packet: number | undefined, topicBytes: number): number {
  const room = (packet ?? Number.POSITIVE_INFINITY) - overhead - topicBytes - hashBytes;
  if (room < 1)
    throw new Error(
      `the broker takes packets of at most ${packet} bytes, too few for a model: raise its limit`,
    );
  return Math.min(wanted, room);
}

/** Why a message of so many bytes can't go out whole; undefined where it can. */
export function packetFault(
  bytes: number,
  packet: number | undefined,
  topicBytes: number,
): string | undefined {
  if (packet === undefined || bytes + topicBytes + overhead <= packet) return undefined;
  return `the description of the version has ${bytes} bytes, and the broker takes packets of at most ${packet}: raise its limit`;
}
