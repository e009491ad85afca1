import type { CompiledRule } from './compiled.ts';
import type { Judgement, Verdict } from './judge.ts';
import type { Span } from './leaf.ts';

/** A station that has a part in an alert. Plain values, so that a checkpoint can hold it. */
export interface Member {
  /** By grade: when its condition first crossed and has not been clear since; null where it does not hold. */
  readonly since: readonly (number | null)[];
  /** By step, newest last: the highest grade that crossed, or -1; only for rules that count. */
  readonly hits: readonly number[];
  /** The highest grade that held for long enough, or -1. */
  readonly held: number;
  /** Span of the newest evidence. */
  readonly from: number;
  readonly until: number;
  /** Steps in a row that were clear, fresh and after the onset, and the start of the newest of them. */
  readonly passes: number;
  readonly passedAt: number;
  /** What crossed last. */
  readonly said: Judgement;
}

export interface Told {
  readonly said: Judgement;
  readonly more: readonly Judgement[];
}

/** What a rule makes of a station at a time. */
export interface Finding {
  readonly span: Span;
  /** Of each grade. */
  readonly grades: readonly Verdict[];
  /** Of all of them together. */
  readonly verdict: Verdict;
  /** What decided, and what else was seen. */
  readonly tell: () => Told;
  /** Late evidence against an end, and for nothing else. */
  readonly objection?: true;
}

const none = -1;
const earliest = -8.64e15;

/**
 * The member after a finding that is evidence; undefined where it has no part in the alert any more. `settled` is the
 * onset of an alert that people are or will be told of: there only `passes` steps in a row end its part.
 */
export function follow(
  before: Member | undefined,
  finding: Finding,
  { rule }: CompiledRule,
  settled: number | undefined,
  now: number,
): Member | undefined {
  const { span, verdict, grades } = finding;
  if (!before && verdict !== 'crossed') return undefined;
  const member = before ?? begin(finding);
  const since = grades.map((grade, i) => begun(grade, member.since[i] ?? null, span.from));
  const hits = rule.count ? hitsAfter(member, finding, rule.count.of) : [];
  const held = Math.max(member.held, heldNow(since, hits, finding, rule));
  const over = rule.count ? hits.every((hit) => hit === none) : verdict === 'clear';
  if (over && settled === undefined) return undefined;
  const said = verdict === 'crossed' ? finding.tell().said : before!.said;
  const passed = passesAfter(member, finding, rule, settled ?? earliest, now);
  const [from, until] = [Math.max(member.from, span.from), Math.max(member.until, span.until)];
  return { since, hits, held, from, until, ...passed, said };
}

const begin = ({ span, grades }: Finding): Omit<Member, 'said'> => ({
  since: grades.map(() => null),
  hits: [],
  held: none,
  from: earliest,
  until: span.until,
  passes: 0,
  passedAt: earliest,
});

function begun(verdict: Verdict, since: number | null, from: number): number | null {
  if (verdict === 'crossed') return since ?? from;
  return verdict === 'clear' ? null : since;
}

const highest = (grades: readonly Verdict[]) => grades.lastIndexOf('crossed');

/** Evidence of the same step again takes the place of what was there. */
function hitsAfter(
  { hits, from }: Pick<Member, 'hits' | 'from'>,
  { span, grades }: Finding,
  of: number,
): readonly number[] {
  if (span.from < from) return hits;
  const earlier = from === span.from ? hits.slice(0, -1) : hits;
  return [...earlier, highest(grades)].slice(-of);
}

function heldNow(
  since: readonly (number | null)[],
  hits: readonly number[],
  { span, grades }: Finding,
  { count, for: held }: CompiledRule['rule'],
): number {
  const crossed = (grade: number) => hits.filter((hit) => hit >= grade).length;
  return grades.findLastIndex((verdict, grade) => {
    if (count) return crossed(grade) >= count.crossed;
    return verdict === 'crossed' && span.until - since[grade]! >= held;
  });
}

/** Evidence of the step of the onset, or that came too old, ends nothing; after a silence the count begins anew. */
function passesAfter(
  { passes, passedAt }: Pick<Member, 'passes' | 'passedAt'>,
  { span, verdict }: Finding,
  { fresh, silence }: CompiledRule['rule'],
  onset: number,
  now: number,
): Pick<Member, 'passes' | 'passedAt'> {
  if (verdict !== 'clear') return { passes: 0, passedAt };
  const counts = span.from > onset && now - span.until <= fresh && span.from > passedAt;
  if (!counts) return { passes, passedAt };
  return { passes: span.from - passedAt > silence ? 1 : passes + 1, passedAt: span.from };
}
