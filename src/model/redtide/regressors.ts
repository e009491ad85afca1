import type { View } from '../baselines/view.ts';
import { type Filled, fill, type Standard } from './filled.ts';

/** What a network of one variable looks at; lengths in steps, `step` in ms. */
export interface Shape {
  readonly variable: string;
  /** The other variables. */
  readonly others: readonly string[];
  readonly lookback: number;
  readonly step: number;
}

export type StandardOf = (station: string, variable: string) => Standard;

/** Families of columns, each with those before it: the classical lags, the whole past of the variable, everything. */
export const families = ['lags', 'own', 'all'] as const;
export type Family = (typeof families)[number];

interface Seen {
  readonly own: Filled;
  readonly others: readonly Filled[];
  /** Start of the newest step, ms. */
  readonly time: number;
}

interface Column {
  readonly family: Family;
  readonly value: (seen: Seen) => number;
}

const hour = 3_600_000;
const day = 24 * hour;
const year = 365.2425 * day;
/** Hours back of the classical regression. */
const classical = [1, 2, 3, 5, 11, 22, 23, 24, 47];
const past = [...Array.from({ length: 24 }, (_, i) => i + 1), 36, 46, 47];
const pastOfOthers = [1, 2, 3, 6, 12, 18, 24, 47];
/** Periods of the tide in hours: M2, S2, N2, K1, O1, M4 (Pugh and Woodworth 2014, table 4.1). */
const tide = [12.4206, 12, 12.6583, 23.9345, 25.8193, 6.2103].map((hours) => hours * hour);

/** The columns of the regressions of a shape; the same for training and serving. */
export class Regressors {
  readonly #shape: Shape;
  readonly #columns: readonly Column[];

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#columns = columnsOf(shape);
  }

  get size(): number {
    return this.#columns.length;
  }

  /** Places of the columns of a family. */
  of(family: Family): number[] {
    const most = families.indexOf(family);
    return this.#columns.flatMap((column, i) => (families.indexOf(column.family) <= most ? [i] : []));
  }

  /** The row of a view, in `out` from `at`. */
  write(view: View, standardOf: StandardOf, out: Float64Array, at: number): void {
    const { variable, others } = this.#shape;
    const filled = (name: string) => fill(view, name, standardOf(view.station, name));
    const seen = { own: filled(variable), others: others.map(filled), time: view.end - view.step };
    this.#columns.forEach(({ value }, i) => {
      out[at + i] = value(seen);
    });
  }
}

function columnsOf({ others, lookback, step }: Shape): Column[] {
  const back = (hours: readonly number[]) =>
    [...new Set(hours.map((h) => Math.round((h * hour) / step)))].filter((lag) => lag > 0 && lag < lookback);
  const newest = lookback - 1;
  const lags = back(classical);
  return [
    { family: 'lags', value: () => 1 },
    { family: 'lags', value: ({ own }) => own.x[newest]! },
    ...lags.map((lag) => change('lags', lag, newest, ({ own }) => own)),
    ...waves('lags', [day, day / 2, year]),
    ...back(past)
      .filter((lag) => !lags.includes(lag))
      .map((lag) => change('own', lag, newest, ({ own }) => own)),
    ...waves('own', [day / 3, year / 2, ...tide]),
    ...seasonalDays(),
    ...back([6, 24, 48]).map((length) => anomaly(length, newest)),
    ...others.flatMap((_, n) => [
      { family: 'all' as const, value: ({ others }: Seen) => others[n]!.x[newest]! },
      ...back(pastOfOthers).map((lag) => change('all', lag, newest, ({ others }) => others[n]!)),
    ]),
  ];
}

/** What it was so many steps ago, against now. */
const change = (family: Family, lag: number, newest: number, of: (seen: Seen) => Filled): Column => ({
  family,
  value: (seen) => of(seen).x[newest - lag]! - of(seen).x[newest]!,
});

/** Sine and cosine of periods in ms. */
const waves = (family: Family, periods: readonly number[]): Column[] =>
  periods.flatMap((period) =>
    [Math.sin, Math.cos].map((wave) => ({
      family,
      value: ({ time }: Seen) => wave((2 * Math.PI * (time % period)) / period),
    })),
  );

/** The daily cycle changes with the season. */
const seasonalDays = (): Column[] =>
  [Math.sin, Math.cos].flatMap((daily) =>
    [Math.sin, Math.cos].map((yearly) => ({
      family: 'own' as const,
      value: ({ time }: Seen) =>
        daily((2 * Math.PI * (time % day)) / day) * yearly((2 * Math.PI * (time % year)) / year),
    })),
  );

/** The mean of the last steps, against now. */
const anomaly = (length: number, newest: number): Column => ({
  family: 'all',
  value: ({ own: { x } }) => {
    let sum = 0;
    for (let i = newest - length + 1; i <= newest; i++) sum += x[i]!;
    return sum / length - x[newest]!;
  },
});
