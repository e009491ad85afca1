import type { Database } from 'lmdb';
import type { AlertState, AlertTransition } from '../alerts/alert.ts';
import type { Disk } from '../disk.ts';
import type { Flag, Reading } from '../ingest/reading.ts';
import type { Forecast } from '../model/forecast.ts';
import { timeOf, type Verification } from '../model/online/verification.ts';
import type { Step } from '../stream/step.ts';
import { stateRank } from './order.ts';
import { refusalOf, unnamed } from './schema.ts';
import {
  type Query,
  type Refusal,
  type Store,
  type Stored,
  StoreUnavailable,
  type WriteResult,
} from './store.ts';

/** Names of the series, then the time, then what else tells points of one time apart. */
type Key = (string | number)[];
type Values<T> = Database<T, Key>;

type ReadingValue = [number, number, Flag, string, Reading['revision'], boolean];
type StepValue = [number, number, number, number, number, number, number, Flag, number];
type ForecastValue = [
  model: string,
  step: number,
  horizons: readonly number[],
  quantiles: readonly number[],
  values: readonly (readonly number[])[],
  network?: string,
  makers?: Forecast['makers'] | null,
  record?: Forecast['record'] | null,
];
type AlertValue = [string, number, AlertState, AlertState, string, AlertTransition['evidence'], AlertRest];
type AlertRest = Pick<
  AlertTransition,
  'stations' | 'sequence' | 'cause' | 'more' | 'author' | 'note' | 'quiet'
>;

type VerificationValue = Omit<
  Verification,
  'kind' | 'station' | 'variable' | 'issuedAt' | 'horizon' | 'step'
>;

interface Entry {
  readonly key: Key;
  readonly value: unknown;
}

/** Entries read in one go. Between two, other work is done and no old pages are held. */
const page = 1000;

