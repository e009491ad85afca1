import type { Window } from '../stream/window.ts';
import type { Forecast, NoForecast } from './forecast.ts';

/**
 * PORT. Turns windows into forecasts, statelessly: every window starts from zero state, so order and grouping of
 * the windows change nothing.
 */
export interface Predictor {
  /** Identity of the artifact: the model version in every forecast. */
  readonly id: string;
  /** The backend in use and why, for people. */
  readonly backend: string;
  /** For each window, one answer per variable: those asked for, or else those that the model knows. */
  predict(windows: readonly Window[]): (Forecast | NoForecast)[];
  /** Frees what it holds; `predict` must not be called afterwards. */
  dispose(): void;
}
