import type { Forecast, NoForecast } from '../model/forecast.ts';
import type { StationState } from '../stream/condition.ts';
import type { Kept } from '../stream/kept.ts';
import type { CompiledRule, StationRules } from './compiled.ts';
import type { Judgement, Verdict } from './judge.ts';
import { principalOf } from './rule.ts';
import type { Found } from './station-evidence.ts';
import { dataAge, forecastAge } from './watch-rules.ts';
import { instant, span } from './wording.ts';

/** Of a station: issue time of the newest forecast by variable, ms since the epoch. */
export interface Issued {
  readonly newest: Record<string, number>;
  /** One of them is too old, and that was said. */
  out: boolean;
  /** No values come: that there are no forecasts then needs no word of its own. */
  silent: boolean;
}

export interface WatchEvidenceOptions {
  readonly issued: Kept<Issued>;
  readonly rulesOf: (station: string) => StationRules;
}

const hour = 3_600_000;
const minute = 60_000;
/** An interval that was learnt is seldom whole. */
const toMinute = (ms: number) => (ms < minute ? ms : Math.round(ms / minute) * minute);

/** What the watch over the stations means to the rules that are about it (watch-rules.ts). */
export class WatchEvidence {
  readonly #options: WatchEvidenceOptions;

  constructor(options: WatchEvidenceOptions) {
    this.#options = options;
  }

  takeStation({ station, state, since, time, interval }: StationState): Found[] {
    if (state === 'late') return [];
    this.#issued(station).silent = state !== 'heard';
    const when = instant(Math.floor(since / minute) * minute);
    const known = state === 'heard' ? `values come again since ${when}` : undefined;
    const connected = state === 'connected-but-silent' ? ', though its gateway is connected' : '';
    const silent = `no value since ${when}${connected}; one is due every ${span(toMinute(interval))}`;
    const seen = { station, variable: dataAge, from: since, until: time };
    return this.#find({ ...seen, verdict: known ? 'clear' : 'crossed', reason: known ?? silent });
  }

  takeForecast({ station, variable, issuedAt }: Forecast): Found[] {
    if (!this.#watched(station, forecastAge)) return [];
    const state = this.#issued(station);
    state.newest[variable] = Math.max(issuedAt, state.newest[variable] ?? issuedAt);
    if (!state.out || this.#oldest(station, issuedAt)) return [];
    state.out = false;
    const reason = `there are forecasts again since ${instant(issuedAt)}`;
    return this.#find({
      station,
      variable: forecastAge,
      from: issuedAt,
      until: issuedAt,
      verdict: 'clear',
      reason,
    });
  }

  /** What was never forecast at a station is not missed there. */
  takeRefusal({ station, issuedAt, reason, detail }: NoForecast): Found[] {
    const oldest = this.#oldest(station, issuedAt);
    if (!oldest || this.#options.issued.get(station)?.silent) return [];
    this.#issued(station).out = true;
    const [variable, from] = oldest;
    return this.#find({
      station,
      variable: forecastAge,
      from,
      until: issuedAt,
      verdict: 'crossed',
      reason: `no forecast of ${variable} since ${instant(from)} (${reason}): ${detail}`,
    });
  }

  #issued(station: string): Issued {
    return this.#options.issued.change(station, () => ({ newest: {}, out: false, silent: false }));
  }

  #watched(station: string, variable: string): CompiledRule | undefined {
    return this.#options.rulesOf(station).looks.get(`watch/${variable}`)?.[0]?.compiled;
  }

  /** The variable whose newest forecast is too old, and when that was issued. */
  #oldest(station: string, now: number): [string, number] | undefined {
    const compiled = this.#watched(station, forecastAge);
    if (!compiled) return undefined;
    const { level } = principalOf(compiled.rule);
    return Object.entries(this.#options.issued.get(station)?.newest ?? {})
      .sort(([, a], [, b]) => a - b)
      .find(([, issuedAt]) => now - issuedAt > level * hour);
  }

  #find(seen: Seen): Found[] {
    const compiled = this.#watched(seen.station, seen.variable);
    if (!compiled) return [];
    const { from, until, verdict } = seen;
    const grades = compiled.trees.map(() => verdict);
    const span = { from, until, revision: 0 };
    return [[compiled, { span, grades, verdict, tell: () => ({ said: judgementOf(seen), more: [] }) }]];
  }
}

interface Seen {
  readonly station: string;
  readonly variable: string;
  readonly from: number;
  readonly until: number;
  readonly verdict: Verdict;
  readonly reason: string;
}

function judgementOf({ station, variable, from, until, verdict, reason }: Seen): Judgement {
  const value = Math.round((10 * (until - from)) / hour) / 10;
  const evidence = { on: 'watch', station, variable, value, time: from } as const;
  return { verdict, reason, source: 'watch', evidence };
}
