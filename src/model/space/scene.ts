import { harmonics } from '../baselines/calendar.ts';

const day = 86_400_000;

/** Mean and deviation of a node in the training part, in the variable's unit. */
export interface NodeScale {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * What all nodes (stations, or cells of a grid) showed of one variable up to an issue time: [lookback, nodes], oldest
 * first, in each node's own deviations from its mean; 0 where `mask` is 0. A node that is not there is masked throughout.
 */
export interface Scene {
  /** End of the newest step, ms since the epoch. */
  readonly end: number;
  /** ms */
  readonly step: number;
  readonly lookback: number;
  readonly nodes: number;
  readonly values: Float64Array;
  readonly mask: Uint8Array;
}

/** Steps back that a node's own regression and its label hold, as far as a window reaches. */
const lags = [1, 2, 3, 5, 11, 23] as const;

/** Numbers in a label: level, changes, presence, share that is measured, season, and time of day for steps below a day. */
export const labelSize = ({ lookback, step }: Pick<Scene, 'lookback' | 'step'>): number =>
  lags.filter((lag) => lag < lookback).length + 5 + (step < day ? 4 : 0);

/** Whether the newest step of a node was measured. */
export const isPresent = ({ mask, lookback, nodes }: Scene, node: number): boolean =>
  mask[(lookback - 1) * nodes + node] === 1;

/** The last measured value at or before a row, or undefined. */
function heldValue({ values, mask, nodes }: Scene, row: number, node: number): number | undefined {
  for (let at = row; at >= 0; at--) if (mask[at * nodes + node]) return values[at * nodes + node];
  return undefined;
}

/** The last available value of a node; its mean, 0, where it has none. */
export const lastValue = (scene: Scene, node: number): number =>
  heldValue(scene, scene.lookback - 1, node) ?? 0;

/** Writes the label of a node to `out` at `at`: what is known of it by itself. */
export function writeLabel(scene: Scene, node: number, out: Float64Array, at = 0): void {
  const { lookback, nodes, mask, end, step } = scene;
  let measured = 0;
  for (let row = 0; row < lookback; row++) measured += mask[row * nodes + node]!;
  const last = lastValue(scene, node);
  const changes = lags
    .filter((lag) => lag < lookback)
    .map((lag) => (heldValue(scene, lookback - 1 - lag, node) ?? last) - last);
  const inYear = harmonics(end);
  const own = [last, ...changes, isPresent(scene, node) ? 1 : 0, measured / lookback, inYear[4]!, inYear[5]!];
  out.set(step < day ? [...own, ...inYear.slice(0, 4)] : own, at);
}
