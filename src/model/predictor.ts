import type { Window } from '../stream/window.ts';
import type { Artifact, Manifest } from './artifact.ts';
import type { Forecast, NoForecast } from './forecast.ts';
import type { LstmBackend } from './lstm-backend.ts';

/**
 * PORT. Turns windows into forecasts, statelessly: every window starts from zero state, so order and grouping of
 * the windows change nothing.
 */
export interface Predictor {
  /** Identity of the artifact: the model version in every forecast. */
  readonly id: string;
  /** The backend in use and why, for people. */
  readonly backend: string;
  /** Which sensor it was trained on, by station and variable, where the artifact says so. */
  readonly sensors?: Manifest['sensors'];
  /** A network over space: windows of several stations with one end belong in one call, else it sees them alone. */
  readonly together?: boolean | undefined;
  /**
   * For each window, in order, one answer per variable: those asked for, or else those that the model knows. As many
   * for each window, and the same bits in whatever company it comes; of a network over space, in whatever company of
   * other ends.
   */
  predict(windows: readonly Window[]): (Forecast | NoForecast)[];
  /** Frees what it holds; `predict` must not be called afterwards. */
  dispose(): void;
}

export interface OpenOptions {
  /** Share of the steps of a window that must be measured, 0 to 1. */
  readonly coverage: number;
  /** Variables to forecast; all that the artifact knows where it is not given. */
  readonly variables?: readonly string[] | undefined;
  /** What runs LSTMs, for networks that are some. */
  readonly backend: LstmBackend;
  /** By id: what a line-up is made of. */
  readonly members?: ReadonlyMap<string, Artifact> | undefined;
}

/**
 * How a kind of artifact becomes a predictor.
 * @throws {ArtifactRefused} where the body is not one of its network; nothing is left behind then.
 */
export type OpenNetwork = (artifact: Artifact, options: OpenOptions) => Predictor;
