import { type Artifact, ArtifactRefused, type Manifest } from './artifact.ts';
import type { LstmSpec } from './engine/spec.ts';
import type { Scaling } from './features.ts';
import { type NetworkName, recipes } from './networks/recipes.ts';
import { placesFault, type TensorPlace } from './weights-file.ts';

/** The body of an artifact of the study's networks: one network a variable, each of one input. */
export interface LstmBody {
  readonly hidden: number;
  /** In the order of the manifest's variables. */
  readonly variables: readonly LstmVariable[];
}

/** One variable's network, and how it was made. */
export interface LstmVariable {
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
}

/** The networks of an artifact: those of its recipe, with its own sizes. */
export const specOf = ({ network, body, horizons }: Manifest<LstmBody>): LstmSpec => ({
  ...recipes[network as NetworkName].spec,
  hidden: body.hidden,
  outputs: horizons.length,
});

/** @throws {ArtifactRefused} with the field at fault, where it is no artifact of the study's networks. */
export function asLstm(artifact: Artifact): Artifact<LstmBody> {
  const own = artifact as Artifact<LstmBody>;
  const fault = bodyFault(own.manifest) ?? tensorFault(own);
  if (fault) throw new ArtifactRefused(`model ${own.manifest.id}: body/${fault}`);
  return own;
}

function bodyFault({ body, variables }: Manifest<LstmBody>): string | undefined {
  if (!Number.isInteger(body?.hidden) || body.hidden < 1)
    return `hidden must be a whole number, not ${JSON.stringify(body?.hidden)}`;
  if (body.variables?.length !== variables.length)
    return `variables must be those of the manifest, ${variables.length}, not ${body.variables?.length}`;
  const at = body.variables.findIndex((one) => !usable(one?.scaling));
  if (at < 0) return undefined;
  return `variables/${at} must have a scaling with minimum < maximum: ${JSON.stringify(body.variables[at])}`;
}

const usable = (scaling: Scaling | undefined) =>
  Number.isFinite(scaling?.minimum) &&
  Number.isFinite(scaling?.maximum) &&
  scaling!.minimum < scaling!.maximum;

function tensorFault({ manifest, weights }: Artifact<LstmBody>): string | undefined {
  for (const [at, { tensors }] of manifest.body.variables.entries()) {
    const fault = placesFault(tensors ?? [], specOf(manifest), weights.length);
    if (fault) return `variables/${at}/tensors ${fault}`.replace(' /', '/');
  }
  return undefined;
}
