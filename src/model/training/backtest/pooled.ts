import { type Skill, skillOf, weeksOf } from './bootstrap.ts';
import { mean, squaredErrors } from './point-scores.ts';
import { quantileColumn, type Samples, scoredAt } from './samples.ts';

/** One variable over all stations: what a network over space is asked about. */
export interface PooledReport {
  readonly variable: string;
  readonly unit: string;
  /** Those at which every forecaster answered. */
  readonly stations: number;
  readonly horizons: readonly PooledHorizon[];
}

export interface PooledHorizon {
  readonly horizon: number;
  readonly samples: number;
  /** In the variable's unit; stations with large values weigh most. */
  readonly rmse: Readonly<Record<string, number>>;
  /**
   * By forecaster, over each other one. Errors of a station are in units of its persistence, so that all stations weigh
   * alike; whole weeks are drawn, of all stations at once, since neighbours err together.
   */
  readonly skill: Readonly<Record<string, Readonly<Record<string, Skill>>>>;
}

const yardstick = 'persistence';
const draws = 1000;

/** Of the samples of one variable; undefined for a single station. */
export function pooledOf(all: readonly Samples[], unit: string, seed: number): PooledReport | undefined {
  const names = [...new Set(all.flatMap(({ said }) => [...said.keys()]))];
  const common = all.filter(({ said }) => names.every((name) => said.has(name)));
  if (common.length < 2 || !names.includes(yardstick)) return undefined;
  const { variable, horizons } = common[0]!;
  return {
    variable,
    unit,
    stations: common.length,
    horizons: horizons.map((horizon, h) => ({ horizon, ...pooledAt(common, names, h, seed) })),
  };
}

function pooledAt(all: readonly Samples[], names: readonly string[], h: number, seed: number) {
  const times: number[] = [];
  const plain = new Map(names.map((name) => [name, [] as number[]]));
  const scaled = new Map(names.map((name) => [name, [] as number[]]));
  for (const samples of all) {
    const scored = scoredAt(samples, h);
    const errorsOf = (name: string) =>
      squaredErrors(scored.truth, quantileColumn(scored, scored.said.get(name)!, 0.5));
    const unit = mean(errorsOf(yardstick));
    if (!(unit > 0)) continue;
    times.push(...scored.times);
    for (const name of names)
      for (const error of errorsOf(name)) {
        plain.get(name)!.push(error);
        scaled.get(name)!.push(error / unit);
      }
  }
  const weeks = weeksOf(times);
  const over = (name: string) =>
    names.flatMap((other): [string, Skill][] => {
      const skill =
        name === other || times.length === 0
          ? undefined
          : skillOf(scaled.get(name)!, scaled.get(other)!, weeks, { seed, draws });
      return skill ? [[other, skill]] : [];
    });
  return {
    samples: times.length,
    rmse: Object.fromEntries(names.map((name) => [name, Math.sqrt(mean(plain.get(name)!))])),
    skill: Object.fromEntries(names.map((name) => [name, Object.fromEntries(over(name))])),
  };
}
