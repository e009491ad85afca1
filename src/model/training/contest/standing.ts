import { skillOf, weeksOf } from '../backtest/bootstrap.ts';
import { squaredErrors } from '../backtest/point-scores.ts';
import type { SpikeReport } from '../backtest/report.ts';
import { quantileColumn, type Samples, scoredAt } from '../backtest/samples.ts';
import type { Alarms, Standing } from './gate.ts';

/** Name of the model in service among the forecasters. */
export const champion = 'champion';

/** What the errors are measured by, so that variables in different units can be pooled. */
const yardstick = 'persistence';
const draws = 1000;

/** Squared errors of all forecasters on the same samples, each unit (station, variable, horizon) by its persistence. */
interface Pool {
  readonly times: number[];
  readonly errors: Map<string, number[]>;
  within: number;
  intervals: number;
}

/** The standing of one forecaster; the samples must have persistence among their forecasters. */
export function standingOf(
  samples: readonly Samples[],
  spikes: readonly SpikeReport[],
  name: string,
  baselines: readonly string[],
  seed: number,
): Standing {
  const pool: Pool = { times: [], errors: new Map(), within: 0, intervals: 0 };
  for (const own of samples) own.horizons.forEach((_, h) => addUnit(pool, own, h, name));
  const weeks = weeksOf(pool.times);
  const mine = pool.errors.get(name) ?? [];
  const skill = (reference: string) => {
    const theirs = pool.errors.get(reference);
    return theirs && mine.length > 0 ? skillOf(mine, theirs, weeks, { seed, draws }) : undefined;
  };
  const over = baselines.flatMap((baseline) => {
    const own = baseline === name ? undefined : skill(baseline);
    return own ? [[baseline, own] as const] : [];
  });
  return {
    samples: mine.length,
    weeks: weeks.reduce((most, one) => Math.max(most, one + 1), 0),
    overChampion: skill(champion),
    overBaselines: Object.fromEntries(over),
    coverage: pool.intervals > 0 ? pool.within / pool.intervals : undefined,
    alarms: {
      challenger: alarmsOf(spikes, name),
      champion: pool.errors.has(champion) ? alarmsOf(spikes, champion) : undefined,
    },
  };
}

function addUnit(pool: Pool, samples: Samples, h: number, name: string): void {
  const scored = scoredAt(samples, h);
  const said = scored.said.get(name);
  const naive = scored.said.get(yardstick);
  if (!said || !naive || scored.truth.length === 0) return;
  const scale = mean(squaredErrors(scored.truth, quantileColumn(scored, naive, 0.5)));
  if (!(scale > 0)) return;
  pool.times.push(...scored.times);
  for (const [forecaster, own] of scored.said) {
    const errors = pool.errors.get(forecaster) ?? [];
    pool.errors.set(forecaster, errors);
    for (const error of squaredErrors(scored.truth, quantileColumn(scored, own, 0.5)))
      errors.push(error / scale);
  }
  const [low, high] = [quantileColumn(scored, said, 0.1), quantileColumn(scored, said, 0.9)];
  scored.truth.forEach((truth, i) => {
    if (!Number.isFinite(low[i]!) || !Number.isFinite(high[i]!)) return;
    pool.intervals++;
    pool.within += truth >= low[i]! && truth <= high[i]! ? 1 : 0;
  });
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Over all criteria and horizons. */
function alarmsOf(spikes: readonly SpikeReport[], name: string): Alarms {
  const onsets = spikes.flatMap(({ horizons }) =>
    horizons.flatMap(({ forecasters }) => forecasters[name]?.onset ?? []),
  );
  const sum = (count: (one: (typeof onsets)[number]) => number) =>
    onsets.reduce((total, one) => total + count(one), 0);
  const wrong = sum(({ falseAlarms }) => falseAlarms);
  const told = sum(({ caught }) => caught);
  return { all: wrong + told, false: wrong, missed: sum(({ onsets }) => onsets) - told };
}
