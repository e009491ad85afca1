import type { Series } from '../dataset.ts';

const week = 7 * 86_400_000;
/** Every tenth week since the epoch is older hold-out: the same weeks for every run, so no champion has learned from them. */
const every = 10;

export interface Span {
  readonly from: number;
  readonly until: number;
}

export interface HoldOuts {
  /** The newest part: what serves next will meet something like it. */
  readonly recent: Span;
  /** Whole weeks before it that nobody learns from. */
  readonly older: readonly Span[];
}

/**
 * `share` of the history, in whole weeks and at least four, is recent; of a short one half, which proves little. ms since
 * the epoch.
 */
export function holdOutsOf(all: readonly Series[], share: number): HoldOuts {
  const start = Math.min(...all.map((series) => series.start));
  const end = Math.max(...all.map(({ start, values, step }) => start + values.length * step));
  const wanted = Math.max(4 * week, Math.ceil(((end - start) * share) / week) * week);
  const length = Math.min(wanted, (end - start) / 2);
  const recent = { from: end - length, until: end };
  const older: Span[] = [];
  for (
    let at = Math.ceil(start / (every * week)) * every * week;
    at + week <= recent.from;
    at += every * week
  )
    older.push({ from: at, until: at + week });
  return { recent, older };
}

/** The series with the older hold-out masked: what candidates learn from. The recent one is cut off by the back-test. */
export function withoutOlder(all: readonly Series[], { older }: HoldOuts): Series[] {
  return all.map((series) => {
    const mask = series.mask.slice();
    for (const { from, until } of older) {
      const first = Math.max(0, Math.ceil((from - series.start) / series.step));
      const end = Math.min(mask.length, Math.ceil((until - series.start) / series.step));
      if (end > first) mask.fill(0, first, end);
    }
    return { ...series, mask };
  });
}
