import type { Choice } from './line-up.ts';

/** One forecaster at one horizon of one station and variable, on data that it was not fitted on. */
export interface Proof {
  readonly rmse: number;
  /** By baseline: 1 - RMSE / RMSE of the baseline, with its 95 % interval. */
  readonly skill: Readonly<Record<string, { readonly low?: number }>>;
}

export interface Proofs {
  readonly station: string;
  readonly variable: string;
  readonly horizons: readonly {
    readonly horizon: number;
    readonly forecasters: Readonly<Record<string, Proof>>;
  }[];
}

/**
 * Per station, variable and horizon: the network with the least error of those that beat the best baseline with the
 * 95 % interval clear of zero, else that baseline.
 */
export function proven(scores: readonly Proofs[], baselines: readonly string[]): Choice[] {
  return scores.map(({ station, variable, horizons }) => ({
    station,
    variable,
    horizons: horizons.map(({ horizon }) => horizon),
    networks: horizons.map(({ forecasters }) => best(forecasters, baselines)),
  }));
}

function best(forecasters: Readonly<Record<string, Proof>>, baselines: readonly string[]): string {
  const byError = Object.entries(forecasters).sort(([, a], [, b]) => a.rmse - b.rmse);
  const baseline = byError.find(([name]) => baselines.includes(name))?.[0];
  if (baseline === undefined)
    throw new Error('there is no baseline among the forecasters to prove them against');
  const better = ([name, { skill }]: [string, Proof]) =>
    !baselines.includes(name) && (skill[baseline]?.low ?? Number.NEGATIVE_INFINITY) > 0;
  return byError.find(better)?.[0] ?? baseline;
}
