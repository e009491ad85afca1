/** One origin: models learn from what precedes `trainUntil`, and forecast from [from, until). ms since the epoch. */
export interface Fold {
  readonly trainUntil: number;
  readonly from: number;
  readonly until: number;
}

export interface FoldOptions {
  readonly from: number;
  readonly until: number;
  /** How many times the models are fitted anew, on ever more. */
  readonly origins: number;
  /** ms */
  readonly step: number;
  readonly lookback: number;
  readonly horizons: readonly number[];
}

/**
 * Rolling origins over [from, until), one after the other. Between what is learned from and the first forecast lie as
 * many steps as a window and the farthest horizon are long, so that no window or target is shared.
 */
export function foldsOf({ from, until, origins, step, lookback, horizons }: FoldOptions): Fold[] {
  const purge = (lookback + Math.max(...horizons)) * step;
  const onGrid = (time: number) => Math.ceil(time / step) * step;
  const edges = Array.from({ length: origins + 1 }, (_, i) => onGrid(from + ((until - from) * i) / origins));
  return edges.slice(1).map((end, i) => ({ trainUntil: edges[i]! - purge, from: edges[i]!, until: end }));
}
