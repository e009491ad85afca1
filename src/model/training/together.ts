import type { Window } from '../../stream/window.ts';
import type { Forecast, NoForecast } from '../forecast.ts';
import type { Predictor } from '../predictor.ts';
import { type StationGrid, windowAt } from './station-grid.ts';

type Answers = readonly (Forecast | NoForecast)[];
/** Answers for windows of one grid, by their newest steps: as many for each as the predictor has variables. */
export type Ask = (grid: StationGrid, newest: readonly number[]) => Answers;

/**
 * How a predictor is asked about stations' records. One that looks at stations together is given the windows of all of
 * them at an issue time in one call, once, whichever station asks first: as it would have seen them then.
 */
export function askerOf(predictor: Predictor, grids: readonly StationGrid[], lookback: number): Ask {
  if (!predictor.together)
    return (grid, newest) => predictor.predict(newest.map((at) => windowAt(grid, at, lookback)!));
  const known = new Map<number, ReadonlyMap<string, Answers>>();
  return (grid, newest) =>
    newest.flatMap((at) => {
      const end = grid.start + (at + 1) * grid.step;
      const answers = known.get(end) ?? allAt(predictor, grids, end, lookback);
      known.set(end, answers);
      return answers.get(grid.station)!;
    });
}

function allAt(
  predictor: Predictor,
  grids: readonly StationGrid[],
  end: number,
  lookback: number,
): Map<string, Answers> {
  const windows = grids.flatMap((grid): Window[] => {
    const newest = (end - grid.start) / grid.step - 1;
    const window = newest < grid.steps ? windowAt(grid, newest, lookback) : undefined;
    return window ? [window] : [];
  });
  const answers = predictor.predict(windows);
  const each = answers.length / windows.length;
  return new Map(windows.map(({ station }, w) => [station, answers.slice(w * each, (w + 1) * each)]));
}
