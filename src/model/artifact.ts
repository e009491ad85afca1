import { createHash } from 'node:crypto';
import type { LstmSpec } from './engine/spec.ts';
import type { Scaling } from './features.ts';
import { type NetworkName, recipes } from './networks/recipes.ts';
import { placesFault, type TensorPlace } from './weights-file.ts';

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

/** The networks of an artifact: those of its recipe, with its own sizes. */
export const specOf = ({ network, hidden, horizons }: Manifest): LstmSpec => ({
  ...recipes[network].spec,
  hidden,
  outputs: horizons.length,
});

/** Reads what `seal` made; refuses what is not whole, with the field at fault. `place` is for the message. */
export function open(text: string, weights: Uint8Array, place: string): Artifact {
  const manifest = parse(text, place);
  const fault = faultOf(manifest, weights);
  if (fault) throw new ArtifactRefused(`${place}/manifest.json: ${fault}`);
  return { manifest, weights };
}

function parse(text: string, place: string): Manifest {
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    throw new ArtifactRefused(`${place}/manifest.json is not JSON: ${(error as Error).message}`);
  }
}

function faultOf(manifest: Manifest, weights: Uint8Array): string | undefined {
  if (manifest?.schema !== 'redtide.artifact/1')
    return `schema ${JSON.stringify(manifest?.schema)} is not redtide.artifact/1; train it again with this version`;
  const { id, ...rest } = manifest;
  const identity = identityOf(rest, weights);
  if (identity !== id)
    return `id ${id} is not that of the content (${identity}): manifest.json or weights.bin was changed or cut`;
  return fieldFault(manifest) ?? tensorFault(manifest, weights);
}

const whole = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
const rising = (values: readonly number[]) => values.every((value, i) => value > (values[i - 1] ?? 0));
const isList = (value: unknown) => Array.isArray(value) && value.length > 0;

/** An identity is no proof of sense: other programs can make one too. */
function fieldFault({ network, hidden, lookback, step, horizons, variables }: Manifest): string | undefined {
  if (!Object.hasOwn(recipes, network)) return `network ${JSON.stringify(network)} is not known here`;
  for (const [name, value] of Object.entries({ hidden, lookback, step }))
    if (!whole(value)) return `${name} must be a whole number, not ${JSON.stringify(value)}`;
  if (!isList(horizons) || !horizons.every(whole) || !rising(horizons))
    return `horizons must be rising whole numbers, not ${JSON.stringify(horizons)}`;
  if (!isList(variables)) return 'variables is empty';
  const at = variables.findIndex((one) => !one?.name || !usable(one.scaling));
  if (at < 0) return undefined;
  return `variables/${at} must have a name and a scaling with minimum < maximum: ${JSON.stringify(variables[at])}`;
}

const usable = (scaling: Scaling | undefined) =>
  Number.isFinite(scaling?.minimum) &&
  Number.isFinite(scaling?.maximum) &&
  scaling!.minimum < scaling!.maximum;

function tensorFault(manifest: Manifest, weights: Uint8Array): string | undefined {
  for (const [at, { tensors }] of manifest.variables.entries()) {
    const fault = placesFault(tensors ?? [], specOf(manifest), weights.length);
    if (fault) return `variables/${at}/tensors ${fault}`.replace(' /', '/');
  }
  return undefined;
}
