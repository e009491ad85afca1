import type { Forecast, NoForecast } from '../model/forecast.ts';
import type { StationState } from '../stream/condition.ts';
import type { Kept } from '../stream/kept.ts';
import type { CompiledRule, StationRules } from './compiled.ts';
import type { Judgement, Verdict } from './judge.ts';
import { principalOf } from './rule.ts';
import type { Found } from './station-evidence.ts';
import { dataAge, forecastAge } from './watch-rules.ts';
import { instant, span } from './wording.ts';

/** Issue time of the newest forecast by variable, ms since the epoch, and whether one of them is too old. */
export interface Issued {
  readonly newest: Record<string, number>;
  out: boolean;
}

export interface WatchEvidenceOptions {
  readonly issued: Kept<Issued>;
  readonly rulesOf: (station: string) => StationRules;
}

const hour = 3_600_000;

/** What the watch over the stations means to the rules that are about it (watch-rules.ts). */
export class WatchEvidence {
  readonly #options: WatchEvidenceOptions;

  constructor(options: WatchEvidenceOptions) {
    this.#options = options;
  }

  takeStation({ station, state, since, time, interval }: StationState): Found[] {
    if (state === 'late') return [];
    const known = state === 'heard' ? `values come again since ${instant(since)}` : undefined;
    const connected = state === 'connected-but-silent' ? ', though its gateway is connected' : '';
    const silent = `no value since ${instant(since)}${connected}; one is due every ${span(interval)}`;
    const seen = { station, variable: dataAge, from: since, until: time };
    return this.#find({ ...seen, verdict: known ? 'clear' : 'crossed', reason: known ?? silent });
  }

  takeForecast({ station, variable, issuedAt }: Forecast): Found[] {
    const { issued } = this.#options;
    if (!this.#watched(station, forecastAge)) return [];
    const state = issued.change(station, () => ({ newest: {}, out: false }));
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
    if (!oldest) return [];
    this.#options.issued.change(station, () => ({ newest: {}, out: false })).out = true;
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
