import type { Judgement, Verdict, Weighed } from './judge.ts';

/** What one test of a rule last said of a station. Plain values, so that a checkpoint can hold it. */
export interface Leaf {
  /** Of the newest evidence: start, end and revision of the step; of a forecast the time of issue, twice. */
  readonly from: number;
  readonly until: number;
  readonly revision: number;
  readonly verdict: Verdict;
  /** Sensors that crossed and have not been clear since: only they can clear it. */
  readonly holders: readonly string[];
  /** What crossed, while it does. */
  readonly said?: Judgement;
}

/** The interval of event time that evidence covers, ms since the epoch, and its revision. */
export interface Span {
  readonly from: number;
  readonly until: number;
  readonly revision: number;
}

const none: readonly string[] = [];
const earliest = -8.64e15;
export const untouched: Leaf = {
  from: earliest,
  until: earliest,
  revision: 0,
  verdict: 'nothing',
  holders: [],
};

/** The leaf after the judgements of all sensors of a step, or of a forecast; the same where they are no news. */
export function learn(leaf: Leaf, judgements: readonly Weighed[], span: Span): Leaf {
  const known = judgements.filter(({ verdict }) => verdict !== 'nothing');
  if (known.length === 0 || !isNews(leaf, span)) return leaf;
  const { from, until, revision } = span;
  // The usual case, and many times cheaper: nothing crosses, and nothing did.
  if (leaf.holders.length === 0 && known.every(({ verdict }) => verdict !== 'crossed'))
    return { from, until, revision, verdict: verdictOf(known, none), holders: none };
  const crossed = known.filter(({ verdict }) => verdict === 'crossed');
  const clear = new Set(known.filter(({ verdict }) => verdict === 'clear').map(({ source }) => source));
  const holders = [...new Set([...leaf.holders, ...crossed.map(({ source }) => source)])]
    .filter((source) => !clear.has(source))
    .sort();
  const verdict = verdictOf(known, holders);
  const said = crossed.length > 0 ? crossed.map(({ tell }) => tell()).reduce(worse) : undefined;
  return { from, until, revision, verdict, holders, ...(said && { said }) };
}

function isNews(leaf: Leaf, { from, revision }: Span): boolean {
  return from > leaf.from || (from === leaf.from && revision > leaf.revision);
}

function verdictOf(known: readonly Weighed[], holders: readonly string[]): Verdict {
  if (known.some(({ verdict }) => verdict === 'crossed')) return 'crossed';
  if (holders.length > 0) return 'between';
  return known.some(({ verdict }) => verdict === 'clear') ? 'clear' : 'between';
}

/** Of the sensors that say the same, the one that is furthest towards the level speaks for them. */
export function worse(a: Judgement, b: Judgement): Judgement {
  const sign = a.evidence?.direction === 'below' ? -1 : 1;
  return ((a.evidence?.value ?? 0) - (b.evidence?.value ?? 0)) * sign >= 0 ? a : b;
}

/** What it counts for at a time: evidence older than `silence` is none, which clears nothing that it held up. */
export function countsFor({ verdict, until, holders }: Leaf, time: number, silence: number): Verdict {
  if (time - until <= silence && verdict !== 'nothing') return verdict;
  return holders.length > 0 ? 'between' : 'nothing';
}
