import { Flag } from '../ingest/reading.ts';
import { probabilityAbove } from '../model/exceedance.ts';
import type { Forecast, NoForecast } from '../model/forecast.ts';
import type { Step } from '../stream/step.ts';
import type { Evidence } from './alert.ts';
import type { Test } from './condition.ts';
import { extentOf, type Past } from './past.ts';
import { normalAt } from './season.ts';
import { amount, percent, span } from './wording.ts';

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

/** What a test needs besides the step or the forecast. */
export interface Context {
  readonly unit?: string | undefined;
  /** Where the variable's sensors saturate. */
  readonly ceiling?: number | undefined;
  /** Of the sensor of the step, this step included; of a forecast, of any sensor of its variable. */
  readonly past?: Past | undefined;
}

/** A verdict whose words and evidence are put together only where somebody asks: most verdicts change nothing. */
export interface Weighed extends Pick<Judgement, 'verdict' | 'source'> {
  readonly tell: () => Judgement;
}

/** What a test makes of one step or one forecast. The caller has matched station, variable and kind. */
export function weigh(test: Test, seen: Step | Forecast | NoForecast, context: Context = {}): Weighed {
  if (seen.kind === 'step') return weighStep(test, seen, context);
  if (seen.kind === 'no-forecast')
    return nothing('forecast', () => `no forecast (${seen.reason}): ${seen.detail}`);
  return test.measure === 'probability'
    ? weighProbability(test, seen, context)
    : weighMedians(test, seen, context);
}

/**
 * A step without a value that passed or might have is no evidence, so failed readings never trigger. A suspect value
 * does trigger (real blooms trip static checks), but cannot end an alert: only a step without suspect or failed
 * readings does. A value at the sensor's ceiling is a lower bound, and is used for what follows from one alone.
 */
function weighStep(test: Test, step: Step, context: Context): Weighed {
  const { sensor, station, variable, flag, mean, revision } = step;
  if (step.count === 0 || Number.isNaN(mean))
    return nothing(sensor, () => `no usable reading of ${sensor} in the step`);
  const base = baseOf(test, step.start, context, step.length);
  if (!base) return nothing(sensor, () => `too few steps of ${variable} for its ${test.measure}`);
  const value = test.measure === 'swing' ? base.value + base.swing : mean;
  const verdict = side(test, value - base.value);
  const atLeast = context.ceiling !== undefined && step.maximum >= context.ceiling;
  const reason = () => {
    const bound = atLeast ? 'at least ' : '';
    const doubt = flag === Flag.suspect ? ' (suspect)' : '';
    return `observed ${bound}${shown(test, value, base, context)}${doubt} ${relation(test, verdict, context)}`;
  };
  if (atLeast && (test.direction === 'above' ? verdict !== 'crossed' : verdict !== 'clear'))
    return nothing(sensor, () => `${reason()}, but the sensor is at its ceiling`);
  if (verdict === 'clear' && (flag === Flag.suspect || flag === Flag.fail))
    return nothing(sensor, () => `${reason()}, but suspect or failed readings cannot end an alert`);
  if (verdict === 'clear' && base.partial)
    return nothing(sensor, () => `${reason()}, but half of the steps before it are missing`);
  const evidence = (): Evidence => {
    const identity = { on: 'observed', station, variable, sensor, value } as const;
    const when = { time: step.start, revision };
    return { ...identity, ...when, ...heldAgainst(test, base), flag, ...(atLeast && { atLeast }) };
  };
  return weighed(verdict, sensor, reason, evidence);
}

/** Crossed where the median of any horizon crosses (the first that does is the evidence), clear where all are. */
function weighMedians(test: Test, forecast: Forecast, context: Context): Weighed {
  const medians = mediansOf(test, forecast);
  if (!medians.some(Number.isFinite)) return nothing('forecast', () => 'the forecast has no median');
  const bases = medians.map((_, i) => baseOf(test, timeOf(forecast, i), context, forecast.step));
  if (bases.some((base) => !base))
    return nothing('forecast', () => `too few steps of ${test.variable} for its ${test.measure}`);
  const beyond = medians.map((median, i) => median - bases[i]!.value);
  const crossing = beyond.findIndex((each) => side(test, each) === 'crossed');
  const at = crossing >= 0 ? crossing : nearest(test, beyond);
  const clear = beyond.every((each) => side(test, each) === 'clear') && !bases[at]!.partial;
  const verdict = crossing >= 0 ? 'crossed' : clear ? 'clear' : 'between';
  const reason = () => {
    const ahead = span(forecast.horizons[at]! * forecast.step);
    const said = `forecast ${shown(test, medians[at]!, bases[at]!, context)} within ${ahead}`;
    return `${said} ${relation(test, verdict, context)}`;
  };
  return weighed(verdict, 'forecast', reason, () => evidenceAt(test, forecast, at, medians[at]!, bases[at]!));
}

