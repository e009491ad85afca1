/** Numbers that did not come between two that did. */
export interface MissingRange {
  readonly first: number;
  readonly last: number;
  /** Observation times of the messages around it, ms since the epoch; NaN where not known. */
  readonly from: number;
  readonly to: number;
  /** What of it is missing still: ranges, both ends included, in order. */
  pieces: (readonly [number, number])[];
}

/** A gateway's counter as far as it was seen. Plain values, for a checkpoint. */
export interface Counter {
  highest: number;
  /** Newest observation time, NaN before the first. */
  newest: number;
  ranges: MissingRange[];
}

export type CounterEvent =
  | { readonly kind: 'restart'; readonly before: number }
  | {
      readonly kind: 'range';
      readonly state: 'open' | 'closed' | 'given-up';
      readonly came: number;
      readonly missing: number;
      readonly gap: MissingRange;
    };

/** A longer leap is no gap but another counter. */
const longest = 100_000;
/** Ranges of one counter, and pieces of one range, that are remembered. */
const mostRanges = 32;
const mostPieces = 32;

export const opened = (number: number, time: number): Counter => ({
  highest: number,
  newest: time,
  ranges: [],
});

/**
 * Notes a number. A lower one than before with a newer observation time says that the counter began anew; with an
 * older time it is one that was missing, or a repetition.
 */
export function note(counter: Counter, number: number, time: number): CounterEvent[] {
  const { highest, newest } = counter;
  if (!(time <= newest)) counter.newest = Number.isNaN(time) ? newest : time;
  const leap = number - highest;
  if ((leap < 0 && time > newest) || leap > longest) return restart(counter, number);
  if (leap < 0) return fill(counter, number);
  counter.highest = number;
  return leap <= 1 ? [] : open(counter, { first: highest + 1, last: number - 1, from: newest, to: time });
}

function restart(counter: Counter, number: number): CounterEvent[] {
  const lost = counter.ranges.map((range) => given(range));
  const before = counter.highest;
  counter.highest = number;
  counter.ranges = [];
  return [...lost, { kind: 'restart', before }];
}

function open(counter: Counter, range: Omit<MissingRange, 'pieces'>): CounterEvent[] {
  const gap: MissingRange = { ...range, pieces: [[range.first, range.last]] };
  counter.ranges.push(gap);
  const left = counter.ranges.length > mostRanges ? [given(counter.ranges.shift()!)] : [];
  return [...left, { kind: 'range', state: 'open', came: 0, missing: missingOf(gap), gap }];
}

function fill(counter: Counter, number: number): CounterEvent[] {
  const gap = counter.ranges.find(({ first, last }) => first <= number && number <= last);
  const at = gap?.pieces.findIndex(([low, high]) => low <= number && number <= high) ?? -1;
  if (!gap || at < 0) return [];
  const [low, high] = gap.pieces[at]!;
  const rest = [[low, number - 1] as const, [number + 1, high] as const].filter(([a, b]) => a <= b);
  // So much in pieces it is not worth telling: the number counts as missing still.
  if (gap.pieces.length + rest.length - 1 > mostPieces) return [];
  gap.pieces.splice(at, 1, ...rest);
  const missing = missingOf(gap);
  if (missing === 0) counter.ranges.splice(counter.ranges.indexOf(gap), 1);
  return [{ kind: 'range', state: missing === 0 ? 'closed' : 'open', came: 1, missing, gap }];
}

const given = (gap: MissingRange): CounterEvent => ({
  kind: 'range',
  state: 'given-up',
  came: 0,
  missing: missingOf(gap),
  gap,
});

export const missingOf = ({ pieces }: MissingRange) =>
  pieces.reduce((sum, [low, high]) => sum + high - low + 1, 0);
