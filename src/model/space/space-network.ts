import type { Artifact } from '../artifact.ts';
import type { Scene } from './scene.ts';
import type { SpaceBody } from './space-artifact.ts';

/** One variable's network, ready to forecast. */
export interface SpaceNetwork {
  /** What the own past of each node leaves, in the network's units: [nodes, horizons] for each scene. */
  forward(scenes: readonly Scene[]): Float64Array[];
  dispose(): void;
}

/** @param at which variable of the manifest. */
export type OpenSpaceNetwork = (artifact: Artifact<SpaceBody>, at: number) => SpaceNetwork;

/** No network: nothing is added to the own past. */
export const openNothing: OpenSpaceNetwork = ({ manifest }) => ({
  forward: (scenes) => scenes.map(({ nodes }) => new Float64Array(nodes * manifest.horizons.length)),
  dispose: () => {},
});
