import { uniform } from '../engine/initial.ts';
import { type Graph, graphOf } from './graph.ts';

export interface SubgraphOptions {
  /** Nodes of the subgraph that is looked for, and of each graph. */
  readonly subgraph: number;
  readonly nodes: number;
  readonly graphs: number;
  readonly seed: number;
}

/** Edges: delta / 2 for each direction, so an undirected edge with probability 1 - (1 - delta / 2)^2 = 0.19. */
const delta = 0.2;
const maximumLabel = 10;
const noise = 0.25;

interface Labelled {
  readonly adjacent: boolean[][];
  readonly labels: number[];
}

/**
 * Subgraph matching as Scarselli et al. 2009 (section IV-A) generate it, by their program: one connected subgraph with
 * whole labels from 0 to 10 is put in place of random nodes of each random connected graph; the target of a node is 1
 * where it belongs to any copy of the subgraph, found by trying all, else -1; then the labels get normal noise of
 * deviation 0.25. Labels have one dimension: with two they give the answer away.
 */
export function subgraphMatching({ subgraph, nodes, graphs, seed }: SubgraphOptions): Graph[] {
  const random = uniform(seed);
  const wanted = randomGraph(subgraph, random);
  return Array.from({ length: graphs }, () => {
    const graph = randomGraph(nodes, random);
    insert(wanted, graph, choose(subgraph, nodes, random));
    const targets = membersOf(wanted, graph);
    const labels = graph.labels.map((label) => [label + noise * normal(random)]);
    return graphOf(graph.adjacent, labels, targets);
  });
}

function randomGraph(size: number, random: () => number): Labelled {
  const arcs = Array.from({ length: size }, () =>
    Array.from({ length: size }, () => random() > 1 - delta / 2),
  );
  const adjacent = arcs.map((row, n) => row.map((is, u) => n !== u && (is || arcs[u]![n]!)));
  const labels = Array.from({ length: size }, () => Math.round(maximumLabel * random()));
  connect(adjacent, random);
  return { adjacent, labels };
}

/** While some pair can't reach each other, one such pair is joined by an edge. */
function connect(adjacent: boolean[][], random: () => number): void {
  for (;;) {
    const component = components(adjacent);
    const apart = component.flatMap((a, n) =>
      component.flatMap((b, u) => (n < u && a !== b ? [[n, u] as const] : [])),
    );
    if (apart.length === 0) return;
    const [n, u] = apart[Math.floor(random() * apart.length)]!;
    adjacent[n]![u] = adjacent[u]![n] = true;
  }
}

function components(adjacent: readonly (readonly boolean[])[]): number[] {
  const component = new Array<number>(adjacent.length).fill(-1);
  const mark = (n: number, name: number) => {
    if (component[n] !== -1) return;
    component[n] = name;
    adjacent[n]!.forEach((is, u) => {
      if (is) mark(u, name);
    });
  };
  adjacent.forEach((_, n) => {
    mark(n, n);
  });
  return component;
}

function choose(count: number, from: number, random: () => number): number[] {
  const all = Array.from({ length: from }, (_, n) => n);
  return Array.from({ length: count }, () => all.splice(Math.floor(random() * all.length), 1)[0]!);
}

function insert(wanted: Labelled, graph: Labelled, at: readonly number[]): void {
  at.forEach((n, i) => {
    graph.labels[n] = wanted.labels[i]!;
    at.forEach((u, j) => {
      graph.adjacent[n]![u] = wanted.adjacent[i]![j]!;
    });
  });
}

/** 1 for the nodes of every copy of the wanted graph, by labels and edges among them; else -1. */
function membersOf(wanted: Labelled, graph: Labelled): number[] {
  const targets = graph.labels.map(() => -1);
  const extend = (chosen: readonly number[]): void => {
    const i = chosen.length;
    if (i === wanted.labels.length) {
      for (const n of chosen) targets[n] = 1;
      return;
    }
    graph.labels.forEach((label, n) => {
      const fits = (u: number, j: number) => graph.adjacent[n]![u] === wanted.adjacent[i]![j];
      if (label === wanted.labels[i] && !chosen.includes(n) && chosen.every(fits)) extend([...chosen, n]);
    });
  };
  extend([]);
  return targets;
}

/** Standard normal (Box and Muller). */
const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