/** That the level is crossed at the most likely of the horizons; each is a distribution of its own. */
function weighProbability(test: Test, forecast: Forecast, { unit }: Context): Weighed {
  const chances = mediansOf(test, forecast).map((_, i) => chanceAt(test.level, test.direction, forecast, i));
  if (!chances.some(Number.isFinite)) return nothing('forecast', () => 'the forecast gives no probability');
  const highest = Math.max(...chances.filter(Number.isFinite));
  const at = chances.indexOf(highest);
  const { probability = 1, clear, direction, level } = test;
  const verdict = highest >= probability ? 'crossed' : highest <= clear ? 'clear' : 'between';
  const reason = () => {
    const ahead = span(forecast.horizons[at]! * forecast.step);
    const limit =
      verdict === 'clear' ? `at or below ${percent(clear)}` : `to warn from ${percent(probability)}`;
    return `forecast: ${percent(highest)} probability of ${direction} ${amount(level, unit)} within ${ahead}, ${limit}`;
  };
  const median = forecast.values[at]![forecast.quantiles.indexOf(0.5)] ?? Number.NaN;
  return weighed(verdict, 'forecast', reason, () => evidenceAt(test, forecast, at, median, nowhere));
}

/** What a value is held against is the level above or below this. */
interface Base {
  readonly value: number;
  readonly swing: number;
  /** Less than half of the steps are there. */
  readonly partial: boolean;
}

const nowhere: Base = { value: 0, swing: 0, partial: false };

function baseOf(
  { measure, direction, over = 0, season }: Test,
  time: number,
  { past }: Context,
  step: number,
) {
  if (measure === 'departure') return { ...nowhere, value: normalAt(season!, time) };
  if (measure !== 'rise' && measure !== 'swing') return nowhere;
  const extent = past && extentOf(past, time - over + 1, time);
  if (!extent) return undefined;
  const { lowest, highest, steps } = extent;
  const value = measure === 'rise' && direction === 'below' ? highest : lowest;
  return { value, swing: highest - lowest, partial: 2 * steps * step < over } satisfies Base;
}

/** Medians of the horizons that the test looks at. */
function mediansOf({ within = Number.POSITIVE_INFINITY }: Test, forecast: Forecast): number[] {
  const median = forecast.quantiles.indexOf(0.5);
  return forecast.values
    .filter((_, i) => forecast.horizons[i]! * forecast.step <= within)
    .map((row) => row[median] ?? Number.NaN);
}

function chanceAt(
  level: number,
  direction: Test['direction'],
  { quantiles, values }: Forecast,
  at: number,
): number {
  const above = probabilityAbove(quantiles, values[at]!, level);
  return direction === 'above' ? above : 1 - above;
}

/** The horizon that is furthest towards the level. */
function nearest({ direction }: Test, values: readonly number[]): number {
  const known = values.filter(Number.isFinite);
  return values.indexOf(direction === 'above' ? Math.max(...known) : Math.min(...known));
}

const timeOf = ({ issuedAt, horizons, step }: Forecast, at: number) => issuedAt + (horizons[at]! - 1) * step;

function evidenceAt(test: Test, forecast: Forecast, at: number, value: number, base: Base): Evidence {
  const { station, variable, issuedAt, model, network, revision, quantiles, horizons } = forecast;
  const time = timeOf(forecast, at);
  const identity = { on: 'forecast', station, variable, value, time, revision } as const;
  const held = heldAgainst(test, base);
  const made = {
    issuedAt,
    horizon: horizons[at]!,
    model,
    ...(network !== undefined && { network }),
    ...held,
  };
  if (quantiles.length < 2) return { ...identity, ...made };
  const probability = chanceAt(held.level, test.direction, forecast, at);
  const row = forecast.values[at]!;
  const coverage = Number((quantiles.at(-1)! - quantiles[0]!).toFixed(6));
  return { ...identity, ...made, probability, interval: { low: row[0]!, high: row.at(-1)!, coverage } };
}

const heldAgainst = ({ level, direction }: Test, base: Base) => ({ level: level + base.value, direction });

function side({ direction, level, clear }: Test, value: number): Exclude<Verdict, 'nothing'> {
  const beyond = direction === 'above' ? 1 : -1;
  if ((value - level) * beyond > 0) return 'crossed';
  return (clear - value) * beyond >= 0 ? 'clear' : 'between';
}

/** `24 ug/L`, or what is compared and from where: `24 ug/L, 9 ug/L from its extreme of 2 d,`. */
function shown({ measure, over, direction }: Test, value: number, base: Base, { unit }: Context): string {
  const difference = amount(value - base.value, unit);
  if (measure === 'value') return amount(value, unit);
  if (measure === 'swing') return `swing of ${difference} in ${span(over!)}`;
  if (measure === 'departure') return `${amount(value, unit)}, ${difference} from the normal of the season,`;
  const extreme = direction === 'above' ? 'lowest' : 'highest';
  return `${amount(value, unit)}, ${difference} from its ${extreme} of ${span(over!)},`;
}

function relation({ direction, level, clear }: Test, verdict: Verdict, { unit }: Context): string {
  const opposite = direction === 'above' ? 'below' : 'above';
  if (verdict === 'crossed') return `is ${direction} ${amount(level, unit)}`;
  if (verdict === 'clear') return `is at or ${opposite} the clearing level ${amount(clear, unit)}`;
  return `is between the clearing level ${amount(clear, unit)} and the level ${amount(level, unit)}`;
}

const weighed = (
  verdict: Verdict,
  source: string,
  reason: () => string,
  evidence: () => Evidence,
): Weighed => ({
  verdict,
  source,
  tell: () => ({ verdict, reason: reason(), source, evidence: evidence() }),
});

const nothing = (source: string, reason: () => string): Weighed => ({
  verdict: 'nothing',
  source,
  tell: () => ({ verdict: 'nothing', reason: reason(), source }),
});
