import type { Reading } from '../../src/ingest/reading.ts';
import type { Limits } from '../../src/stream/qualify.ts';
import type { Step } from '../../src/stream/step.ts';

/**
 * The stream again, slow and clear: plain arrays, everything sorted and computed anew from all readings that ever
 * arrived. Written from the documentation of the operators and sharing no code with them.
 */

export interface ReferenceSettings {
  readonly step: number;
  readonly lookback: number;
  readonly gap: number;
  readonly lateness: number;
  readonly cadence: number;
  readonly limits: Readonly<Record<string, Limits>>;
  readonly variables: readonly string[];
  readonly primarySensor?: ((station: string, variable: string) => string | undefined) | undefined;
}

export interface Flagged {
  readonly station: string;
  readonly sensor: string;
  readonly variable: string;
  readonly time: number;
  readonly value: number;
  readonly flag: number;
  readonly failed: readonly string[];
}

const seriesOf = (of: { station: string; sensor: string; variable: string }) =>
  [of.station, of.variable, of.sensor].join('/');

function groups<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(key(item), [...(found.get(key(item)) ?? []), item]);
  return found;
}

/** Of each identity the last to arrive, in order of time; -0 is 0. */
export function lastArrived(arrivals: readonly Reading[]): Reading[] {
  const last = new Map(
    arrivals.map((reading) => [
      `${seriesOf(reading)}/${reading.time}`,
      { ...reading, value: reading.value + 0 },
    ]),
  );
  return [...last.values()].sort((a, b) => a.time - b.time);
}

/** The flags in the end. */
export function referenceFlags(arrivals: readonly Reading[], settings: ReferenceSettings): Flagged[] {
  const series = [...groups(lastArrived(arrivals), seriesOf).values()];
  return series.flatMap((readings) => flagSeries(readings, settings));
}

function flagSeries(readings: readonly Reading[], { limits: all, gap }: ReferenceSettings): Flagged[] {
  const limits = all[readings[0]!.variable];
  const grossFails = ({ value }: Reading) => {
    const span = limits?.grossRange?.fail;
    return span !== undefined && (value < span[0] || value > span[1]) && !atCeiling(value, limits);
  };
  const evidence = readings.filter((reading) => Number.isFinite(reading.value) && !grossFails(reading));
  return readings.map((reading) => {
    const { station, sensor, variable, time, value } = reading;
    const known = { station, sensor, variable, time, value };
    if (!Number.isFinite(value)) return { ...known, flag: 9, failed: [] };
    if (grossFails(reading)) return { ...known, flag: 4, failed: ['grossRange'] };
    if (!limits) return { ...known, flag: 2, failed: [] };
    return { ...known, ...judge(evidence, evidence.indexOf(reading), limits, gap) };
  });
}

function atCeiling(value: number, limits: Limits | undefined): boolean {
  return limits?.ceiling !== undefined && value >= limits.ceiling;
}

function judge(evidence: readonly Reading[], at: number, limits: Limits, gap: number) {
  const { time, value } = evidence[at]!;
  const before = evidence[at - 1];
  const after = evidence[at + 1];
  const near = (a: Reading | undefined, b: Reading | undefined) =>
    a !== undefined && b !== undefined && b.time - a.time <= gap;
  const flags: Record<string, number> = {};
  if (limits.grossRange) {
    const { fail, suspect = fail } = limits.grossRange;
    const within = ([low, high]: readonly [number, number]) => low <= value && value <= high;
    flags['grossRange'] = !within(fail) ? 4 : !within(suspect) ? 3 : 1;
  }
  if (limits.spike && near(before, evidence[at]) && near(evidence[at], after))
    flags['spike'] = over(Math.abs(value - (before!.value + after!.value) / 2), limits.spike);
  if (limits.rateOfChange && near(before, evidence[at])) {
    const hours = (time - before!.time) / 3_600_000;
    flags['rateOfChange'] = over(Math.abs(value - before!.value) / hours, limits.rateOfChange);
  }
  if (limits.flatLine) {
    const { tolerance, suspect, fail = Infinity } = limits.flatLine;
    const flat = (count: number) => {
      const run = evidence.slice(Math.max(0, at - count + 1), at + 1);
      const joined = run.every((each, index) => index === 0 || near(run[index - 1], each));
      return run.length === count && joined && run.every((each) => Math.abs(each.value - value) <= tolerance);
    };
    flags['flatLine'] = Number.isFinite(fail) && flat(fail) ? 4 : flat(suspect) ? 3 : 1;
  }
  for (const check of Object.keys(flags))
    if (flags[check] === 4 && atCeiling(value, limits)) flags[check] = 3;
  const failed = Object.keys(flags).filter((check) => flags[check]! >= 3);
  return { flag: Math.max(0, ...Object.values(flags)) || 2, failed };
}

