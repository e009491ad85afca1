import type { AlertTransition } from './alerts/alert.ts';
import type { OrderAnswer } from './alerts/orders.ts';
import type {
  AlertStatus,
  ForecastStatus,
  SilenceStatus,
  StationStatus,
  Status,
  VerifiedStatus,
} from './dashboard/status.ts';
import type { JournalRecord } from './ingest/journal-record.ts';
import type { Reading } from './ingest/reading.ts';
import { emptyAccount, type Ledger, nowhere } from './ledger.ts';
import type { Forecast } from './model/forecast.ts';
import { timeOf, type Verification } from './model/online/verification.ts';
import type { Outcome } from './pipeline.ts';
import type { StationState } from './stream/condition.ts';
import type { Gap } from './stream/gaps.ts';
import type { Codec, Keep, Kept } from './stream/kept.ts';

export interface BoardStation {
  readonly id: string;
  readonly name?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  readonly cadence: number;
}

export interface BoardOptions {
  readonly stations: readonly BoardStation[];
  /** Text of each rule, by its id. */
  readonly rules: readonly { readonly id: string; readonly text: string }[];
  readonly ledger: Ledger;
  /** Open alerts and the counts outlive a restart; the rest comes back with the next readings. */
  readonly keep: Keep;
}

interface Place {
  readonly about: BoardStation;
  /** Changed in place: what replaced them would outlive the young generation, for each reading. */
  readonly readings: Record<string, { value: number; time: number; flag: number }>;
  readonly forecasts: Map<string, ForecastStatus>;
  readonly verified: Map<string, VerifiedStatus>;
  newest: number | undefined;
}

/** How a station stands, and since when. */
type Standing = { -readonly [K in 'state' | 'since']: StationState[K] };
/** Messages that never arrived, by the numbers of the gateway. */
type GapCounts = { missing: number; recovered: number; givenUp: number };
type Produced = { -readonly [K in keyof Status['produced']]: Status['produced'][K] };
type Shown = Pick<Status, 'stations' | 'alerts' | 'silences' | 'closedUntil' | 'produced' | 'unknown'>;

const nothing = (): Produced => ({
  messages: 0,
  steps: 0,
  windows: 0,
  forecasts: 0,
  noForecasts: 0,
  alerts: 0,
});

function json<S>(): Codec<S> {
  return {
    encode: (state) => Buffer.from(JSON.stringify(state)),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
  };
}

/**
 * Looks on as outcomes go by and remembers what people look at: the newest of everything, and how much there was.
 * Nothing in the pipeline depends on it.
 */
export class Board {
  readonly #places = new Map<string, Place>();
  /** By area. */
  readonly #alerts: Kept<AlertStatus[]>;
  readonly #counts: Kept<Produced>;
  readonly #conditions: Kept<Standing>;
  readonly #gaps: Kept<GapCounts>;
  readonly #silences: Kept<SilenceStatus>;
  #closedUntil = Number.NEGATIVE_INFINITY;
  #texts: ReadonlyMap<string, string> = new Map();
  readonly #ledger: Ledger;

  constructor({ stations, rules, ledger, keep }: BoardOptions) {
    this.#ledger = ledger;
    this.#alerts = keep.map('open-alerts', json<AlertStatus[]>());
    this.#counts = keep.map('produced', json<Produced>());
    this.#conditions = keep.map('conditions', json<Standing>());
    this.#gaps = keep.map('gap-counts', json<GapCounts>());
    this.#silences = keep.map('shown-silences', json<SilenceStatus>());
    this.configure({ stations, rules });
  }

  /** Other stations and rules from here on; what was heard of a station that is no longer listed stays. */
  configure({ stations, rules }: Pick<BoardOptions, 'stations' | 'rules'>): void {
    this.#texts = new Map(rules.map(({ id, text }) => [id, text]));
    for (const station of stations)
      this.#places.set(station.id, { ...(this.#places.get(station.id) ?? place(station)), about: station });
  }

  observe(outcomes: readonly Outcome[], record: JournalRecord): void {
    const counts = this.#counts.change('', nothing);
    if (record.kind === 'message') counts.messages++;
    for (const outcome of outcomes) this.#take(outcome, counts);
  }

  get produced(): Readonly<Produced> {
    return this.#counts.get('') ?? nothing();
  }

