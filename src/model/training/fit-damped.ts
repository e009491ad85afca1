import { type Normals, normalAt } from '../baselines/climatology.ts';
import type { Damping } from '../baselines/damped.ts';
import { type StationGrid, valueAt } from './station-grid.ts';

/** The share of an anomaly that is left after each horizon: the regression through the origin, held in [0, 1]. */
export function fitDamping(
  grids: readonly StationGrid[],
  column: number,
  normals: Normals,
  horizons: readonly number[],
): Damping {
  const products = new Float64Array(horizons.length);
  const squares = new Float64Array(horizons.length);
  for (const grid of grids) {
    const anomalies = Array.from({ length: grid.steps }, (_, step) => {
      const value = valueAt(grid, step, column);
      return value === undefined ? undefined : value - normalAt(normals, grid.start + step * grid.step);
    });
    horizons.forEach((horizon, h) => {
      for (let step = 0; step + horizon < anomalies.length; step++) {
        const [now, then] = [anomalies[step], anomalies[step + horizon]];
        if (now === undefined || then === undefined) continue;
        products[h]! += now * then;
        squares[h]! += now * now;
      }
    });
  }
  const kept = horizons.map((_, h) => {
    const share = squares[h]! > 0 ? products[h]! / squares[h]! : 0;
    return Math.min(1, Math.max(0, share));
  });
  return { normals, kept };
}