function over(distance: number, { suspect, fail }: { suspect: number; fail?: number | undefined }): number {
  return fail !== undefined && distance > fail ? 4 : distance > suspect ? 3 : 1;
}

/** What is closed in the end, where nobody was released from silence: the end of the last closed cell. */
export function referenceClosed(arrivals: readonly Reading[], { lateness, step }: ReferenceSettings) {
  const closed = new Map<string, number>();
  for (const { station, time } of arrivals)
    closed.set(station, Math.max(closed.get(station) ?? -Infinity, time - lateness));
  return new Map([...closed].map(([station, time]) => [station, Math.floor(time / step) * step]));
}

/** The closed steps in the end, without their revisions. */
export function referenceSteps(
  flagged: readonly Flagged[],
  closed: Map<string, number>,
  settings: ReferenceSettings,
) {
  const { step, cadence } = settings;
  const cellOf = ({ time }: Flagged) => Math.floor(time / step) * step;
  const done = flagged.filter((reading) => cellOf(reading) + step <= closed.get(reading.station)!);
  const cells = groups(done, (reading) => `${seriesOf(reading)}/${cellOf(reading)}`);
  return [...cells.values()].map((readings): Omit<Step, 'revision'> => {
    const [first] = readings as [Flagged];
    const { station, sensor, variable } = first;
    const counted = readings.filter(({ flag }) => flag !== 4 && flag !== 9).map(({ value }) => value);
    const flag = [4, 3, 1, 2, 9].find((worst) =>
      readings.some((each) => each.flag === worst),
    ) as Step['flag'];
    const coverage = Math.min(1, counted.length / (step / cadence));
    const cell = { kind: 'step', station, sensor, variable, start: cellOf(first), length: step } as const;
    return { ...cell, ...statistics(counted), count: counted.length, coverage, flag };
  });
}

function statistics(values: readonly number[]) {
  if (values.length === 0) return { mean: NaN, minimum: NaN, maximum: NaN, deviation: NaN };
  const [minimum, maximum] = [Math.min(...values), Math.max(...values)];
  const sum = values.reduce((total, value) => total + value, 0);
  const mean = Math.min(maximum, Math.max(minimum, sum / values.length));
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, minimum, maximum, deviation: Math.sqrt(squares / values.length) };
}

export interface ReferenceWindow {
  readonly end: number;
  readonly values: number[];
  readonly mask: number[];
  readonly coverage: number[];
}

/** The newest window of each station. */
export function referenceWindows(
  steps: readonly Omit<Step, 'revision'>[],
  closed: Map<string, number>,
  settings: ReferenceSettings,
): Map<string, ReferenceWindow> {
  const stations = groups(steps, ({ station }) => station);
  return new Map(
    [...stations].map(([station, own]) => [station, windowOf(own, closed.get(station)!, settings)]),
  );
}

function windowOf(
  steps: Omit<Step, 'revision'>[],
  closed: number,
  settings: ReferenceSettings,
): ReferenceWindow {
  const { step, lookback, variables, primarySensor } = settings;
  const newest = Math.max(...steps.map(({ start }) => start));
  const end = Math.min(closed, newest + lookback * step);
  const cells = Array.from({ length: lookback }, (_, row) => end - (lookback - row) * step).flatMap((start) =>
    variables.map((variable) => {
      const here = steps.filter((each) => each.start === start && each.variable === variable);
      const primary = primarySensor?.(steps[0]!.station, variable);
      here.sort((a, b) => (a.sensor < b.sensor ? -1 : 1));
      return primary === undefined ? here[0] : here.find(({ sensor }) => sensor === primary);
    }),
  );
  const masked = (cell: (typeof cells)[number]) => cell === undefined || cell.count === 0;
  return {
    end,
    values: cells.map((cell) => (masked(cell) ? 0 : cell!.mean)),
    mask: cells.map((cell) => (masked(cell) ? 0 : 1)),
    coverage: cells.map((cell) => cell?.coverage ?? 0),
  };
}
