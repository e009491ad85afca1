import { concatMap, defer, type OperatorFunction } from 'rxjs';
import type { Tick } from '../ingest/reading.ts';
import type { Forecast, NoForecast } from '../model/forecast.ts';
import type { StepBatch } from '../stream/step.ts';
import type { AlertTransition } from './alert.ts';
import { type Judgement, judge } from './judge.ts';
import { type AlertStatus, advance, type Finding, untouched } from './lifecycle.ts';
import { appliesTo, type Rule, ruleFaults } from './rule.ts';

export interface EvaluateOptions {
  readonly rules: readonly Rule[];
  /** Unit of each variable, for the reasons in words. */
  readonly units?: Readonly<Record<string, string>>;
}

/**
 * Judges what goes by and emits the changes of state of the alerts, synchronously and in order. Each batch of steps
 * must come before the forecasts made from it: a forecast counts as clear only where the station measured the
 * variable in the newest step of the window, since a model goes on forecasting for a while after a buoy fell silent.
 *
 * Throws when the rules are faulty. One forecast or step costs the rules of its variable, whatever the number of
 * stations.
 */
export function evaluateRules(
  options: EvaluateOptions,
): OperatorFunction<StepBatch | Forecast | NoForecast | Tick, AlertTransition> {
  const faults = ruleFaults(options.rules);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return (source) =>
    defer(() => {
      const evaluation = new Evaluation(options);
      return source.pipe(concatMap((item) => evaluation.take(item)));
    });
}

class Evaluation {
  readonly #rules: ReadonlyMap<string, readonly Rule[]>;
  readonly #units: Readonly<Record<string, string>>;
  /** By rule and station. */
  readonly #statuses = new Map<string, AlertStatus>();
  /** By station and variable: end of the newest step that has a value, ms since the epoch. */
  readonly #measured = new Map<string, number>();
  #now = untouched.seen;

  constructor({ rules, units = {} }: EvaluateOptions) {
    this.#rules = byEvidence(rules);
    this.#units = units;
  }

  take(item: StepBatch | Forecast | NoForecast | Tick): AlertTransition[] {
    if (item.kind === 'steps') return this.#takeSteps(item);
    if (item.kind === 'forecast') return this.#takeForecast(item);
    if (item.kind === 'tick') this.#now = Math.max(this.#now, item.time);
    return [];
  }

  #takeSteps({ station, start, length, revision, steps }: StepBatch): AlertTransition[] {
    const until = start + length;
    for (const { variable, count } of steps) if (count > 0) this.#noteMeasured(station, variable, until);
    return [...new Set(steps.map(({ variable }) => variable))].flatMap((variable) => {
      const own = steps.filter((step) => step.variable === variable);
      return this.#apply('observed', station, variable, (rule) => ({
        from: start,
        until,
        revision,
        judgements: own.map((step) => judge(rule, step, this.#units[variable])),
      }));
    });
  }

  #takeForecast(forecast: Forecast): AlertTransition[] {
    const { station, variable, issuedAt, revision } = forecast;
    return this.#apply('forecast', station, variable, (rule) => ({
      from: issuedAt,
      until: issuedAt,
      revision,
      judgements: [this.#unlessStale(judge(rule, forecast, this.#units[variable]), forecast)],
    }));
  }

  #apply(
    on: Rule['on'],
    station: string,
    variable: string,
    finding: (rule: Rule) => Finding,
  ): AlertTransition[] {
    const rules = this.#rules.get(`${on}/${variable}`) ?? [];
    return rules
      .filter((rule) => appliesTo(rule, station))
      .flatMap((rule) => this.#advance(rule, station, finding(rule)));
  }

  #advance(rule: Rule, station: string, finding: Finding): AlertTransition[] {
    const key = `${rule.id}/${station}`;
    const now = Math.max(this.#now, finding.until);
    const { status, transition } = advance(this.#statuses.get(key) ?? untouched, finding, rule, now);
    if (status !== untouched) this.#statuses.set(key, status);
    return transition ? [transition] : [];
  }

  #unlessStale(judgement: Judgement, { station, variable, issuedAt }: Forecast): Judgement {
    const measured = this.#measured.get(`${station}/${variable}`) ?? untouched.seen;
    if (judgement.verdict !== 'clear' || measured >= issuedAt) return judgement;
    const reason = `${judgement.reason}, but ${variable} was not measured in the newest step`;
    return { verdict: 'nothing', reason, source: judgement.source };
  }

  #noteMeasured(station: string, variable: string, until: number): void {
    const key = `${station}/${variable}`;
    this.#measured.set(key, Math.max(until, this.#measured.get(key) ?? until));
  }
}

/** So that a step or a forecast meets only the rules that ask for it. */
function byEvidence(rules: readonly Rule[]): Map<string, Rule[]> {
  const index = new Map<string, Rule[]>();
  for (const rule of rules) {
    const key = `${rule.on}/${rule.variable}`;
    index.set(key, [...(index.get(key) ?? []), rule]);
  }
  return index;
}
