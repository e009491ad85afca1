import { ArtifactRefused } from '../artifact.ts';
import { type Graph, union } from '../graph/graph.ts';
import { linearTransition } from '../graph/linear-transition.ts';
import { GraphNetwork, type GraphNetworkOptions, graphParameters } from '../graph/network.ts';
import { labelSize, type Scene, writeLabel } from './scene.ts';
import type { Arcs } from './space-artifact.ts';
import type { OpenSpaceNetwork } from './space-network.ts';

export interface GraphShape {
  /** Numbers in the state of a node. */
  readonly state: number;
  readonly hidden: number;
  readonly label: number;
}

/** The linear network of Scarselli et al. 2009, a contraction whatever its weights; its output is a number. */
export const graphOptions = ({ state, hidden, label }: GraphShape): GraphNetworkOptions => ({
  transition: linearTransition({ state, labelSize: label, hidden, mu: 0.9 }),
  hidden,
  output: 'linear',
});

/** A scene as a graph: the nodes' labels, the same arcs at any time. Targets are 0. */
export function graphOfScene(scene: Scene, { first, from }: Arcs): Graph {
  const size = labelSize(scene);
  const labels = new Float64Array(scene.nodes * size);
  for (let n = 0; n < scene.nodes; n++) writeLabel(scene, n, labels, n * size);
  return {
    nodes: scene.nodes,
    labelSize: size,
    labels,
    first: Int32Array.from(first),
    from: Int32Array.from(from),
    targets: new Float64Array(scene.nodes),
  };
}

/** So far that a scene's answer is the same to the last digit that matters, in whatever company. */
const relaxed = { tolerance: 1e-9, steps: 200 };

/** One network a horizon, float64, one after the other in weights.bin. */
export const openGraphNetwork: OpenSpaceNetwork = ({ manifest, weights }, at) => {
  const { body, horizons, id } = manifest;
  const { offset, parameters } = body.variables[at]!;
  const shape = { state: body.state!, hidden: body.hidden, label: labelSize(manifest) };
  const options = graphOptions(shape);
  const each = graphParameters(shape.label, options);
  if (parameters !== each * horizons.length)
    throw new ArtifactRefused(
      `model ${id}: body/variables/${at}/parameters is ${parameters}, not ${each} for each of ${horizons.length} horizons`,
    );
  const view = new DataView(weights.buffer, weights.byteOffset + offset, parameters * 8);
  const own = horizons.map((_, h) =>
    Float64Array.from({ length: each }, (_, i) => view.getFloat64((h * each + i) * 8, true)),
  );
  return {
    forward: (scenes) => scenes.map((scene) => forwardOne(scene, body.arcs!, own, options)),
    dispose: () => {},
  };
};

function forwardOne(
  scene: Scene,
  arcs: Arcs,
  weights: readonly Float64Array[],
  options: GraphNetworkOptions,
): Float64Array {
  const graph = graphOfScene(scene, arcs);
  const out = new Float64Array(scene.nodes * weights.length);
  weights.forEach((own, h) => {
    const network = new GraphNetwork(graph, own, options);
    network.forward(relaxed);
    network.outputs.forEach((output, n) => {
      out[n * weights.length + h] = output;
    });
  });
  return out;
}

/** Scenes side by side, with what is known of what came: [scenes][nodes]. */
export function graphOfScenes(
  scenes: readonly Scene[],
  arcs: Arcs,
  targets: readonly Float64Array[],
  known: readonly Uint8Array[],
): Graph {
  return union(
    scenes.map((scene, i) => ({ ...graphOfScene(scene, arcs), targets: targets[i]!, known: known[i]! })),
  );
}
