import type { Forecast } from '../model/forecast.ts';
import type { Step } from '../stream/step.ts';

/** How forecasts of one variable at one station turned out, at one horizon, over some days that have passed. */
export interface TrackRecord {
  /** Steps ahead. */
  readonly horizon: number;
  /** Days that were looked at. */
  readonly days: number;
  /** Forecasts whose step has been measured since. */
  readonly forecasts: number;
  /** Mean absolute error of the median, in the variable's unit. */
  readonly error: number;
  /** The same for "it stays as it is", on the same steps; absent where none of them can be told. */
  readonly persistence?: number | undefined;
  /** Share of the outcomes that lay in the interval, and the share that was to. */
  readonly inside?: number | undefined;
  readonly coverage?: number | undefined;
}

/**
 * Compares what `model` said with what was measured since. Of forecasts issued at one time the first revision counts,
 * since that is the one that people were told. Undefined where nothing can be compared.
 */
export function trackRecord(
  forecasts: readonly Forecast[],
  steps: readonly Step[],
  { model, horizon, days }: { readonly model: string; readonly horizon: number; readonly days: number },
): TrackRecord | undefined {
  const measured = new Map<number, number>();
  for (const { start, mean, count } of steps)
    if (count > 0 && !measured.has(start)) measured.set(start, mean);
  const compared = firstRevisions(forecasts, model).flatMap((forecast) =>
    compare(forecast, horizon, measured),
  );
  if (compared.length === 0) return undefined;
  const intervals = compared.filter(({ inside }) => inside !== undefined);
  const persisted = compared.flatMap(({ persistence }) => (persistence === undefined ? [] : [persistence]));
  return {
    horizon,
    days,
    forecasts: compared.length,
    error: mean(compared.map(({ error }) => error)),
    persistence: persisted.length === compared.length ? mean(persisted) : undefined,
    inside: intervals.length > 0 ? mean(intervals.map(({ inside }) => Number(inside))) : undefined,
    coverage: intervals[0]?.coverage,
  };
}

function firstRevisions(forecasts: readonly Forecast[], model: string): Forecast[] {
  const first = new Map<number, Forecast>();
  for (const forecast of forecasts) {
    const before = first.get(forecast.issuedAt);
    if (!before || forecast.revision < before.revision) first.set(forecast.issuedAt, forecast);
  }
  return [...first.values()].filter((forecast) => forecast.model === model);
}

function compare(
  { issuedAt, step, horizons, quantiles, values }: Forecast,
  horizon: number,
  measured: ReadonlyMap<number, number>,
) {
  const row = values[horizons.indexOf(horizon)];
  const outcome = measured.get(issuedAt + (horizon - 1) * step);
  const median = row?.[quantiles.indexOf(0.5)];
  if (outcome === undefined || median === undefined) return [];
  const before = measured.get(issuedAt - step);
  const interval = quantiles.length > 1;
  return [
    {
      error: Math.abs(median - outcome),
      persistence: before === undefined ? undefined : Math.abs(before - outcome),
      inside: interval ? outcome >= row![0]! && outcome <= row!.at(-1)! : undefined,
      coverage: interval ? Number((quantiles.at(-1)! - quantiles[0]!).toPrecision(6)) : undefined,
    },
  ];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
