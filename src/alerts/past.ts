/** Step means of one sensor's variable, in order of time, as far back as the rules look. */
export interface Past {
  readonly starts: number[];
  readonly means: number[];
}

export const noPast = (): Past => ({ starts: [], means: [] });

/** Puts a step in its place, or another mean in that of the same step, and forgets what is before `since`. */
export function note({ starts, means }: Past, start: number, mean: number, since: number): void {
  let at = starts.length;
  while (at > 0 && starts[at - 1]! >= start) at--;
  const known = starts[at] === start ? 1 : 0;
  starts.splice(at, known, start);
  means.splice(at, known, mean);
  const old = starts.findIndex((each) => each >= since);
  starts.splice(0, old);
  means.splice(0, old);
}

export interface Extent {
  readonly lowest: number;
  readonly highest: number;
  /** How many steps there are. */
  readonly steps: number;
}

/** Of the steps that start in [from, to]; undefined where there are none. */
export function extentOf({ starts, means }: Past, from: number, to: number): Extent | undefined {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let steps = 0;
  for (let i = starts.length - 1; i >= 0 && starts[i]! >= from; i--) {
    if (starts[i]! > to) continue;
    lowest = Math.min(lowest, means[i]!);
    highest = Math.max(highest, means[i]!);
    steps++;
  }
  return steps > 0 ? { lowest, highest, steps } : undefined;
}
