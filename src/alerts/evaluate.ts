import { concatMap, defer, type OperatorFunction } from 'rxjs';
import type { Command } from '../ingest/command.ts';
import type { Reading, Tick } from '../ingest/reading.ts';
import type { Forecast, NoForecast } from '../model/forecast.ts';
import type { StationState } from '../stream/condition.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from '../stream/kept.ts';
import type { StepBatch } from '../stream/step.ts';
import type { AlertTransition } from './alert.ts';
import { type Area, areasByStation } from './area.ts';
import { type CompiledRule, compile, indexRules } from './compiled.ts';
import type { Newest } from './decide.ts';
import { Desk } from './desk.ts';
import type { Standing } from './lifecycle.ts';
import { type OrderAnswer, Orders } from './orders.ts';
import { type Rule, ruleFaults } from './rule.ts';
import { maintained, type Silence } from './silence.ts';
import { type Found, memoryCodec, StationEvidence } from './station-evidence.ts';
import { type Issued, WatchEvidence } from './watch-evidence.ts';
import { instant } from './wording.ts';

export interface EvaluateOptions {
  readonly rules: readonly Rule[];
  readonly areas?: readonly Area[];
  /** Unit of each variable, for the reasons in words. */
  readonly units?: Readonly<Record<string, string>>;
  /** Where the sensors of a variable saturate. */
  readonly ceilings?: Readonly<Record<string, number | undefined>>;
  /** Where the state lives, so that a checkpoint can write it. */
  readonly keep?: Keep;
}

/** What the rules see. */
export type Seen = Reading | StepBatch | Forecast | NoForecast | StationState | Tick | Command;

/**
 * Judges what goes by and emits the changes of the alerts, and answers to orders, synchronously and in order. Each
 * batch of steps must come before the forecasts made from it: a forecast counts as clear only where the station measured
 * the variable in the newest step of the window.
 *
 * Throws when the rules are faulty. One forecast or step costs the rules of its variable, whatever the number of
 * stations.
 */
export function evaluateRules(
  options: EvaluateOptions,
): OperatorFunction<Seen, AlertTransition | OrderAnswer> {
  const faults = ruleFaults(options.rules);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return (source) =>
    defer(() => {
      const evaluation = new Evaluation(options);
      return source.pipe(concatMap((item) => evaluation.take(item)));
    });
}

interface Clock {
  /** Of the newest tick. */
  now: number;
  /** When the newest old reading came: after an outage they may come before the first tick. */
  heard?: number;
}

/** ms; readings that take longer to arrive are seen by `evaluateRules`, since they say what time it is by now. */
const slow = 600_000;
export const isOld = ({ receivedAt, time }: Reading): boolean => receivedAt - time > slow;

