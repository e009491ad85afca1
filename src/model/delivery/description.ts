import { createHash } from 'node:crypto';
import type { VersionFiles } from '../version-files.ts';

/** What a retained message says of the version that should serve. */
export interface Description {
  readonly format: typeof format;
  /** ms since the epoch; sent again it is another description, so what was refused is looked at again. */
  readonly sent: number;
  /** The version that should serve. */
  readonly id: string;
  /** That version, after the members of it where it is a line-up. */
  readonly versions: readonly Parcel[];
}

/** A version as it is carried: its manifest, then its weights, cut into pieces of `chunk` bytes. */
export interface Parcel {
  readonly id: string;
  readonly manifest: Part;
  readonly weights: Part;
  /** Of the manifest, as manifest.sig has it. */
  readonly signature?: string | undefined;
  /** Bytes of each piece but the last. */
  readonly chunk: number;
  readonly chunks: number;
}

export interface Part {
  readonly bytes: number;
  /** SHA-256, hex. */
  readonly sha256: string;
}

const format = 'redtide.delivery/1';

export const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

export function parcelOf(id: string, files: VersionFiles, chunk: number): Parcel {
  const manifest = partOf(Buffer.from(files.manifest));
  const weights = partOf(files.weights);
  const chunks = Math.ceil((manifest.bytes + weights.bytes) / chunk);
  const { signature } = files;
  return { id, manifest, weights, ...(signature !== undefined && { signature }), chunk, chunks };
}

const partOf = (content: Uint8Array): Part => ({ bytes: content.byteLength, sha256: sha256(content) });

export const describe = (id: string, versions: readonly Parcel[], sent: number): Description => ({
  format,
  sent,
  id,
  versions,
});

export const bytesOf = ({ manifest, weights }: Parcel) => manifest.bytes + weights.bytes;

/** Topic of a piece below that of the description. */
export const chunkTopic = (topic: string, id: string, n: number) => `${topic}/${id}/${n}`;

export type Understood = { readonly description: Description } | { readonly fault: string };

/** @param maximum bytes that one version may have. */
export function understand(payload: Uint8Array, maximum: number): Understood {
  let given: unknown;
  try {
    given = JSON.parse(Buffer.from(payload).toString());
  } catch (error) {
    return { fault: `the description is not JSON: ${(error as Error).message}` };
  }
  const fault = faultOf(given as Partial<Description> | null, maximum);
  return fault ? { fault } : { description: given as Description };
}

const isId = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{12}$/.test(value);
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPart = (part: Partial<Part> | undefined) =>
  isCount(part?.bytes) && typeof part?.sha256 === 'string' && /^[0-9a-f]{64}$/.test(part.sha256);

function faultOf(given: Partial<Description> | null, maximum: number): string | undefined {
  if (given?.format !== format)
    return `the description's format ${JSON.stringify(given?.format)} is not ${format}`;
  if (!isId(given.id)) return `the description names ${JSON.stringify(given.id)}, which is no version`;
  const { versions } = given;
  if (!Array.isArray(versions)) return 'the description lists no versions';
  if (!versions.some((one) => one?.id === given.id)) return `the description does not hold ${given.id}`;
  return versions.map((one) => parcelFault(one, maximum)).find((fault) => fault !== undefined);
}

function parcelFault(parcel: Parcel | null, maximum: number): string | undefined {
  if (!parcel || !isId(parcel.id)) return 'the description lists what is no version';
  const { id, manifest, weights, signature, chunk, chunks } = parcel;
  if (!isPart(manifest) || !isPart(weights)) return `${id}: sizes and hashes are missing`;
  if (signature !== undefined && typeof signature !== 'string') return `${id}: its signature is no text`;
  const bytes = bytesOf(parcel);
  if (bytes > maximum)
    return `${id}: has ${bytes} bytes, more than the ${maximum} that model/mqtt/maximum allows`;
  if (!isCount(chunk) || chunk < 1 || chunks !== Math.ceil(bytes / chunk))
    return `${id}: ${chunks} pieces of ${chunk} bytes do not make ${bytes}`;
  return undefined;
}
