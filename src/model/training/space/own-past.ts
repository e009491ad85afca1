import { forecastOwn, type OwnPast, regressorsOf } from '../../space/own-past.ts';
import { isPresent, labelSize, lastValue, type Scene } from '../../space/scene.ts';
import { NormalEquations } from '../normal-equations.ts';
import { type Field, sceneAt } from './field.ts';

export interface SceneShape {
  readonly lookback: number;
  readonly horizons: readonly number[];
}

/** Ridge on standardised regressors: as much as keeps it solvable on short records. */
const penalty = 1e-3;

/** Newest steps of all scenes of which something could be learned. */
export const issuesOf = ({ steps }: Field, { lookback, horizons }: SceneShape): number[] =>
  Array.from({ length: Math.max(0, steps - horizons[0]! - lookback + 1) }, (_, i) => lookback - 1 + i);

/** The value `horizon` steps after `newest`; undefined where it was not measured. */
export function targetAt(
  { nodes, steps, values, mask }: Field,
  at: number,
  node: number,
): number | undefined {
  const cell = at * nodes.length + node;
  return at < steps && mask[cell] ? values[cell] : undefined;
}

/** Pooled over the nodes of a scaled field; undefined where a horizon has fewer samples than regressors. */
export function fitOwnPast(field: Field, shape: SceneShape): OwnPast | undefined {
  const size = 1 + labelSize({ lookback: shape.lookback, step: field.step });
  const equations = shape.horizons.map(() => new NormalEquations(size));
  for (const newest of issuesOf(field, shape)) {
    const scene = sceneAt(field, newest, shape.lookback);
    for (let node = 0; node < field.nodes.length; node++) {
      if (!isPresent(scene, node)) continue;
      const row = regressorsOf(scene, node);
      const last = lastValue(scene, node);
      shape.horizons.forEach((horizon, h) => {
        const target = targetAt(field, newest + horizon, node);
        if (target !== undefined) equations[h]!.add(row, target - last);
      });
    }
  }
  if (equations.some(({ count }) => count <= size)) return undefined;
  return equations.map((one) => one.solve(penalty));
}

/** What the own past leaves of the future of each node, by scene: [nodes, horizons], and whether it is known. */
export interface Leftover {
  readonly scene: Scene;
  readonly values: Float64Array;
  readonly known: Uint8Array;
}

export function leftoversOf(field: Field, ownPast: OwnPast, shape: SceneShape): Leftover[] {
  return issuesOf(field, shape).map((newest) => {
    const scene = sceneAt(field, newest, shape.lookback);
    const count = shape.horizons.length;
    const values = new Float64Array(field.nodes.length * count);
    const known = new Uint8Array(values.length);
    for (let node = 0; node < field.nodes.length; node++) {
      if (!isPresent(scene, node)) continue;
      const own = forecastOwn(scene, node, ownPast);
      shape.horizons.forEach((horizon, h) => {
        const target = targetAt(field, newest + horizon, node);
        if (target === undefined) return;
        values[node * count + h] = target - own[h]!;
        known[node * count + h] = 1;
      });
    }
    return { scene, values, known };
  });
}

/** Root of the mean square by horizon; 1 where nothing is left or known. */
export function unitsOf(leftovers: readonly Leftover[], horizons: number): number[] {
  return Array.from({ length: horizons }, (_, h) => {
    let sum = 0;
    let count = 0;
    for (const { values, known } of leftovers)
      for (let at = h; at < values.length; at += horizons) {
        if (!known[at]) continue;
        sum += values[at]! ** 2;
        count++;
      }
    return count > 0 && sum > 0 ? Math.sqrt(sum / count) : 1;
  });
}

/** In the network's units. */
export const inUnits = (leftovers: readonly Leftover[], units: readonly number[]): Leftover[] =>
  leftovers.map((one) => ({
    ...one,
    values: one.values.map((value, at) => value / units[at % units.length]!),
  }));
