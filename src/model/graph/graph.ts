/**
 * A graph with labelled nodes. Arcs are directed and grouped by the node they lead into: those into node n are
 * `first[n]` to `first[n + 1]`, exclusive. An undirected edge is two arcs.
 */
export interface Graph {
  readonly nodes: number;
  /** Numbers in each label. */
  readonly labelSize: number;
  /** [nodes, labelSize] */
  readonly labels: Float64Array;
  /** [nodes + 1] */
  readonly first: Int32Array;
  /** [arcs] node that the arc comes from: its neighbour. */
  readonly from: Int32Array;
  /** [nodes] what the output should be; 1 or -1 in a classification. */
  readonly targets: Float64Array;
  /** [nodes] 1 where the target is known and counts; all do where it is not given. */
  readonly known?: Uint8Array | undefined;
}

/** Neighbours of each node. `adjacent` is symmetric for undirected graphs; a true at [n, u] is an arc from u into n. */
export function graphOf(
  adjacent: readonly (readonly boolean[])[],
  labels: readonly (readonly number[])[],
  targets: readonly number[],
): Graph {
  const into = adjacent.map((row) => row.flatMap((is, u) => (is ? [u] : [])));
  const first = new Int32Array(adjacent.length + 1);
  into.forEach((sources, n) => {
    first[n + 1] = first[n]! + sources.length;
  });
  return {
    nodes: adjacent.length,
    labelSize: labels[0]?.length ?? 0,
    labels: Float64Array.from(labels.flat()),
    first,
    from: Int32Array.from(into.flat()),
    targets: Float64Array.from(targets),
  };
}

/** The graphs side by side as one graph without arcs between them; all with labels of the same size. */
export function union(graphs: readonly Graph[]): Graph {
  const nodes = graphs.reduce((sum, graph) => sum + graph.nodes, 0);
  const arcs = graphs.reduce((sum, graph) => sum + graph.from.length, 0);
  const labelSize = graphs[0]?.labelSize ?? 0;
  const whole = {
    nodes,
    labelSize,
    labels: new Float64Array(nodes * labelSize),
    first: new Int32Array(nodes + 1),
    from: new Int32Array(arcs),
    targets: new Float64Array(nodes),
    ...(graphs.some(({ known }) => known) && { known: new Uint8Array(nodes).fill(1) }),
  };
  let node = 0;
  let arc = 0;
  for (const graph of graphs) {
    whole.labels.set(graph.labels, node * labelSize);
    whole.targets.set(graph.targets, node);
    if (graph.known) whole.known!.set(graph.known, node);
    for (let n = 0; n < graph.nodes; n++) whole.first[node + n + 1] = arc + graph.first[n + 1]!;
    for (let a = 0; a < graph.from.length; a++) whole.from[arc + a] = node + graph.from[a]!;
    node += graph.nodes;
    arc += graph.from.length;
  }
  return whole;
}

/** |ne[u]|: arcs that leave each node. */
export function degrees({ nodes, from }: Graph): Int32Array {
  const out = new Int32Array(nodes);
  for (const u of from) out[u]!++;
  return out;
}
