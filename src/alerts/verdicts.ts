import type { AlertTransition, Evidence } from './alert.ts';
import { principalOf, type Rule } from './rule.ts';

/** What the duty officer said of a warning, or of one that should have been given; times are ms since the epoch. */
export interface WarningVerdict {
  readonly alert: string;
  readonly verdict: 'confirmed' | 'false-alarm' | 'missed';
  readonly stations: readonly string[];
  readonly variable: string;
  /** When it was, or was said to be: [from, to). */
  readonly from: number;
  readonly to: number;
  /** In the variable's unit. */
  readonly level: number;
  readonly direction: 'above' | 'below';
}

/** Of real warnings about a level. The last word on each counts, and `unclear` takes an earlier one back. */
export function verdictsOf(transitions: readonly AlertTransition[]): WarningVerdict[] {
  const trails = new Map<string, AlertTransition[]>();
  for (const one of transitions.filter(({ mode }) => mode === 'actual'))
    trails.set(one.id, [...(trails.get(one.id) ?? []), one]);
  return [...trails.values()].flatMap((trail) => verdictOf(trail.sort((a, b) => a.sequence - b.sequence)));
}

function verdictOf(trail: readonly AlertTransition[]): WarningVerdict[] {
  const verdict = trail.map(saidIn).findLast((word) => word !== undefined);
  const told = trail.find(({ to, reason }) => to === 'firing' || reason === verdictWords('missed'));
  if (!told || verdict === undefined || verdict === 'unclear') return [];
  const { variable, level, direction } = told.evidence;
  if (level === undefined || direction === undefined) return [];
  const about = { alert: told.id, variable, level, direction };
  const stations = [...new Set(trail.flatMap((one) => one.stations))];
  return [{ ...about, verdict, stations, ...spanOf(verdict, told, trail) }];
}

type Word = WarningVerdict['verdict'] | 'unclear';

/** How a transition says it. */
export const verdictWords = (word: string): string => `verdict: ${word}`;

const saidIn = ({ cause, reason }: AlertTransition): Word | undefined =>
  cause === 'command'
    ? (/^verdict: (confirmed|false-alarm|unclear|missed)/.exec(reason)?.[1] as Word)
    : undefined;

/**
 * False, there was nothing wherever it pointed. Else it began when the evidence holds, which for a forecast is later than
 * the warning, and went on until evidence ended it; where nothing has, up to the newest evidence.
 */
function spanOf(verdict: Word, told: AlertTransition, trail: readonly AlertTransition[]) {
  const times = trail.flatMap(({ evidence, more }) => [evidence, ...more].map(({ time }) => time));
  const end = trail.find(({ to }) => to === 'resolved')?.evidence;
  const newest = Math.max(...times);
  if (verdict === 'false-alarm') return { from: Math.min(told.onset, ...times), to: newest + 1 };
  const from = told.evidence.time;
  return { from, to: Math.max(from + 1, end ? (end.issuedAt ?? end.time) : newest) };
}

export interface MissedWarning
  extends Pick<AlertTransition, 'id' | 'area' | 'station' | 'onset' | 'time' | 'author' | 'note'> {
  /** When it was over. */
  readonly until: number;
}

/** One that nobody was given. Its evidence is where it began and ended, and that the level was crossed at least. */
export function missedWarning(rule: Rule, { until, ...given }: MissedWarning): AlertTransition {
  const { variable, level, direction } = principalOf(rule);
  const { station, onset } = given;
  const seen: Evidence = { on: 'observed', station, variable, value: level, time: onset, level, direction };
  return {
    kind: 'alert',
    ...given,
    rule: rule.id,
    stations: [station],
    from: 'inactive',
    to: 'inactive',
    sequence: 1,
    cause: 'command',
    reason: verdictWords('missed'),
    severity: rule.grades[0]!.severity,
    evidence: seen,
    more: [{ ...seen, time: until }],
    mode: 'actual',
    quiet: 'for the record',
  };
}
