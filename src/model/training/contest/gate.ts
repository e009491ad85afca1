import type { Skill } from '../backtest/bootstrap.ts';

/** What is known of a challenger on one hold-out, pooled over stations, variables and horizons. */
export interface Standing {
  /** Forecast values that were compared with what was measured. */
  readonly samples: number;
  readonly weeks: number;
  /** Over the champion; absent without one, or where the two have nothing in common. */
  readonly overChampion?: Skill | undefined;
  /** Over each plain baseline. */
  readonly overBaselines: Readonly<Record<string, Skill>>;
  /** Share of truths within the 80 % interval; absent for point forecasts. */
  readonly coverage?: number | undefined;
  /** Alarms of spikes to come, over all criteria, and those of them that did not come. */
  readonly alarms: { readonly challenger: Alarms; readonly champion?: Alarms | undefined };
}

export interface Alarms {
  /** The false ones, and the beginnings that were told of. */
  readonly all: number;
  readonly false: number;
  /** Beginnings that were not told of. */
  readonly missed: number;
}

export interface Challenge {
  /** The kind of network. */
  readonly network: string;
  readonly recent: Standing;
  /** Older weeks that no candidate learned from. */
  readonly older: Standing;
  /** Outputs that are always 0, by variable. */
  readonly deadHeads: Readonly<Record<string, readonly number[]>>;
}

export interface Verdict {
  readonly promote: boolean;
  /** All of them, for and against, with their numbers. */
  readonly reasons: readonly string[];
}

/** Fewer values, or fewer weeks, prove nothing. */
export const fewest = { samples: 500, weeks: 4 } as const;
/** What it may be worse on the older hold-out, as a share of the RMSE. */
const olderLoss = 0.02;
const coverageBounds = [0.75, 0.85] as const;

/**
 * The gate of a challenger: better than the champion on the recent hold-out with the 95 % interval clear of zero, not
 * worse by more than 2 % on the older one, no worse than any baseline, an honest interval, no more false alarms, and no
 * dead output. Every reason is told, so that the decision can be read without the numbers at hand.
 */
export function judge(challenge: Challenge): Verdict {
  const against = [
    ...tooFew('recent', challenge.recent),
    ...recentFaults(challenge.recent),
    ...olderFaults(challenge.older),
    ...baselineFaults(challenge.recent),
    ...coverageFaults(challenge.recent),
    ...alarmFaults(challenge.recent),
    ...deadFaults(challenge),
  ];
  if (against.length > 0) return { promote: false, reasons: against };
  return { promote: true, reasons: reasonsFor(challenge) };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const interval = ({ value, low, high }: Skill) =>
  low === undefined
    ? percent(value)
    : `${percent(value)} (95 % interval ${percent(low)} to ${percent(high!)})`;

function tooFew(which: string, { samples, weeks }: Standing): string[] {
  if (samples >= fewest.samples && weeks >= fewest.weeks) return [];
  return [
    `too few data: the ${which} hold-out has ${samples} values in ${weeks} weeks, ${fewest.samples} in ${fewest.weeks} are needed`,
  ];
}

function recentFaults({ overChampion }: Standing): string[] {
  if (!overChampion || (overChampion.low ?? Number.NEGATIVE_INFINITY) > 0) return [];
  return [`worse or not proven better than the champion on the recent hold-out: ${interval(overChampion)}`];
}

function olderFaults({ overChampion }: Standing): string[] {
  if (!overChampion || overChampion.value >= -olderLoss) return [];
  return [
    `worse than the champion on the older hold-out: ${interval(overChampion)}, at most ${percent(olderLoss)} is allowed`,
  ];
}

/** Not proven worse: a line-up that serves the baseline where nothing beats it is equal there. */
function baselineFaults({ overBaselines }: Standing): string[] {
  return Object.entries(overBaselines).flatMap(([name, skill]) =>
    skill.value >= 0 || (skill.high ?? 0) > 0 ? [] : [`worse than ${name}: ${interval(skill)}`],
  );
}

function coverageFaults({ coverage }: Standing): string[] {
  const [low, high] = coverageBounds;
  if (coverage === undefined || (coverage >= low && coverage <= high)) return [];
  return [`its 80 % interval covers ${percent(coverage)}, ${percent(low)} to ${percent(high)} is allowed`];
}

/** By how much the share of false alarms may be greater: who warns of more beginnings errs in some. */
const falseShare = 0.1;

/** One that never warns has no false alarm, and is no measure of one that does. */
function alarmFaults({ alarms: { challenger, champion } }: Standing): string[] {
  if (!champion || champion.all === 0 || challenger.all === 0 || challenger.false <= champion.false)
    return [];
  const [own, other] = [challenger.false / challenger.all, champion.false / champion.all];
  if (own <= other + falseShare) return [];
  return [
    `${challenger.false} of its ${challenger.all} alarms on the recent hold-out are false, ${champion.false} of the champion's ${champion.all}; at most ${percent(falseShare)} more are allowed`,
  ];
}

const deadFaults = ({ deadHeads }: Challenge) =>
  Object.entries(deadHeads).flatMap(([variable, heads]) =>
    heads.length === 0 ? [] : [`${variable} has dead outputs: ${heads.join(', ')}`],
  );

function reasonsFor({ recent, older }: Challenge): string[] {
  const baselines = Object.entries(recent.overBaselines).map(
    ([name, skill]) => `over ${name} ${interval(skill)}`,
  );
  return [
    recent.overChampion
      ? `better than the champion on the recent hold-out: ${interval(recent.overChampion)}`
      : 'there is no champion to compare with',
    ...(older.overChampion ? [`on the older hold-out: ${interval(older.overChampion)}`] : []),
    ...(baselines.length > 0 ? [baselines.join(', ')] : []),
    ...(recent.coverage === undefined ? [] : [`its 80 % interval covers ${percent(recent.coverage)}`]),
  ];
}
