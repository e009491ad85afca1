import { distance, type Place } from '../../space/place.ts';
import type { Arcs } from '../../space/space-artifact.ts';
import type { Field } from './field.ts';

export type EdgeKind = Arcs['by'];

export interface EdgeOptions {
  /** Distance where all places are known, unless asked; else correlation. */
  readonly edges?: EdgeKind | undefined;
  /** Arcs into each node, at most. */
  readonly neighbours: number;
  /** Of the nodes, as far as they are known; one without a place has no neighbours by distance. */
  readonly places: readonly (Place | undefined)[];
  /** Steps that a neighbour may lead by, at most. */
  readonly reach: number;
}

/** Arcs into each node from those it has most to hear of, by what the training part tells. */
export function arcsOf(field: Field, { edges, neighbours, places, reach }: EdgeOptions): Arcs {
  const by = edges ?? (places.every(Boolean) ? 'distance' : 'correlation');
  if (by === 'distance' && places.filter(Boolean).length < 2)
    throw new Error(
      `edges by distance need the places of two stations at least; name them with --places, or take --edges correlation`,
    );
  const score = scorers[by](field, places, reach);
  const into = field.nodes.map((_, n) =>
    field.nodes
      .map((_, u) => ({ u, score: u === n ? Number.NEGATIVE_INFINITY : score(u, n) }))
      .filter((one) => one.score > Number.NEGATIVE_INFINITY)
      .sort((a, b) => b.score - a.score || a.u - b.u)
      .slice(0, neighbours)
      .map(({ u }) => u),
  );
  const first = [0];
  for (const own of into) first.push(first.at(-1)! + own.length);
  return { by, first, from: into.flat() };
}

/** How much node n has to hear of node u: greater is more, minus infinity is nothing. */
type Scorer = (u: number, n: number) => number;

const scorers: Readonly<
  Record<EdgeKind, (field: Field, places: EdgeOptions['places'], reach: number) => Scorer>
> = {
  none: () => () => Number.NEGATIVE_INFINITY,
  distance: (_, places) => (u, n) =>
    places[u] && places[n] ? -distance(places[u], places[n]) : Number.NEGATIVE_INFINITY,
  correlation: (field, _, reach) => (u, n) => laggedCorrelation(field, u, n, reach),
};

/**
 * The greatest absolute correlation of the changes of u with those of n one to `reach` steps later. Changes, since two
 * levels that merely drift correlate at any lag. Minus infinity where no lag is clear of chance (3 / sqrt of the pairs:
 * many lags are tried).
 */
export function laggedCorrelation(field: Field, u: number, n: number, reach: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let lag = 1; lag <= reach; lag++) {
    const { r, pairs } = correlationAt(field, u, n, lag);
    if (Math.abs(r) * Math.sqrt(pairs) > 3) best = Math.max(best, Math.abs(r));
  }
  return best;
}

function correlationAt(field: Field, u: number, n: number, lag: number): { r: number; pairs: number } {
  let [pairs, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
  for (let t = 1; t + lag < field.steps; t++) {
    const [x, y] = [changeAt(field, t, u), changeAt(field, t + lag, n)];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    pairs++;
    sx += x;
    sy += y;
    sxx += x * x;
    syy += y * y;
    sxy += x * y;
  }
  const spread = (sxx - (sx * sx) / pairs) * (syy - (sy * sy) / pairs);
  return { r: pairs > 2 && spread > 0 ? (sxy - (sx * sy) / pairs) / Math.sqrt(spread) : 0, pairs };
}

function changeAt({ nodes, values, mask }: Field, t: number, node: number): number {
  const at = t * nodes.length + node;
  return mask[at] && mask[at - nodes.length] ? values[at]! - values[at - nodes.length]! : Number.NaN;
}
