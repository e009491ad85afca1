import { labelSize, lastValue, type Scene, writeLabel } from './scene.ts';

/** Least squares of a node's change from its last value on its own label: [horizons][1 + label]. */
export type OwnPast = readonly (readonly number[])[];

/** 1 and the label of a node. */
export function regressorsOf(scene: Scene, node: number): Float64Array {
  const row = new Float64Array(1 + labelSize(scene));
  row[0] = 1;
  writeLabel(scene, node, row, 1);
  return row;
}

/** What a node's own past says of each horizon, without any neighbour; [horizons], in the node's deviations. */
export function forecastOwn(scene: Scene, node: number, weights: OwnPast): Float64Array {
  const row = regressorsOf(scene, node);
  const last = lastValue(scene, node);
  return Float64Array.from(weights, (own) => own.reduce((sum, weight, i) => sum + weight * row[i]!, last));
}
