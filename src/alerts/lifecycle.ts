import type { AlertState, AlertTransition } from './alert.ts';
import type { Judgement, Verdict } from './judge.ts';
import { principalOf, type Rule } from './rule.ts';
import { span } from './wording.ts';

/** A resolved alert is over: its rule rests as inactive, and the next onset is another alert. */
export type RestingState = Exclude<AlertState, 'resolved' | 'acknowledged' | 'stale'>;

/** Where one rule stands at one station. Plain values, so that it can be written to a checkpoint. */
export interface AlertStatus {
  readonly state: RestingState;
  /** Of the alert that is pending or firing, ms since the epoch. */
  readonly onset: number;
  /** Time and revision of the newest evidence; anything older comes too late to change the state. */
  readonly seen: number;
  readonly revision: number;
  /** Of the newest transition of the alert. */
  readonly sequence: number;
  /** Sources whose evidence crossed since the onset and has not been clear since. Only they can end the alert. */
  readonly holders: readonly string[];
}

/** All that a rule makes of one step of a station, or of one forecast. */
export interface Finding {
  /** The interval that the evidence covers, ms since the epoch; a forecast covers only its time of issue. */
  readonly from: number;
  readonly until: number;
  readonly revision: number;
  readonly judgements: readonly Judgement[];
}

export interface Advance {
  readonly status: AlertStatus;
  readonly transition?: AlertTransition;
}

type Event = 'crossed' | 'held' | 'cleared';

const transitions: Record<RestingState, Partial<Record<Event, AlertState>>> = {
  inactive: { crossed: 'pending', held: 'firing' },
  pending: { held: 'firing', cleared: 'inactive' },
  firing: { cleared: 'resolved' },
};

const earliest = -8.64e15;
export const untouched: AlertStatus = {
  state: 'inactive',
  onset: earliest,
  seen: earliest,
  revision: 0,
  sequence: 0,
  holders: [],
};

/**
 * Where the rule stands after a finding, and the transition that led there. Silence, refused forecasts, values
 * between the levels and evidence older than the newest change no state; only clearing evidence, measured after the
 * onset, of every source that crossed ends an alert. `now` is the time of the journal record that brought it.
 */
export function advance(status: AlertStatus, finding: Finding, rule: Rule, now: number): Advance {
  const known = finding.judgements.filter((judgement) => counts(judgement, status, finding));
  if (known.length === 0 || !isNews(status, finding)) return { status };
  const begun = status.state === 'inactive' ? { ...status, onset: finding.from, sequence: 0 } : status;
  const holders = holdersAfter(begun, known);
  const event = eventOf(begun, finding, known, holders, rule);
  const to = (event && transitions[status.state][event]) ?? status.state;
  const moved: AlertStatus = {
    state: to === 'pending' || to === 'firing' ? to : 'inactive',
    sequence: begun.sequence + (to === status.state ? 0 : 1),
    onset: begun.onset,
    seen: finding.from,
    revision: finding.revision,
    holders: to === 'pending' || to === 'firing' ? holders : [],
  };
  if (to === status.state) return { status: moved };
  return { status: moved, transition: describe(status.state, to, moved, finding, known, rule, now) };
}

/** Evidence of the very step of the onset may be corrected while the alert is pending; a firing one needs later. */
function counts({ verdict }: Judgement, status: AlertStatus, finding: Finding): boolean {
  if (verdict === 'nothing') return false;
  return verdict !== 'clear' || status.state !== 'firing' || finding.from > status.onset;
}

function isNews(status: AlertStatus, { from, revision }: Finding): boolean {
  return from > status.seen || (from === status.seen && revision > status.revision);
}

function holdersAfter(status: AlertStatus, known: readonly Judgement[]): string[] {
  const sources = (wanted: Verdict) =>
    known.filter(({ verdict }) => verdict === wanted).map(({ source }) => source);
  const clear = sources('clear');
  return [...new Set([...status.holders, ...sources('crossed')])]
    .filter((source) => !clear.includes(source))
    .sort();
}

function eventOf(
  { onset }: AlertStatus,
  { until }: Finding,
  known: readonly Judgement[],
  holders: readonly string[],
  rule: Rule,
): Event | undefined {
  if (known.some(({ verdict }) => verdict === 'crossed'))
    return until - onset >= rule.for ? 'held' : 'crossed';
  return holders.length === 0 && known.some(({ verdict }) => verdict === 'clear') ? 'cleared' : undefined;
}

function describe(
  from: RestingState,
  to: AlertState,
  { onset, sequence }: AlertStatus,
  { until }: Finding,
  known: readonly Judgement[],
  rule: Rule,
  now: number,
): AlertTransition {
  const { reason, evidence } = decisive(known, to, rule);
  const { station } = evidence!;
  const id = `${rule.id}/${station}/${new Date(onset).toISOString()}`;
  const said = reason + duration(to, until - onset, rule);
  const { id: ruleId } = rule;
  const { severity } = rule.grades[0]!;
  return {
    kind: 'alert',
    id,
    rule: ruleId,
    area: station,
    station,
    stations: [station],
    onset,
    from,
    to,
    sequence,
    time: now,
    cause: 'evidence',
    reason: said,
    severity,
    evidence: evidence!,
    more: [],
    mode: 'actual',
  };
}

/** Of the sources that say the same, the one that is furthest towards the level speaks for them. */
function decisive(known: readonly Judgement[], to: AlertState, rule: Rule): Judgement {
  const { direction } = principalOf(rule);
  const wanted: Verdict = to === 'pending' || to === 'firing' ? 'crossed' : 'clear';
  const worse = (a: Judgement, b: Judgement) => {
    const difference = a.evidence!.value - b.evidence!.value;
    return (direction === 'above' ? difference >= 0 : difference <= 0) ? a : b;
  };
  return known.filter(({ verdict }) => verdict === wanted).reduce(worse);
}

function duration(to: AlertState, held: number, rule: Rule): string {
  if (rule.for === 0) return '';
  if (to === 'firing') return ` for ${span(held)}`;
  if (to === 'pending') return `; it must hold for ${span(rule.for)}`;
  return to === 'inactive' ? ` before it held for ${span(rule.for)}` : '';
}
