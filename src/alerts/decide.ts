import type { AlertTransition } from './alert.ts';
import type { CompiledRule } from './compiled.ts';
import type { Event, Standing } from './lifecycle.ts';
import type { Member } from './member.ts';
import type { Rule } from './rule.ts';

/** Of the newest transition of a rule in an area, so that no message is named twice. */
export type Newest = { -readonly [K in 'onset' | 'sequence' | 'time']: AlertTransition[K] };

const day = 86_400_000;

export interface Case {
  /** With the members as they are after the evidence. */
  readonly standing: Standing;
  readonly compiled: CompiledRule;
  /** So many stations must agree. */
  readonly need: number;
}

/** What was just heard. */
export interface Heard {
  readonly station: string;
  /** The station's part before, if it had one. */
  readonly before: Member | undefined;
  /** End of the evidence, and the time of the record that brought it. */
  readonly until: number;
  readonly now: number;
}

/** What new evidence means to an alert; undefined where it changes nothing that anybody should know. */
export function eventOf(known: Case, heard: Heard): Event | undefined {
  const { standing, compiled } = known;
  const { until, now } = heard;
  const { state, members, grade, acknowledged } = standing;
  const reached = gradeReached(known, until);
  if (state === 'inactive') return hasBegun(members) ? (reached >= 0 ? 'held' : 'crossed') : undefined;
  if (state === 'pending') {
    if (reached >= 0) return 'held';
    return Object.keys(members).length === 0 ? 'cleared' : undefined;
  }
  if (reached > grade) return 'raised';
  const needed = passesNeeded(known, now);
  if (Object.values(members).every((member) => member.passes >= needed)) return 'cleared';
  if (state === 'stale' && now - until <= compiled.rule.silence)
    return acknowledged ? 'heard-acknowledged' : 'heard';
  return joins(members, heard) ? 'joined' : undefined;
}

/** The highest grade that enough stations of the area have reached, by what was heard of them until then. */
export function gradeReached({ standing, compiled: { rule }, need }: Case, until: number): number {
  const held = Object.values(standing.members)
    .filter((member) => until - member.until <= rule.silence)
    .map((member) => member.held)
    .sort((a, b) => b - a);
  return held[need - 1] ?? -1;
}

/** Onset of an alert that begins: corrected away and back, late, or under another rule, the one before goes on. */
export function onsetOf({ members }: Standing, newest: Newest | undefined): number {
  return Math.max(Math.min(...onsets(members)), newest?.onset ?? Number.NEGATIVE_INFINITY);
}

const onsets = (members: Standing['members']) =>
  Object.values(members).flatMap(({ since }) => since.filter((at) => at !== null));

const hasBegun = (members: Standing['members']) => onsets(members).length > 0;

/** Each end within the last day makes the next one take longer. Of a station that is heard again there is one sign. */
const passesNeeded = ({ standing: { ends }, compiled: { rule, watch } }: Case, now: number) =>
  watch ? 1 : rule.passes * (1 + ends.filter((end) => end > now - day).length);

const joins = (members: Standing['members'], { station, before }: Heard) =>
  (members[station]?.held ?? -1) >= 0 && (before?.held ?? -1) < 0;

/** How many stations must agree in an area of so many. */
export const needOf = ({ agree }: Rule, stations: number) => Math.min(agree, stations);
