import { createHash } from 'node:crypto';
import type { Weights } from './engine/spec.ts';
import type { Scaling } from './features.ts';
import { type NetworkName, recipes } from './networks/recipes.ts';

/** What a weights file holds of one tensor: row-major float32, little-endian, at a byte offset. */
export interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
}

/** One variable's network, and how it was made. */
export interface VariableModel {
  readonly name: string;
  readonly unit: string;
  readonly scaling: Scaling;
  readonly tensors: readonly TensorPlace[];
  readonly training: {
    readonly samples: number;
    readonly seed: number;
    readonly epochs: number;
    readonly learningRate: number;
    readonly batch: number;
    /** Mean squared error of the scaled values, by epoch. */
    readonly losses: readonly number[];
    /** Outputs that are 0 for every training window, counted from 0: models.md calls them dead. */
    readonly deadHeads: readonly number[];
    readonly backend: string;
  };
  /** On data after the training part, where there was any; in the variable's unit, one number a horizon. */
  readonly scores?: Scores | undefined;
}

export interface Scores {
  readonly from: string;
  readonly to: string;
  readonly samples: number;
  readonly rmse: Readonly<Record<'model' | 'persistence' | 'leastSquares', readonly number[]>>;
}

export interface Manifest {
  readonly schema: 'redtide.artifact/1';
  /** Hash of the rest of the manifest and of the weights: the same training gives the same identity. */
  readonly id: string;
  readonly network: NetworkName;
  readonly hidden: number;
  readonly lookback: number;
  /** ms */
  readonly step: number;
  readonly horizons: readonly number[];
  readonly stations: readonly string[];
  /** Of the training part: ISO 8601, and a hash of the step means. */
  readonly data: { readonly from: string; readonly to: string; readonly hash: string };
  readonly variables: readonly VariableModel[];
}

/** A model version: what it is, and its weights. */
export interface Artifact {
  readonly manifest: Manifest;
  readonly weights: Uint8Array;
}

/** An artifact that can't serve, with the file and field at fault. */
export class ArtifactRefused extends Error {
  override readonly name = 'ArtifactRefused';
}

/** Completes a manifest with its identity. */
export function seal(manifest: Omit<Manifest, 'id'>, weights: Uint8Array): Artifact {
  return { manifest: { ...manifest, id: identityOf(manifest, weights) }, weights };
}

function identityOf(manifest: Omit<Manifest, 'id'>, weights: Uint8Array): string {
  return createHash('sha256').update(canonical(manifest)).update(weights).digest('hex').slice(0, 12);
}

/** JSON with sorted keys: the same content is the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Reads what `seal` made; refuses what is not whole, with the field at fault. `place` is for the message. */
export function open(text: string, weights: Uint8Array, place: string): Artifact {
  const manifest = parse(text, place);
  const fault = faultOf(manifest, weights);
  if (fault) throw new ArtifactRefused(`${place}: ${fault}`);
  return { manifest, weights };
}

function parse(text: string, place: string): Manifest {
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    throw new ArtifactRefused(`${place}: manifest.json is not JSON: ${(error as Error).message}`);
  }
}

function faultOf(manifest: Manifest, weights: Uint8Array): string | undefined {
  if (manifest?.schema !== 'redtide.artifact/1')
    return `schema ${JSON.stringify(manifest?.schema)} is not redtide.artifact/1; train it again with this version`;
  const { id, ...rest } = manifest;
  const identity = identityOf(rest, weights);
  if (identity !== id)
    return `id ${id} is not that of the content (${identity}): manifest.json or weights.bin was changed or cut`;
  if (!Array.isArray(manifest.variables) || manifest.variables.length === 0) return 'variables is empty';
  if (!Object.hasOwn(recipes, manifest.network))
    return `network ${JSON.stringify(manifest.network)} is not known here`;
  return manifest.variables.flatMap((variable) => tensorFaults(variable, manifest, weights))[0];
}

/** Shapes in PyTorch's layout, gates i, f, g, o. */
export function shapesOf(hidden: number, outputs: number): Readonly<Record<string, readonly number[]>> {
  return {
    weight_ih: [4 * hidden, 1],
    weight_hh: [4 * hidden, hidden],
    bias_ih: [4 * hidden],
    bias_hh: [4 * hidden],
    head_weight: [outputs, hidden],
    head_bias: [outputs],
  };
}

function tensorFaults({ name, tensors }: VariableModel, manifest: Manifest, weights: Uint8Array): string[] {
  const shapes = shapesOf(manifest.hidden, manifest.horizons.length);
  return Object.entries(shapes).flatMap(([tensor, shape]) => {
    const found = tensors.find((one) => one.name === tensor);
    if (!found) return [`variables/${name}/tensors has no ${tensor}`];
    if (found.shape.join() !== shape.join())
      return [`variables/${name}/tensors/${tensor} has shape [${found.shape}], not [${shape}]`];
    const end = found.offset + sizeOf(shape) * 4;
    return end > weights.length
      ? [`weights.bin ends at byte ${weights.length}, ${tensor} of ${name} at ${end}`]
      : [];
  });
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** Tensors of one variable, copied out of the weights. */
export function tensorsOf({ tensors }: VariableModel, weights: Uint8Array): Weights {
  const view = new DataView(weights.buffer, weights.byteOffset, weights.byteLength);
  return Object.fromEntries(
    tensors.map(({ name, shape, offset }) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => view.getFloat32(offset + 4 * i, true)),
    ]),
  ) as unknown as Weights;
}

/** Lays tensors of several variables one after the other; answers the bytes and where each one is. */
export function packTensors(
  variables: readonly {
    readonly tensors: Readonly<Record<string, Float32Array>>;
    readonly shapes: ReturnType<typeof shapesOf>;
  }[],
): { readonly weights: Uint8Array; readonly places: TensorPlace[][] } {
  const total = variables.reduce(
    (sum, { tensors }) => sum + Object.values(tensors).reduce((own, { length }) => own + length, 0),
    0,
  );
  const view = new DataView(new ArrayBuffer(total * 4));
  let offset = 0;
  const places = variables.map(({ tensors, shapes }) =>
    Object.entries(shapes).map(([name, shape]) => {
      const place = { name, shape, offset };
      for (const value of tensors[name]!) {
        view.setFloat32(offset, value, true);
        offset += 4;
      }
      return place;
    }),
  );
  return { weights: new Uint8Array(view.buffer), places };
}