/** The embedded time-series store. Its keys overwrite as those of InfluxDB do. */
export class LmdbStore implements Store {
  readonly name = 'lmdb';
  readonly #disk: Disk;
  readonly #tables: Record<Stored['kind'], Values<unknown>>;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#tables = {
      reading: disk.database('store-reading'),
      step: disk.database('store-step'),
      forecast: disk.database('store-forecast'),
      verification: disk.database('store-verification'),
      alert: disk.database('store-alert'),
    };
  }

  async open(): Promise<void> {}

  async write(points: readonly Stored[]): Promise<WriteResult> {
    const refused: Refusal[] = [];
    const commits = new Set<Promise<unknown>>();
    for (const point of points) {
      const reason = refusalOf(point);
      if (reason) refused.push({ point, reason });
      else commits.add(this.#tables[point.kind].put(keyOf(point), contentOf(point)));
    }
    await settle(commits);
    return { stored: points.length - refused.length, refused };
  }

  async *readings(query: Query): AsyncGenerator<Reading> {
    for await (const { key, value } of this.#entries('reading', 3, 2, query)) yield toReading(key, value);
  }

  async *steps(query: Query): AsyncGenerator<Step> {
    for await (const { key, value } of this.#entries('step', 3, 2, query)) yield toStep(key, value);
  }

  async *forecasts(query: Query): AsyncGenerator<Forecast> {
    for await (const { key, value } of this.#entries('forecast', 2, 1, query)) yield toForecast(key, value);
  }

  async *verifications(query: Query): AsyncGenerator<Verification> {
    for await (const { key, value } of this.#entries('verification', 2, 1, query))
      yield toVerification(key, value);
  }

  async *alerts(query: Query): AsyncGenerator<AlertTransition> {
    for await (const { key, value } of this.#entries('alert', 2, 1, query)) yield toAlert(key, value);
  }

  /** The disk belongs to whoever opened it. */
  async close(): Promise<void> {
    await this.#disk.synced();
  }

  /** Of the series (the first `names` parts of a key, the variable at `variableAt`) that the query wants, in order. */
  async *#entries(
    kind: Stored['kind'],
    names: number,
    variableAt: number,
    query: Query,
  ): AsyncGenerator<Entry> {
    const table = this.#tables[kind];
    for (const series of seriesOf(table, names, query.station)) {
      if (query.variable !== undefined && series[variableAt] !== query.variable) continue;
      yield* range(table, [...series, query.from], [...series, query.to]);
    }
  }
}

/** Jumps from series to series, without reading what lies between. */
function* seriesOf(table: Values<unknown>, names: number, station: string | undefined): Generator<Key> {
  let start: Key | undefined = station === undefined ? undefined : [station];
  for (;;) {
    const [next] = table.getKeys({ limit: 1, ...(start ? { start } : {}) });
    if (!next || (station !== undefined && next[0] !== station)) return;
    const series = next.slice(0, names);
    yield series;
    start = [...series, Number.POSITIVE_INFINITY];
  }
}

async function* range(table: Values<unknown>, from: Key, to: Key): AsyncGenerator<Entry> {
  let start = from;
  let exclusiveStart = false;
  for (;;) {
    const entries = [...table.getRange({ start, exclusiveStart, end: to, limit: page })];
    yield* entries;
    if (entries.length < page) return;
    start = entries.at(-1)!.key;
    exclusiveStart = true;
  }
}

/** Puts of one turn share a commit, and so a promise; all are waited for, so that none rejects unheard. */
async function settle(commits: ReadonlySet<Promise<unknown>>): Promise<void> {
  for (const outcome of await Promise.allSettled(commits))
    if (outcome.status === 'rejected') {
      const { message, commitError } = outcome.reason as Error & { readonly commitError?: Error };
      const cause = (await Promise.resolve(commitError).catch((error: Error) => error)) ?? outcome.reason;
      throw new StoreUnavailable(
        `the data folder can't be written: ${cause?.message ?? message}`,
        undefined,
        cause,
      );
    }
}

function keyOf(point: Stored): Key {
  const { station } = point;
  switch (point.kind) {
    case 'reading':
      return [station, point.sensor, point.variable, point.time];
    case 'step':
      return [station, point.sensor, point.variable, point.start];
    case 'forecast':
      return [station, point.variable, point.issuedAt, point.revision, point.step];
    case 'verification':
      return [station, point.variable, timeOf(point), point.horizon, point.step];
    case 'alert':
      return [
        station,
        point.evidence.variable,
        point.time,
        point.rule,
        stateRank(point.to),
        point.severity,
        point.area,
        point.mode,
      ];
  }
}

function contentOf(point: Stored): ReadingValue | StepValue | ForecastValue | VerificationValue | AlertValue {
  switch (point.kind) {
    case 'reading': {
      const { value, receivedAt, flag, failed, revision, lateOnly } = point;
      return [value, receivedAt, flag, failed.join(), revision, lateOnly];
    }
    case 'step': {
      const { length, mean, count, minimum, maximum, deviation, coverage, flag, revision } = point;
      return [length, mean, count, minimum, maximum, deviation, coverage, flag, revision];
    }
    case 'forecast': {
      const { model, step, horizons, quantiles, values, network, makers = null, record = null } = point;
      return [model, step, horizons, quantiles, values, network, makers, record];
    }
    case 'verification': {
      const { kind: _, station: __, variable: ___, issuedAt, horizon, step, ...rest } = point;
      return rest;
    }
    case 'alert': {
      const { id, onset, from, to, reason, evidence, stations, sequence, cause, more } = point;
      const { author, note, quiet } = point;
      const said = {
        ...(author !== undefined && { author }),
        ...(note !== undefined && { note }),
        ...(quiet !== undefined && { quiet }),
      };
      return [id, onset, from, to, reason, evidence, { stations, sequence, cause, more, ...said }];
    }
  }
}

function toReading(key: Key, stored: unknown): Reading {
  const [station, sensor, variable, time] = key as [string, string, string, number];
  const [value, receivedAt, flag, words, revision, lateOnly] = stored as ReadingValue;
  const failed = words === '' ? [] : words.split(',');
  const identity = { station, sensor, variable, time };
  return { kind: 'reading', ...identity, value, receivedAt, flag, failed, revision, lateOnly };
}

function toStep(key: Key, stored: unknown): Step {
  const [station, sensor, variable, start] = key as [string, string, string, number];
  const [length, mean, count, minimum, maximum, deviation, coverage, flag, revision] = stored as StepValue;
  const statistics = { mean, count, minimum, maximum, deviation };
  return { kind: 'step', station, sensor, variable, start, length, ...statistics, coverage, flag, revision };
}

function toForecast(key: Key, stored: unknown): Forecast {
  const [station, variable, issuedAt, revision] = key as [string, string, number, number];
  const [model, step, horizons, quantiles, values, network, makers, record] = stored as ForecastValue;
  return {
    kind: 'forecast',
    station,
    variable,
    issuedAt,
    revision,
    model,
    network: network ?? unnamed,
    ...(makers && { makers }),
    ...(record && { record }),
    step,
    horizons,
    quantiles,
    values,
  };
}

function toVerification(key: Key, stored: unknown): Verification {
  const [station, variable, time, horizon, step] = key as [string, string, number, number, number];
  const issuedAt = time - (horizon - 1) * step;
  return {
    kind: 'verification',
    station,
    variable,
    issuedAt,
    horizon,
    step,
    ...(stored as VerificationValue),
  };
}

function toAlert(key: Key, stored: unknown): AlertTransition {
  const [station, , time, rule, , severity, area, mode] = key as [
    string,
    string,
    number,
    string,
    number,
    AlertTransition['severity'],
    string,
    AlertTransition['mode'],
  ];
  const [id, onset, from, to, reason, evidence, rest] = stored as AlertValue;
  const identity = { id, rule, area, station, onset, from, to, time };
  return { kind: 'alert', ...identity, reason, severity, evidence, mode, ...rest };
}
