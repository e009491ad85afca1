/** What a variable usually is at each hour of the day here, UTC: the mean of that hour over about the last 30 days. */
export interface Climate {
  readonly means: number[];
  readonly counts: number[];
}

const hours = 24;
const memory = 30;
/** Days before a mean is worth to be beside a forecast. */
const enough = 5;
const hour = 3_600_000;

export const newClimate = (): Climate => ({ means: Array(hours).fill(0), counts: Array(hours).fill(0) });

const hourOf = (time: number) => Math.floor(time / hour) % hours;

/** Takes in the mean of the step that starts at `time`, ms since the epoch. */
export function note({ means, counts }: Climate, time: number, value: number): void {
  const at = (hourOf(time) + hours) % hours;
  counts[at]!++;
  means[at]! += (value - means[at]!) / Math.min(counts[at]!, memory);
}

/** What to expect of the step that starts at `time`; NaN until there are enough days. */
export function usual({ means, counts }: Climate, time: number): number {
  const at = (hourOf(time) + hours) % hours;
  return counts[at]! >= enough ? means[at]! : Number.NaN;
}