const json = <S>(): Codec<S> => ({
  encode: (state) => Buffer.from(JSON.stringify(state)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
});

const derivedUnits = { oxygenSaturation: '%' };

/** Without a tick for longer, the edge was away. */
const absence = 900_000;

class Evaluation {
  readonly #evidence: StationEvidence;
  readonly #watch: WatchEvidence;
  readonly #desk: Desk;
  readonly #orders: Orders;
  readonly #clock: Kept<Clock>;
  readonly #silences: Kept<Silence>;
  readonly #rules: ReadonlyMap<string, CompiledRule>;
  /** Alerts of rules that are no longer there, or are not what they were: they end with the next item. */
  #orphans: readonly Standing[];

  constructor({ rules, areas = [], units = {}, ceilings = {}, keep = new MemoryKeep() }: EvaluateOptions) {
    const compiled = rules.map(compile);
    this.#rules = new Map(compiled.map((each) => [each.key, each]));
    this.#clock = keep.map('alerts/clock', json<Clock>());
    this.#silences = keep.map('alerts/silences', json<Silence>());
    const standings = keep.map('alerts/standings', json<Standing>());
    const rulesOf = indexRules(compiled);
    this.#watch = new WatchEvidence({ issued: keep.map('alerts/issued', json<Issued>()), rulesOf });
    this.#evidence = new StationEvidence({
      memories: keep.map('alerts/memories', memoryCodec),
      rulesOf,
      units: { ...derivedUnits, ...units },
      ceilings,
    });
    const members = new Map(areas.map(({ id, stations }) => [id, stations]));
    this.#desk = new Desk({
      rules: this.#rules,
      areaOf: areasByStation(areas),
      stationsOf: (area) => members.get(area),
      standings,
      newest: keep.map('alerts/newest', json<Newest>()),
      silences: () => this.#silencesNow(),
    });
    this.#orders = new Orders({ desk: this.#desk, rules: this.#rules, standings, silences: this.#silences });
    this.#orphans = this.#desk
      .active()
      .map(([, standing]) => standing)
      .filter(({ key, state }) => state !== 'inactive' && !this.#rules.has(key.split('!')[0]!));
  }

  take(item: Seen): (AlertTransition | OrderAnswer)[] {
    const orphans = this.#orphans.map((standing) =>
      this.#desk.withdraw(standing, 'its rule was changed or taken away', this.#now(item)),
    );
    this.#orphans = [];
    return [...orphans, ...this.#take(item)];
  }

  #take(item: Seen): readonly (AlertTransition | OrderAnswer)[] {
    switch (item.kind) {
      case 'reading':
        return this.#hear(item.receivedAt);
      case 'steps':
        return this.#judge(item.station, item.start + item.length, () => this.#evidence.takeSteps(item));
      case 'forecast':
        return [
          ...this.#judge(item.station, item.issuedAt, () => this.#evidence.takeForecast(item)),
          ...this.#watched(item.station, this.#watch.takeForecast(item), item),
        ];
      case 'station':
        return this.#station(item);
      case 'tick':
        return this.#tick(item.time);
      case 'command':
        return this.#orders.take(item, this.#now(item));
      case 'no-forecast':
        // No evidence: an alert that rests on forecasts alone is stale once there were none for long enough.
        return this.#watched(item.station, this.#watch.takeRefusal(item), item);
    }
  }

  #judge(station: string, until: number, find: () => readonly Found[]): AlertTransition[] {
    const { now: ticked = until, heard = until } = this.#clock.get('') ?? {};
    const now = Math.max(ticked, heard, until);
    if (maintained(this.#silencesNow(), station, now)) return [];
    return find().flatMap(([compiled, finding]) => this.#desk.take(station, compiled, finding, now));
  }

  /** Of a station in maintenance too: when that is over, people are told of what still stands. */
  #watched(station: string, found: readonly Found[], item: Seen): AlertTransition[] {
    return found.flatMap(([compiled, finding]) =>
      this.#desk.take(station, compiled, finding, Math.max(this.#now(item), finding.span.until)),
    );
  }

  #station(item: StationState): AlertTransition[] {
    return [...this.#stale(item), ...this.#watched(item.station, this.#watch.takeStation(item), item)];
  }

  #stale({ station, state, since, time }: StationState): AlertTransition[] {
    if (state !== 'silent' && state !== 'connected-but-silent') return [];
    const how = state === 'silent' ? 'silent' : 'connected, but without values';
    return this.#desk.silent(station, `${station} is ${how} since ${instant(since)}`, time);
  }

  #hear(at: number): [] {
    const clock = this.#clock.change('', () => ({ now: at }));
    clock.heard = Math.max(clock.heard ?? at, at);
    return [];
  }

  #tick(time: number): AlertTransition[] {
    const clock = this.#clock.change('', () => ({ now: time }));
    const away =
      time - clock.now > absence ? `; no watch was kept from ${instant(clock.now)} to ${instant(time)}` : '';
    clock.now = time;
    for (const silence of [...this.#silencesNow()])
      if (silence.until <= time) this.#silences.delete(silence.id);
    return this.#desk.tick(time, away);
  }

  #now(item: Seen): number {
    const own =
      item.kind === 'tick' || item.kind === 'command' || item.kind === 'station' ? item.time : undefined;
    return own ?? this.#clock.get('')?.now ?? (item.kind === 'steps' ? item.start + item.length : 0);
  }

  *#silencesNow(): IterableIterator<Silence> {
    if (this.#silences.size > 0) for (const [, silence] of this.#silences.entries()) yield silence;
  }
}
