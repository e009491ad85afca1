import type { Forecast } from '../model/forecast.ts';
import type { Step } from '../stream/step.ts';
import { instant } from './wording.ts';

/** What was measured and what is forecast of one variable at one station, in its unit. Times are ISO 8601, UTC. */
export interface Chart {
  readonly variable: string;
  /** Starts of steps, with their means; steps without a usable reading are absent. */
  readonly observed: readonly { readonly time: string; readonly value: number }[];
  readonly issuedAt?: string | undefined;
  /** Starts of the steps that are forecast; `low` and `high` are the outermost quantiles. */
  readonly forecast: readonly ChartPoint[];
  /** Share of outcomes between `low` and `high`, by the forecast's own account. */
  readonly coverage?: number | undefined;
  /** ms */
  readonly step: number;
}

export interface ChartPoint {
  readonly time: string;
  readonly median: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** Steps of several sensors are told apart by the first one. Undefined where there is nothing to draw. */
export function chartOf(
  variable: string,
  steps: readonly Step[],
  forecast: Forecast | undefined,
): Chart | undefined {
  const measured = steps.filter(({ count, mean }) => count > 0 && Number.isFinite(mean));
  const [first] = measured;
  const step = forecast?.step ?? first?.length;
  if (step === undefined) return undefined;
  const levels = forecast?.quantiles ?? [];
  return {
    variable,
    observed: measured
      .filter(({ sensor }) => sensor === first?.sensor)
      .map(({ start, mean }) => ({ time: instant(start), value: mean })),
    issuedAt: forecast && instant(forecast.issuedAt),
    forecast: forecast ? pointsOf(forecast) : [],
    coverage: levels.length > 1 ? Number((levels.at(-1)! - levels[0]!).toPrecision(6)) : undefined,
    step,
  };
}

function pointsOf({ issuedAt, step, horizons, quantiles, values }: Forecast): ChartPoint[] {
  const median = quantiles.indexOf(0.5);
  return horizons.map((horizon, i) => {
    const row = values[i]!;
    const interval = quantiles.length > 1 ? { low: row[0]!, high: row.at(-1)! } : {};
    return { time: instant(issuedAt + (horizon - 1) * step), median: row[median]!, ...interval };
  });
}
