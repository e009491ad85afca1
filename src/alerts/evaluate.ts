import { concatMap, defer, type OperatorFunction } from 'rxjs';
import type { Command } from '../ingest/command.ts';
import type { Tick } from '../ingest/reading.ts';
import type { Forecast, NoForecast } from '../model/forecast.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from '../stream/kept.ts';
import type { StepBatch } from '../stream/step.ts';
import type { AlertTransition } from './alert.ts';
import { type Judgement, judge } from './judge.ts';
import { type AlertStatus, advance, type Finding, untouched } from './lifecycle.ts';
import { appliesTo, principalOf, type Rule, ruleFaults } from './rule.ts';

export interface EvaluateOptions {
  readonly rules: readonly Rule[];
  /** Unit of each variable, for the reasons in words. */
  readonly units?: Readonly<Record<string, string>>;
  /** Where the state lives, so that a checkpoint can write it. */
  readonly keep?: Keep;
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
): OperatorFunction<StepBatch | Forecast | NoForecast | Tick | Command, AlertTransition> {
  const faults = ruleFaults(options.rules);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return (source) =>
    defer(() => {
      const evaluation = new Evaluation(options);
      return source.pipe(concatMap((item) => evaluation.take(item)));
    });
}

/** What is remembered of one station. */
interface Standing {
  /** By identity of the rule. */
  readonly statuses: Map<string, AlertStatus>;
  /** By variable: end of the newest step that has a value, ms since the epoch. */
  readonly measured: Map<string, number>;
}

const begin = (): Standing => ({ statuses: new Map(), measured: new Map() });
const untick = () => ({ now: untouched.seen });

const standingCodec: Codec<Standing> = {
  encode: ({ statuses, measured }) => Buffer.from(JSON.stringify([[...statuses], [...measured]])),
  decode: (bytes) => {
    const [statuses, measured] = JSON.parse(Buffer.from(bytes).toString());
    return { statuses: new Map(statuses), measured: new Map(measured) };
  },
};
const clockCodec: Codec<{ now: number }> = {
  encode: (clock) => Buffer.from(JSON.stringify(clock)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
};

/** With all that shapes the state, so that a rule that was changed begins anew while the others go on. */
function identityOf(rule: Rule): string {
  const { on, variable, direction, level, clear } = principalOf(rule);
  return [rule.id, on, variable, direction, level, clear, rule.for].join('/');
}

class Evaluation {
  readonly #rules: ReadonlyMap<string, readonly Rule[]>;
  readonly #units: Readonly<Record<string, string>>;
  readonly #standings: Kept<Standing>;
  readonly #clock: Kept<{ now: number }>;

  constructor({ rules, units = {}, keep = new MemoryKeep() }: EvaluateOptions) {
    this.#rules = byEvidence(rules);
    this.#units = units;
    this.#standings = keep.map('evaluateRules', standingCodec);
    this.#clock = keep.map('evaluateRules/clock', clockCodec);
  }

  take(item: StepBatch | Forecast | NoForecast | Tick | Command): AlertTransition[] {
    if (item.kind === 'steps') return this.#takeSteps(item);
    if (item.kind === 'forecast') return this.#takeForecast(item);
    if (item.kind === 'tick') this.#clock.change('newest tick', untick).now = item.time;
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
        judgements: own.map((step) => judge(principalOf(rule), step, this.#units[variable])),
      }));
    });
  }

  #takeForecast(forecast: Forecast): AlertTransition[] {
    const { station, variable, issuedAt, revision } = forecast;
    return this.#apply('forecast', station, variable, (rule) => ({
      from: issuedAt,
      until: issuedAt,
      revision,
      judgements: [this.#unlessStale(judge(principalOf(rule), forecast, this.#units[variable]), forecast)],
    }));
  }

  #apply(
    on: 'observed' | 'forecast',
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
    const key = identityOf(rule);
    const before = this.#standings.get(station)?.statuses.get(key) ?? untouched;
    const now = Math.max(this.#clock.get('newest tick')?.now ?? finding.until, finding.until);
    const { status, transition } = advance(before, finding, rule, now);
    if (status !== before) this.#standings.change(station, begin).statuses.set(key, status);
    return transition ? [transition] : [];
  }

  #unlessStale(judgement: Judgement, { station, variable, issuedAt }: Forecast): Judgement {
    const measured = this.#standings.get(station)?.measured.get(variable) ?? untouched.seen;
    if (judgement.verdict !== 'clear' || measured >= issuedAt) return judgement;
    const reason = `${judgement.reason}, but ${variable} was not measured in the newest step`;
    return { verdict: 'nothing', reason, source: judgement.source };
  }

  #noteMeasured(station: string, variable: string, until: number): void {
    const { measured } = this.#standings.change(station, begin);
    measured.set(variable, Math.max(until, measured.get(variable) ?? until));
  }
}

/** So that a step or a forecast meets only the rules that ask for it. */
function byEvidence(rules: readonly Rule[]): Map<string, Rule[]> {
  const index = new Map<string, Rule[]>();
  for (const rule of rules) {
    const { on, variable } = principalOf(rule);
    const key = `${on}/${variable}`;
    index.set(key, [...(index.get(key) ?? []), rule]);
  }
  return index;
}
