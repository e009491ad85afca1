import type { Artifact, ModelVariable } from '../artifact.ts';
import type { Place } from '../space/place.ts';
import type { Series } from './dataset.ts';

/** A way to make an artifact: a baseline, or a network. */
export interface Recipe {
  /** The `network` of the artifacts it makes. */
  readonly name: string;
  /**
   * Learns from `series` alone: what it is tried on is never among them. The same series and options give the same
   * artifact, bit for bit. Rejects with what to do where nothing can be learned, and where `signal` aborts.
   */
  fit(series: readonly Series[], options: FitOptions): Promise<Artifact>;
}

/** What every recipe is told; one with settings of its own takes them as further optional fields. */
export interface FitOptions {
  readonly variables: readonly Pick<ModelVariable, 'name' | 'unit'>[];
  /** ms */
  readonly step: number;
  readonly lookback: number;
  /** Steps ahead, rising. */
  readonly horizons: readonly number[];
  /** Share of the steps of a window that must be measured, 0 to 1. */
  readonly coverage: number;
  readonly seed: number;
  /** Where stations lie, as far as it is known; for networks over space. */
  readonly places?: ReadonlyMap<string, Place> | undefined;
  /** How many to use at most; the result does not depend on it. */
  readonly threads?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Progress {
  readonly variable: string;
  /** Counted from 1. */
  readonly epoch: number;
  readonly loss: number;
}