  show(now = Number.NEGATIVE_INFINITY): Shown {
    const unknown = this.#ledger.account(nowhere);
    return {
      stations: [...this.#places.values()].map((one) => this.#station(one)),
      alerts: [...this.#alerts.entries()].flatMap(([, alerts]) => alerts).sort(byOnset),
      silences: [...this.#silences.entries()]
        .map(([, silence]) => ({ ...silence }))
        .filter(({ until }) => until > now),
      ...(Number.isFinite(this.#closedUntil) && { closedUntil: this.#closedUntil }),
      produced: { ...this.produced },
      ...(unknown && { unknown: { ...unknown } }),
    };
  }

  #take(outcome: Outcome, counts: Produced): void {
    if (outcome.kind === 'reading') this.#takeReading(outcome);
    else if (outcome.kind === 'station') this.#takeCondition(outcome);
    else if (outcome.kind === 'gap') this.#takeGap(outcome);
    else if (outcome.kind === 'answer') this.#takeAnswer(outcome);
    else if (outcome.kind === 'steps') {
      counts.steps += outcome.steps.length;
      this.#closedUntil = Math.max(this.#closedUntil, outcome.start + outcome.length);
    } else if (outcome.kind === 'window') counts.windows++;
    else if (outcome.kind === 'forecast') {
      counts.forecasts++;
      this.#takeForecast(outcome);
    } else if (outcome.kind === 'verification') {
      counts.verifications = (counts.verifications ?? 0) + 1;
      this.#takeVerification(outcome);
    } else if (outcome.kind === 'no-forecast') {
      counts.noForecasts++;
      // An old forecast beside "no forecast possible" would be taken for the present one.
      this.#place(outcome.station).forecasts.delete(outcome.variable);
    } else if (outcome.kind === 'alert') {
      counts.alerts++;
      this.#takeAlert(outcome);
    }
  }

  #takeReading({ station, variable, time, value, flag }: Reading): void {
    const at = this.#place(station);
    const last = at.readings[variable];
    if (!last) at.readings[variable] = { value, time, flag };
    else if (last.time <= time) [last.value, last.time, last.flag] = [value, time, flag];
    at.newest = Math.max(at.newest ?? time, time);
  }

  #takeCondition({ station, state, since }: StationState): void {
    Object.assign(
      this.#conditions.change(station, () => ({ state, since })),
      { state, since },
    );
  }

  /** A silence that was begun, or ended; others are over by then. */
  #takeAnswer({ silence, time }: OrderAnswer): void {
    if (!silence) return;
    const { id, of, rule, place, until, author, note } = silence;
    for (const [other, { until: end }] of [...this.#silences.entries()])
      if (end <= time) this.#silences.delete(other);
    if (until <= time) this.#silences.delete(id);
    else this.#silences.change(id, () => ({ id, of, rule, place, until, author, note }));
  }

  #takeGap({ station, state, missing, came }: Gap): void {
    const counts = this.#gaps.change(station, () => ({ missing: 0, recovered: 0, givenUp: 0 }));
    if (state === 'given-up') {
      counts.missing -= missing;
      counts.givenUp += missing;
    } else {
      counts.missing += came === 0 ? missing : -came;
      counts.recovered += came;
    }
  }

  #takeForecast({ station, variable, issuedAt, model, network, record, ...rest }: Forecast): void {
    const { step, horizons, quantiles, values } = rest;
    const median = quantiles.indexOf(0.5);
    const medians = values.map((row) => row[median] ?? Number.NaN);
    const interval = quantiles.length > 1 && {
      low: values.map((row) => row[0]!),
      high: values.map((row) => row.at(-1)!),
    };
    const made = { variable, issuedAt, model, network, ...(record && { record }) };
    this.#place(station).forecasts.set(variable, { ...made, step, horizons, medians, ...interval });
  }

  #takeVerification(given: Verification): void {
    const { station, variable, horizon, verified, skill, skillOverClimatology, coverage, bias, drift } =
      given;
    const rolling = { verified, skill, skillOverClimatology, coverage, bias, drift };
    const standing = { variable, horizon, ...rolling, time: timeOf(given) };
    this.#place(station).verified.set(`${variable}/${horizon}`, standing);
  }

  #takeAlert({ id, rule, area, station, to, severity, onset, reason, mode }: AlertTransition): void {
    if (mode === 'test') return;
    const others = (this.#alerts.get(area) ?? []).filter((alert) => alert.id !== id);
    const text = this.#texts.get(rule) ?? rule;
    const open =
      to === 'inactive' || to === 'resolved'
        ? others
        : [...others, { id, rule, area, station, state: to, severity, onset, text, reason }];
    this.#alerts.change(area, () => []).splice(0, Number.POSITIVE_INFINITY, ...open);
  }

  #place(id: string): Place {
    let at = this.#places.get(id);
    if (!at) this.#places.set(id, (at = place({ id, cadence: 600_000 })));
    return at;
  }

  #station({ about, readings, forecasts, verified, newest }: Place): StationStatus {
    const standing = this.#conditions.get(about.id);
    const gaps = this.#gaps.get(about.id);
    return {
      ...about,
      ...(standing && { condition: { ...standing } }),
      ...(gaps && { gaps: { ...gaps } }),
      readings: Object.fromEntries(Object.entries(readings).map(([name, newest]) => [name, { ...newest }])),
      forecasts: [...forecasts.values()],
      verified: [...verified.values()],
      counts: { ...(this.#ledger.account(about.id) ?? emptyAccount()) },
      ...(newest !== undefined && { newest }),
    };
  }
}

/** One order, whichever station was heard first since the start. */
const byOnset = (a: AlertStatus, b: AlertStatus) => a.onset - b.onset || (a.id < b.id ? -1 : 1);

const place = (about: BoardStation): Place => ({
  about,
  readings: {},
  forecasts: new Map(),
  verified: new Map(),
  newest: undefined,
});
