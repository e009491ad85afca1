// Records of several stations where one tells of another, and of several that have nothing in common.
import { uniform } from '../../../../src/model/engine/initial.ts';
import { cellName } from '../../../../src/model/space/place.ts';
import type { Series } from '../../../../src/model/training/dataset.ts';
import { newYear } from '../../baselines/records.ts';
import { hour } from '../../samples.ts';

/** Sum of twelve uniform numbers: near enough to a normal one. */
function noise(seed: number): () => number {
  const next = uniform(seed);
  return () => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one, -6);
}

/** A first-order autoregression around 8; 1 makes a random walk. */
export function drift(length: number, seed: number, kept: number): number[] {
  const next = noise(seed);
  let value = 0;
  return Array.from({ length }, () => 8 + (value = kept * value + 0.3 * next()));
}

export function stationSeries(
  station: string,
  values: readonly (number | undefined)[],
  variable = 'chlorophyll',
  step = hour,
): Series {
  return {
    station,
    variable,
    start: Math.ceil(newYear / step) * step,
    step,
    values: Float64Array.from(values, (value) => value ?? 0),
    mask: Uint8Array.from(values, (value) => (value === undefined ? 0 : 1)),
  };
}

/** B shows what A showed `lead` steps before, with little noise; C is on its own. About one in twenty is missing. */
export function leader(length: number, lead: number, seed = 1): Series[] {
  const [next, gap] = [noise(seed + 50), uniform(seed + 60)];
  const a = drift(length, seed, 0.9);
  const b = a.map((_, i) => (i < lead ? 8 : a[i - lead]! + 0.05 * next()));
  const holed = (values: readonly number[]) => values.map((value) => (gap() < 0.05 ? undefined : value));
  return [
    stationSeries('A', holed(a)),
    stationSeries('B', holed(b)),
    stationSeries('C', holed(drift(length, seed + 9, 0.9))),
  ];
}

/** Random walks that have nothing in common: nothing beats persistence. */
export const strangers = (length: number, seed = 1): Series[] =>
  ['A', 'B', 'C'].map((station, i) => stationSeries(station, drift(length, seed + 10 * i, 1)));

const [rows, columns] = [5, 6];
/** Land in the north-west corner: no cell there. */
const isLand = (row: number, column: number) => row === rows - 1 && column < 2;

/**
 * A field of smooth blobs that a current carries one cell eastward a step, with what comes in from the west always new;
 * a twentieth under cloud. `shuffled` gives each cell a drift of its own instead: random walks without a neighbour.
 */
export function advected(length: number, { seed = 1, shuffled = false } = {}): Series[] {
  const gap = uniform(seed + 70);
  const series: Series[] = [];
  for (let row = 0; row < rows; row++) {
    const upstream = drift(length + columns, seed + 5 * row, 0.5);
    for (let column = 0; column < columns; column++) {
      if (isLand(row, column)) continue;
      const own = shuffled
        ? drift(length, seed + 100 * row + column, 1)
        : upstream.slice(columns - column, columns - column + length);
      const values = own.map((value) => (gap() < 0.05 ? undefined : value));
      series.push(stationSeries(cellName({ latitude: 22 + row / 4, longitude: 114 + column / 4 }), values));
    }
  }
  return series;
}
