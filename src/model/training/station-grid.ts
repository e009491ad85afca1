import type { Window } from '../../stream/window.ts';
import { cell, type View } from '../baselines/view.ts';
import type { Series } from './dataset.ts';

/** All variables of one station on one grid; arrays are [steps, variables], 0 where `mask` is 0. */
export interface StationGrid {
  readonly station: string;
  /** Start of the first step, ms since the epoch. */
  readonly start: number;
  /** ms */
  readonly step: number;
  readonly steps: number;
  readonly variables: readonly string[];
  readonly values: Float64Array;
  readonly mask: Uint8Array;
}

/** One grid a station, by name; the columns are `variables`, those that a station does not have are masked. */
export function gridsOf(all: readonly Series[], variables: readonly string[]): StationGrid[] {
  const wanted = all.filter(({ variable, values }) => variables.includes(variable) && values.length > 0);
  const stations = [...new Set(wanted.map(({ station }) => station))].sort();
  return stations.map((station) =>
    gridOf(
      station,
      wanted.filter((one) => one.station === station),
      variables,
    ),
  );
}

function gridOf(station: string, own: readonly Series[], variables: readonly string[]): StationGrid {
  const { step } = own[0]!;
  const start = Math.min(...own.map((series) => series.start));
  const end = Math.max(...own.map((series) => series.start + series.values.length * step));
  const steps = (end - start) / step;
  const values = new Float64Array(steps * variables.length);
  const mask = new Uint8Array(values.length);
  for (const series of own) {
    const column = variables.indexOf(series.variable);
    const first = (series.start - start) / step;
    for (let i = 0; i < series.values.length; i++) {
      if (!series.mask[i]) continue;
      values[(first + i) * variables.length + column] = series.values[i]!;
      mask[(first + i) * variables.length + column] = 1;
    }
  }
  return { station, start, step, steps, variables, values, mask };
}

/** The view whose newest step is `newest`; undefined where it would begin before the grid. */
export function viewAt(grid: StationGrid, newest: number, lookback: number): View | undefined {
  if (newest < lookback - 1) return undefined;
  const { station, start, step, variables, values, mask } = grid;
  const offset = (newest - lookback + 1) * variables.length;
  return { station, end: start + (newest + 1) * step, step, lookback, variables, values, mask, offset };
}

/** The same as the window of the stream, which holds nothing beyond its newest step. */
export function windowAt(grid: StationGrid, newest: number, lookback: number): Window | undefined {
  const view = viewAt(grid, newest, lookback);
  if (!view) return undefined;
  const from = cell(view, 0, 0);
  const to = cell(view, lookback, 0);
  const mask = grid.mask.slice(from, to);
  const { station, end, step, variables } = view;
  return {
    kind: 'window',
    station,
    end,
    revision: 0,
    step,
    lookback,
    variables,
    values: grid.values.slice(from, to),
    mask,
    coverage: Float64Array.from(mask),
  };
}

/** The value of a step; undefined outside the grid and where it is masked. */
export function valueAt(grid: StationGrid, step: number, column: number): number | undefined {
  const at = step * grid.variables.length + column;
  return step >= 0 && step < grid.steps && grid.mask[at] ? grid.values[at] : undefined;
}

/** The grid with everything masked for which `keep` is false; `keep` is asked the start of each step. */
export function masked(grid: StationGrid, keep: (time: number) => boolean): StationGrid {
  const mask = grid.mask.slice();
  const width = grid.variables.length;
  for (let step = 0; step < grid.steps; step++)
    if (!keep(grid.start + step * grid.step)) mask.fill(0, step * width, (step + 1) * width);
  return { ...grid, mask };
}
