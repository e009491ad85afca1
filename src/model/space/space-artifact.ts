import { type Artifact, ArtifactRefused, type Manifest } from '../artifact.ts';
import type { OwnPast } from './own-past.ts';
import type { Place } from './place.ts';
import { labelSize, type NodeScale } from './scene.ts';

/**
 * Networks that look at several stations, or at the cells of a grid, together; and `own-past`, which is what they begin
 * with, without any network: what they gain on it is the most that space can add.
 */
export const spaceNames = ['graph', 'own-past', 'conv-lstm', 'self-attention', 'local-relation'] as const;
export type SpaceName = (typeof spaceNames)[number];

export interface Node extends Partial<Place> {
  readonly station: string;
}

/** Arcs into node n come from `from[first[n]]` to `from[first[n + 1] - 1]`: indices of nodes. */
export interface Arcs {
  /** What they were chosen by. */
  readonly by: 'distance' | 'correlation' | 'none';
  /** [nodes + 1] */
  readonly first: readonly number[];
  readonly from: readonly number[];
}

/** Where each node lies in an image: row from the south, column from the west. */
export interface Raster {
  readonly rows: number;
  readonly columns: number;
  /** [nodes] row * columns + column; no two nodes share one. */
  readonly cells: readonly number[];
}

export interface SpaceVariable {
  /** [nodes] */
  readonly scales: readonly NodeScale[];
  readonly ownPast: OwnPast;
  /** Deviation of what the own past leaves in the training part, [horizons]: the network's unit. */
  readonly units: readonly number[];
  /** How much of the network's answer is added, [horizons], 0 to 1: what validation gave it. 0: space adds nothing. */
  readonly shares: readonly number[];
  /** Byte offset of this variable's weights, and how many numbers they are. */
  readonly offset: number;
  readonly parameters: number;
  readonly training: {
    readonly samples: number;
    readonly seed: number;
    readonly epochs: number;
    /** Epoch of the weights, by what was left out of the training part to validate on. */
    readonly epoch: readonly number[];
    /** Mean squared error in the network's unit, by epoch; of all horizons. */
    readonly losses: readonly number[];
  };
}

/** The body of an artifact of a network over space: one network a variable. */
export interface SpaceBody {
  readonly nodes: readonly Node[];
  /** Of graphs. */
  readonly arcs?: Arcs | undefined;
  /** Of images. */
  readonly raster?: Raster | undefined;
  /** Units in the hidden layers. */
  readonly hidden: number;
  /** Numbers in the state of a node, of graphs. */
  readonly state?: number | undefined;
  /** In the order of the manifest's variables. */
  readonly variables: readonly SpaceVariable[];
}

/** Bytes of a weight: float64 for graphs, else float32. */
export const weightBytes = (network: string) => (network === 'graph' ? 8 : 4);

/** @throws {ArtifactRefused} with the field at fault, where it is no artifact of a network over space. */
export function asSpace(artifact: Artifact): Artifact<SpaceBody> {
  const own = artifact as Artifact<SpaceBody>;
  const fault = bodyFault(own);
  if (fault) throw new ArtifactRefused(`model ${own.manifest.id}: body/${fault}`);
  return own;
}

function bodyFault({ manifest, weights }: Artifact<SpaceBody>): string | undefined {
  const { body, variables, network } = manifest;
  if (!Array.isArray(body?.nodes) || body.nodes.length === 0) return 'nodes is empty';
  if (!Number.isInteger(body.hidden) || body.hidden < 1)
    return `hidden must be a whole number, not ${JSON.stringify(body.hidden)}`;
  const space = shapeFaults[network as SpaceName](body);
  if (space) return space;
  if (body.variables?.length !== variables.length)
    return `variables must be those of the manifest, ${variables.length}, not ${body.variables?.length}`;
  for (const [at, own] of body.variables.entries()) {
    const fault = variableFault(own, manifest, weights.length);
    if (fault) return `variables/${at}/${fault}`;
  }
  return undefined;
}

const below = (count: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < count;

function arcsFault({ arcs, nodes, state }: SpaceBody): string | undefined {
  if (!Number.isInteger(state) || state! < 1)
    return `state must be a whole number, not ${JSON.stringify(state)}`;
  if (arcs?.first?.length !== nodes.length + 1 || arcs.first[0] !== 0)
    return 'arcs/first must begin with 0 and have one number more than nodes';
  if (arcs.first.some((value, n) => value < (arcs.first[n - 1] ?? 0))) return 'arcs/first must not fall';
  if (arcs.from?.length !== arcs.first.at(-1) || !arcs.from.every(below(nodes.length)))
    return 'arcs/from must hold a node for each arc';
  return undefined;
}

function rasterFault({ raster, nodes }: SpaceBody): string | undefined {
  if (!raster || !(raster.rows > 0) || !(raster.columns > 0)) return 'raster must have rows and columns';
  if (raster.cells?.length !== nodes.length || !raster.cells.every(below(raster.rows * raster.columns)))
    return 'raster/cells must hold a cell for each node';
  return new Set(raster.cells).size < nodes.length ? 'raster/cells holds a cell twice' : undefined;
}

const shapeFaults: Readonly<Record<SpaceName, (body: SpaceBody) => string | undefined>> = {
  graph: arcsFault,
  'own-past': () => undefined,
  'conv-lstm': rasterFault,
  'self-attention': rasterFault,
  'local-relation': rasterFault,
};

const finite = (values: unknown, count: number) =>
  Array.isArray(values) && values.length === count && values.every(Number.isFinite);

function variableFault(own: SpaceVariable, manifest: Manifest<SpaceBody>, bytes: number): string | undefined {
  const { body, horizons, network } = manifest;
  if (own?.scales?.length !== body.nodes.length || !own.scales.every(usable))
    return 'scales must have a mean and a deviation above 0 for each node';
  const regressors = 1 + labelSize(manifest);
  if (own.ownPast?.length !== horizons.length || !own.ownPast.every((row) => finite(row, regressors)))
    return `ownPast must be [${horizons.length}, ${regressors}] numbers`;
  for (const name of ['units', 'shares'] as const)
    if (!finite(own[name], horizons.length)) return `${name} must be ${horizons.length} numbers`;
  if (!below(bytes + 1)(own.offset) || !Number.isInteger(own.parameters) || own.parameters < 0)
    return 'offset and parameters must be whole numbers';
  const end = own.offset + own.parameters * weightBytes(network);
  return end > bytes ? `parameters end at byte ${end} of weights.bin, which has ${bytes}` : undefined;
}

const usable = (scale: NodeScale) =>
  Number.isFinite(scale?.mean) && Number.isFinite(scale.deviation) && scale.deviation > 0;
