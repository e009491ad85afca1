import type { Store } from '../../store/store.ts';
import { timeOf, type Verification } from '../online/verification.ts';
import { isOver, type RetryPolicy, type Run, type RunDecision } from './due.ts';

export interface EarlyPolicy extends Pick<RetryPolicy, 'attempts'> {
  /** Verified forecasts of a station, variable and horizon before their skill means anything. */
  readonly verified: number;
  /** By how much the skill over persistence may lie below that of the promotion. */
  readonly fall: number;
  /** ms from the start of one run to that of an early one. */
  readonly rest: number;
}

/** How the model in service has done at one station, variable and horizon since the last run. */
export interface Tally {
  readonly station: string;
  readonly variable: string;
  /** Steps ahead. */
  readonly horizon: number;
  readonly verified: number;
  /** Sums of the squared error and of that of persistence, in the square of the variable's unit. */
  readonly square: number;
  readonly persistence: number;
  /** When its errors were found to have grown for good, if they were: start of the newest such step, ms since the epoch. */
  readonly drifted?: number | undefined;
}

/** What is known of the model in service and of the runs before. */
export interface InService {
  readonly tallies: readonly Tally[];
  /** Skill over persistence on the recent hold-out when it was promoted; absent where nobody judged it. */
  readonly promised?: number | undefined;
  /** The newest attempt, of any cause. */
  readonly last?: Run | undefined;
}

/** Nothing older asks for a run, ms: the schedule has had its chance. */
const farthest = 30 * 86_400_000;

/** From which step on verified forecasts are evidence: what lies before the last run was answered by it. */
export const evidenceFrom = (last: Run | undefined, now: number): number =>
  Math.max(last?.startedAt ?? 0, now - farthest);

/**
 * Whether a run is asked for before its time, since the errors of the model in service have grown: drift (Page-Hinkley)
 * at a station, skill below that of persistence there, or the skill of all together well below what it was promoted
 * with. A run answers all that was measured before it, whatever came of it, so the same evidence asks once.
 */
export function decideEarly(
  { tallies, promised, last }: InService,
  policy: EarlyPolicy,
  now: number,
): RunDecision {
  const wait = tooSoon(last, policy, now);
  if (wait !== undefined) return { wait };
  const reason = driftOf(tallies) ?? belowPersistence(tallies, policy) ?? fallen(tallies, promised, policy);
  if (reason === undefined) return { wait: 'the model in service does as well as it did' };
  return { start: { due: now, cause: 'drift', attempt: 1, reason } };
}

/** Why no evidence counts yet, so that nobody need gather it; undefined where some may. */
export function tooSoon(last: Run | undefined, policy: EarlyPolicy, now: number): string | undefined {
  if (!last) return undefined;
  if (!isOver(last, policy)) return 'a run is under way or will be tried again';
  const rested = last.startedAt + policy.rest;
  if (now >= rested) return undefined;
  return `the last run was at ${iso(last.startedAt)}; an early one waits until ${iso(rested)}`;
}

function driftOf(tallies: readonly Tally[]): string | undefined {
  const drifted = tallies.filter((one) => one.drifted !== undefined);
  const newest = drifted.toSorted((a, b) => b.drifted! - a.drifted!)[0];
  if (!newest) return undefined;
  return `the errors of ${nameOf(newest)} have grown for good by ${iso(newest.drifted!)}${others(drifted)}`;
}

function belowPersistence(tallies: readonly Tally[], { verified }: EarlyPolicy): string | undefined {
  const below = tallies.filter((one) => one.verified >= verified && skillOf([one]) < 0);
  const worst = below.toSorted((a, b) => skillOf([a]) - skillOf([b]))[0];
  if (!worst) return undefined;
  return `${nameOf(worst)} is worse than persistence: skill ${percent(skillOf([worst]))} over ${worst.verified} verified forecasts${others(below)}`;
}

function fallen(
  tallies: readonly Tally[],
  promised: number | undefined,
  { verified, fall }: EarlyPolicy,
): string | undefined {
  const enough = tallies.filter((one) => one.verified >= verified);
  const skill = skillOf(enough);
  if (promised === undefined || enough.length === 0 || !(skill < promised - fall)) return undefined;
  return `the skill over persistence is ${percent(skill)}, it was ${percent(promised)} at the promotion`;
}

/** Pooled as in the contest: each error by that of persistence at its station, variable and horizon. 1 without any error. */
export function skillOf(tallies: readonly Tally[]): number {
  const known = tallies.filter(({ persistence }) => persistence > 0);
  const verified = known.reduce((sum, one) => sum + one.verified, 0);
  const error = known.reduce((sum, one) => sum + (one.verified * one.square) / one.persistence, 0);
  return verified === 0 ? 1 : 1 - Math.sqrt(error / verified);
}

/** What was verified of these models from the step at `from` on and before `to`, in bounded memory. */
export async function tallyOf(
  store: Pick<Store, 'verifications'>,
  models: ReadonlySet<string>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Tally[]> {
  const tallies = new Map<string, Tally>();
  for await (const one of store.verifications({ from, to })) {
    if (!models.has(one.model)) continue;
    const key = JSON.stringify([one.station, one.variable, one.horizon]);
    tallies.set(key, counted(tallies.get(key), one));
  }
  return [...tallies.values()];
}

function counted(before: Tally | undefined, one: Verification): Tally {
  const { station, variable, horizon, forecast, persistence, drift } = one;
  return {
    station,
    variable,
    horizon,
    verified: (before?.verified ?? 0) + 1,
    square: (before?.square ?? 0) + squareOf(one, forecast),
    persistence: (before?.persistence ?? 0) + squareOf(one, persistence),
    drifted: drift >= 1 ? timeOf(one) : before?.drifted,
  };
}

/** What was measured at a sensor's ceiling is that or more. */
const squareOf = ({ measured, censored }: Verification, said: number) =>
  censored && said >= measured ? 0 : (said - measured) ** 2;

const nameOf = ({ station, variable, horizon }: Tally) =>
  `${variable} at ${station}, ${horizon} steps ahead,`;
const others = ({ length }: readonly Tally[]) => (length > 1 ? `, and of ${length - 1} others` : '');
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const iso = (time: number) => new Date(time).toISOString();
