import { Flag } from '../ingest/reading.ts';
import type { Forecast, NoForecast } from '../model/forecast.ts';
import type { Step } from '../stream/step.ts';
import type { Evidence } from './alert.ts';
import type { Test } from './condition.ts';
import { amount, span } from './wording.ts';

/** `nothing` is no evidence at all: silence, a failed sensor, a refused forecast. It changes no alert. */
export type Verdict = 'crossed' | 'clear' | 'between' | 'nothing';

export interface Judgement {
  readonly verdict: Verdict;
  /** In words, with the numbers. */
  readonly reason: string;
  /** Whose evidence it is: the sensor of a step, or `forecast`. */
  readonly source: string;
  /** Absent where the verdict is `nothing`. */
  readonly evidence?: Evidence;
}

/** What a rule makes of one step or one forecast. The caller has matched station, variable and kind. */
export function judge(test: Test, seen: Step | Forecast | NoForecast, unit = ''): Judgement {
  if (seen.kind === 'step') return judgeStep(test, seen, unit);
  if (seen.kind === 'forecast') return judgeForecast(test, seen, unit);
  return nothing('forecast', `no forecast (${seen.reason}): ${seen.detail}`);
}

/**
 * A step without a value that passed or might have is no evidence, so failed readings never trigger. A suspect
 * value does trigger (real blooms trip static checks), but it cannot end an alert: only a step without suspect or
 * failed readings does.
 */
function judgeStep(test: Test, step: Step, unit: string): Judgement {
  if (step.count === 0 || Number.isNaN(step.mean))
    return nothing(step.sensor, `no usable reading of ${step.sensor} in the step`);
  const verdict = side(test, step.mean);
  const doubtful = step.flag === Flag.suspect || step.flag === Flag.fail;
  const doubt = step.flag === Flag.suspect ? ' (suspect)' : '';
  const reason = `observed ${amount(step.mean, unit)}${doubt} ${relation(test, verdict, unit)}`;
  if (verdict === 'clear' && doubtful)
    return nothing(step.sensor, `${reason}, but suspect or failed readings cannot end an alert`);
  const { station, variable } = step;
  const evidence: Evidence = {
    on: 'observed',
    station,
    variable,
    value: step.mean,
    time: step.start,
    revision: step.revision,
    ...heldAgainst(test),
    flag: step.flag,
  };
  return { verdict, reason, source: step.sensor, evidence };
}

/** Crossed where the median of any horizon crosses (the first that does is the evidence), clear where all are. */
function judgeForecast(test: Test, forecast: Forecast, unit: string): Judgement {
  const medians = mediansOf(forecast);
  if (!medians.some(Number.isFinite)) return nothing('forecast', 'the forecast has no median');
  const crossing = medians.findIndex((median) => side(test, median) === 'crossed');
  const at = crossing >= 0 ? crossing : nearest(test, medians);
  const clear = medians.every((median) => side(test, median) === 'clear');
  const verdict = crossing >= 0 ? 'crossed' : clear ? 'clear' : 'between';
  const evidence = evidenceAt(test, forecast, at, medians[at]!);
  const ahead = span(evidence.horizon! * forecast.step);
  const reason = `forecast ${amount(evidence.value, unit)} within ${ahead} ${relation(test, verdict, unit)}`;
  return { verdict, reason, source: 'forecast', evidence };
}

function mediansOf({ quantiles, values }: Forecast): number[] {
  const median = quantiles.indexOf(0.5);
  return values.map((row) => row[median] ?? Number.NaN);
}

/** The horizon that is furthest towards the level. */
function nearest({ direction }: Test, medians: readonly number[]): number {
  const known = medians.filter(Number.isFinite);
  return medians.indexOf(direction === 'above' ? Math.max(...known) : Math.min(...known));
}

function evidenceAt(test: Test, forecast: Forecast, index: number, value: number): Evidence {
  const { station, variable, issuedAt, step, model, revision } = forecast;
  const horizon = forecast.horizons[index]!;
  const time = issuedAt + (horizon - 1) * step;
  const identity = { on: 'forecast', station, variable, value, time, revision } as const;
  return { ...identity, issuedAt, horizon, model, ...heldAgainst(test) };
}

const heldAgainst = ({ level, direction }: Test) => ({ level, direction });

function side({ direction, level, clear }: Test, value: number): Exclude<Verdict, 'nothing'> {
  const beyond = direction === 'above' ? 1 : -1;
  if ((value - level) * beyond > 0) return 'crossed';
  return (clear - value) * beyond >= 0 ? 'clear' : 'between';
}

function relation({ direction, level, clear }: Test, verdict: Verdict, unit: string): string {
  const opposite = direction === 'above' ? 'below' : 'above';
  if (verdict === 'crossed') return `is ${direction} ${amount(level, unit)}`;
  if (verdict === 'clear') return `is at or ${opposite} the clearing level ${amount(clear, unit)}`;
  return `is between the clearing level ${amount(clear, unit)} and the level ${amount(level, unit)}`;
}

function nothing(source: string, reason: string): Judgement {
  return { verdict: 'nothing', reason, source };
}
