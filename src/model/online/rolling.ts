import type { TrackRecord } from '../forecast.ts';

/** How the forecasts of one horizon have done lately. Means roll over about the last `memory` forecasts. */
export interface Rolling {
  verified: number;
  /** Means of the squared error, of that of persistence, of the error (forecast minus measured), and of its size. */
  square: number;
  persistence: number;
  /** How many had a climatology beside them, and of these the means of its squared error and of the forecast's own. */
  climates: number;
  climatology: number;
  beside: number;
  bias: number;
  size: number;
  /** How many had an 80 % interval, and the share of the measured values within it. */
  intervals: number;
  coverage: number;
  /** Page-Hinkley: the sum of how much larger than usual the errors are, and its minimum. */
  sum: number;
  least: number;
}

export const fields = [
  'verified',
  'square',
  'persistence',
  'climates',
  'climatology',
  'beside',
  'bias',
  'size',
  'intervals',
  'coverage',
  'sum',
  'least',
] as const satisfies readonly (keyof Rolling)[];

/** A month of hourly forecasts. */
const memory = 720;
/** Of Page-Hinkley, in multiples of the usual error: what is let pass each time, and the sum that means drift. */
const tolerance = 0.5;
const threshold = 50;
/** Errors before "usual" means anything. */
const settling = 30;

export const nothing = (): Rolling =>
  Object.fromEntries(fields.map((field) => [field, 0])) as unknown as Rolling;

/** One forecast value, what was measured, what persistence and climatology had said, and whether its interval held, if it had one. */
export interface Outcome {
  readonly forecast: number;
  readonly measured: number;
  readonly persistence: number;
  /** Absent or NaN where it was not known yet. */
  readonly climatology?: number | undefined;
  readonly within?: boolean | undefined;
}

/** Takes an outcome in. Answers with how near to drift the errors are: 1 and more is drift, and counting begins anew. */
export function take(rolling: Rolling, outcome: Outcome): number {
  const { forecast, measured, persistence, climatology, within } = outcome;
  const error = forecast - measured;
  const drift = pageHinkley(rolling, Math.abs(error));
  const share = 1 / Math.min(++rolling.verified, memory);
  rolling.square += (error ** 2 - rolling.square) * share;
  rolling.persistence += ((persistence - measured) ** 2 - rolling.persistence) * share;
  rolling.bias += (error - rolling.bias) * share;
  rolling.size += (Math.abs(error) - rolling.size) * share;
  if (climatology !== undefined && !Number.isNaN(climatology)) {
    const own = 1 / Math.min(++rolling.climates, memory);
    rolling.climatology += ((climatology - measured) ** 2 - rolling.climatology) * own;
    rolling.beside += (error ** 2 - rolling.beside) * own;
  }
  if (within !== undefined)
    rolling.coverage += ((within ? 1 : 0) - rolling.coverage) / Math.min(++rolling.intervals, memory);
  return drift;
}

/** Page 1954, "Continuous inspection schemes", as Mouss et al. 2004 state the test; on errors relative to the usual. */
function pageHinkley(rolling: Rolling, size: number): number {
  if (rolling.verified < settling || rolling.size === 0) return 0;
  rolling.sum += size / rolling.size - 1 - tolerance;
  rolling.least = Math.min(rolling.least, rolling.sum);
  const drift = (rolling.sum - rolling.least) / threshold;
  if (drift >= 1) rolling.sum = rolling.least = 0;
  return drift;
}

/** 1 - RMSE / RMSE of persistence; undefined where persistence made no error. */
export const skillOf = ({
  square,
  persistence,
}: Pick<Rolling, 'square' | 'persistence'>): number | undefined =>
  persistence > 0 ? 1 - Math.sqrt(square / persistence) : undefined;

/** The same against climatology, where there was one. */
export const skillOverClimatology = ({ beside, climatology }: Rolling): number | undefined =>
  climatology > 0 ? 1 - Math.sqrt(beside / climatology) : undefined;

/** All horizons together; undefined before the first is verified. */
export function recordOf(all: readonly Rolling[]): TrackRecord | undefined {
  const total = (of: (one: Rolling) => number) => all.reduce((sum, one) => sum + of(one), 0);
  const verified = total((one) => one.verified);
  if (verified === 0) return undefined;
  const skill = skillOf({
    square: total((one) => one.verified * one.square),
    persistence: total((one) => one.verified * one.persistence),
  });
  const intervals = total((one) => one.intervals);
  const coverage = intervals > 0 ? total((one) => one.intervals * one.coverage) / intervals : undefined;
  return { verified, ...(skill !== undefined && { skill }), ...(coverage !== undefined && { coverage }) };
}
