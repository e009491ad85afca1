// Records of hourly means, the same for the same seed.
import { uniform } from '../../../src/model/engine/initial.ts';
import type { Series } from '../../../src/model/training/dataset.ts';
import { hour } from '../samples.ts';

/** 2024-01-01T00:00Z */
export const newYear = Date.UTC(2024, 0, 1);

/** NaN is a masked step. */
export function seriesOf(
  values: readonly number[],
  { station = 'buoy-1', variable = 'dissolvedOxygen', start = newYear, step = hour } = {},
): Series {
  return {
    station,
    variable,
    start,
    step,
    values: Float64Array.from(values, (value) => (Number.isNaN(value) ? 0 : value)),
    mask: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)),
  };
}

/** Season, day and a slow wander of memory about 30 h; `holes` is the share of masked steps. */
export function water(hours: number, seed = 1, { holes = 0, from = 0 } = {}): number[] {
  const next = uniform(seed);
  let wander = 0;
  return Array.from({ length: hours }, (_, i) => {
    const t = from + i;
    wander = 0.97 * wander + 0.3 * (next() - 0.5);
    const value = 8 + 2 * Math.cos((2 * Math.PI * t) / 8766) + Math.sin((2 * Math.PI * t) / 24) + wander;
    return next() < holes ? Number.NaN : value;
  });
}
