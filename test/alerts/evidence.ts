import type { Severity } from '../../src/alerts/alert.ts';
import type { Test } from '../../src/alerts/condition.ts';
import type { Rule } from '../../src/alerts/rule.ts';
import type { Forecast } from '../../src/model/forecast.ts';
import type { Step, StepBatch } from '../../src/stream/step.ts';

export const hour = 3_600_000;
export const midnight = Date.UTC(2026, 2, 1);

type Flat = Partial<
  Omit<Rule, 'grades'> & Test & { severity: Severity; action: string; grades: Rule['grades'] }
>;

export const testWith = (change: Partial<Test> = {}): Test => ({
  variable: 'chlorophyll',
  on: 'observed',
  measure: 'value',
  direction: 'above',
  level: 20,
  clear: 15,
  ...change,
});

/** A rule of one test: takes what is of the test as well. Ends at the first clear step. */
export function ruleWith({ severity = 'moderate', action, ...change }: Flat = {}): Rule {
  const { variable, on, measure, direction, level, clear, probability, over, within, season, ...rest } =
    change;
  const given = { variable, on, measure, direction, level, clear, probability, over, within, season };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    id: 'bloom',
    text: 'Bloom conditions',
    hazard: change.id ?? 'bloom',
    stations: '*',
    grades: [{ severity, when: testWith(known), ...(action !== undefined && { action }) }],
    for: 0,
    agree: 1,
    passes: 1,
    fresh: 6 * hour,
    silence: 6 * hour,
    ...rest,
  };
}

/** A step of one hour, `at` hours after midnight, with one reading of `mean`; NaN makes it empty. */
export function stepAt(at: number, mean: number, change: Partial<Step> = {}): Step {
  return {
    kind: 'step',
    station: 'buoy-1',
    sensor: 'optode',
    variable: 'chlorophyll',
    start: midnight + at * hour,
    length: hour,
    mean,
    count: Number.isNaN(mean) ? 0 : 1,
    minimum: mean,
    maximum: mean,
    deviation: 0,
    coverage: 1,
    flag: Number.isNaN(mean) ? 9 : 1,
    revision: 0,
    ...change,
  };
}

export function batchOf(steps: readonly Step[], change: Partial<StepBatch> = {}): StepBatch {
  const { station, start, length, revision } = steps[0]!;
  return { kind: 'steps', station, start, length, revision, steps, idle: false, ...change };
}

/** A batch of one step; see `stepAt`. */
export function observedAt(at: number, mean: number, change: Partial<Step> = {}): StepBatch {
  return batchOf([stepAt(at, mean, change)]);
}

/** A point forecast of horizons 1, 2, 3, issued `at` hours after midnight. */
export function forecastAt(at: number, medians: readonly number[], change: Partial<Forecast> = {}): Forecast {
  return {
    kind: 'forecast',
    station: 'buoy-1',
    variable: 'chlorophyll',
    issuedAt: midnight + at * hour,
    revision: 0,
    model: 'lstm-7f3a',
    network: 'study-lstm',
    step: hour,
    horizons: medians.map((_, i) => i + 1),
    quantiles: [0.5],
    values: medians.map((median) => [median]),
    ...change,
  };
}
