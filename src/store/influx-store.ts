import { setTimeout as sleep } from 'node:timers/promises';
import { InfluxDB } from 'influx';
import type { AlertTransition } from '../alerts/alert.ts';
import type { Reading } from '../ingest/reading.ts';
import type { Forecast } from '../model/forecast.ts';
import { timeOf, type Verification } from '../model/online/verification.ts';
import type { Step } from '../stream/step.ts';
import { InfluxWrite } from './influx-write.ts';
import type { Line } from './line-protocol.ts';
import { latestTime } from './line-protocol.ts';
import { compareAlerts, compareNames } from './order.ts';
import { alertOf, forecastsOf, type Row, readingOf, stepOf, verificationOf } from './schema.ts';
import type { Query, Store, Stored, WriteResult } from './store.ts';
import { UnderWay } from './under-way.ts';
import { isWhole } from './whole-row.ts';

/** For a database that was just made, a tenth of a second apart. */
const looks = 50;

export interface InfluxStoreOptions {
  /** `http://127.0.0.1:8086`, with a path where a proxy wants one. */
  readonly url: string;
  readonly database: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** ms, an hour at least, for which InfluxDB keeps points; what it does by itself where this is not given. */
  readonly retention?: number | undefined;
  /** Lines in one request; InfluxDB's guide says 5,000. */
  readonly batch?: number | undefined;
  /** ms for a write to be answered. */
  readonly deadline?: number | undefined;
  /** ms for a query to be answered. */
  readonly queryDeadline?: number | undefined;
  /** Wall clock, for a Retry-After that is a date. */
  readonly now?: (() => number) | undefined;
}

interface Series {
  readonly tags: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

interface RawAnswer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly unknown[])[];
    }[];
  }[];
}

/** Conditions of a query: an interval of time, and tags that must be equal where they are given. */
interface Where {
  readonly from: number;
  readonly to: number;
  readonly tags: Readonly<Record<string, string | undefined>>;
  readonly also?: string;
}

/** Rows in one answer. */
const pageRows = 10_000;
/** Forecasts are read in slices of so many steps. */
const sliceSteps = 2000;
const policy = 'redtide';

/** InfluxDB 1.x: databases, retention and queries through `influx`, writes through InfluxWrite. */
export class InfluxStore implements Store {
  readonly name = 'influx';
  readonly #database: string;
  readonly #retention: number | undefined;
  readonly #queryDeadline: number;
  readonly #client: InfluxDB;
  readonly #underWay: UnderWay;
  readonly #writes: InfluxWrite;

  constructor(options: InfluxStoreOptions) {
    const { database, retention, batch = 5000, deadline = 10_000, now = Date.now } = options;
    const url = options.url.replace(/\/+$/, '');
    this.#database = database;
    this.#retention = retention;
    this.#queryDeadline = options.queryDeadline ?? 60_000;
    this.#client = clientFor({ ...options, url });
    this.#underWay = new UnderWay(`InfluxDB at ${url}`);
    const createDatabase = () => this.#createDatabase();
    const shared = { underWay: this.#underWay, createDatabase };
    this.#writes = new InfluxWrite({ ...options, ...shared, url, batch, deadline, now });
  }

  /**
   * Creates the database and sets its retention. Once they are there, an account that may only write is enough.
   *
   * @throws {StoreUnavailable} while the server can't be reached, or refuses the account or the retention.
   */
  async open(): Promise<void> {
    let patience = looks;
    try {
      await this.#createDatabase();
    } catch (error) {
      if (!mayNot(error as Error)) throw error;
      patience = 0;
    }
    await this.#thereIs(patience);
  }

  /** A busy server answers that it made a database some time before it finds it. */
  async #thereIs(patience: number): Promise<void> {
    for (let left = patience; ; left--)
      try {
        return await this.#writes.probe();
      } catch (error) {
        if (left === 0 || !/database not found/.test((error as Error).message)) throw error;
        await sleep(100);
      }
  }

  write(points: readonly Stored[]): Promise<WriteResult> {
    return this.#writes.write(points);
  }

  /** How things stand just now, to be drawn over time; not part of what must not be lost. */
  gauges(lines: readonly Line[]): Promise<void> {
    return this.#writes.gauges(lines);
  }

  async *readings(query: Query): AsyncGenerator<Reading> {
    for await (const row of this.#rows('reading', query)) yield readingOf(row);
  }

  async *steps(query: Query): AsyncGenerator<Step> {
    for await (const row of this.#rows('step', query)) yield stepOf(row);
  }

  async *forecasts({ from, to, ...tags }: Query): AsyncGenerator<Forecast> {
    const select = 'SELECT MIN("issuedAt"), MAX("issuedAt") FROM "forecast"';
    const by = ['station', 'variable', 'horizon', 'step'];
    const all = await this.#series(select, by, { from, to: latestTime, tags });
    for (const series of groupedByName(all)) yield* this.#forecastsOf(series, from, to);
  }

  async *verifications({ from, to, ...tags }: Query): AsyncGenerator<Verification> {
    const by = ['station', 'variable'];
    for (const series of await this.#series('SELECT LAST("verified") FROM "verification"', by, {
      from,
      to,
      tags,
    }))
      for (let start: number | undefined = from; start !== undefined; ) {
        const rows: Row[] = await this.#page('verification', { from: start, to, tags: series.tags });
        const next: number | undefined = rows.length < pageRows ? undefined : rows.at(-1)!.time;
        const whole = rows.filter((row) => row.time !== next && isWhole('verification', row));
        yield* whole
          .map(verificationOf)
          .sort((a, b) => timeOf(a) - timeOf(b) || a.horizon - b.horizon || a.step - b.step);
        start = next;
      }
  }

  async *alerts({ from, to, station, variable }: Query): AsyncGenerator<AlertTransition> {
    const series = await this.#select('SELECT * FROM "alert"', { from, to, tags: { station, variable } });
    yield* series
      .flatMap(({ rows }) => rows)
      .filter((row) => isWhole('alert', row))
      .map(alertOf)
      .sort(compareAlerts);
  }

  /** Ends what is under way; it counts as not stored. */
  async close(): Promise<void> {
    this.#underWay.endAll();
  }

  async #createDatabase(): Promise<void> {
    const database = this.#database;
    await this.#ask(() => this.#client.createDatabase(database));
    if (this.#retention === undefined) return;
    const duration = `${Math.ceil(this.#retention / 1000)}s`;
    const options = { duration, replication: 1, isDefault: true, database };
    const policies = await this.#ask(() => this.#client.showRetentionPolicies(database));
    const exists = policies.some(({ name }) => name === policy);
    await this.#ask(() =>
      exists
        ? this.#client.alterRetentionPolicy(policy, options)
        : this.#client.createRetentionPolicy(policy, options),
    );
  }

  /** Series by series in order of their names, page by page: within a series a time is there once. */
  async *#rows(measurement: 'reading' | 'step', { from, to, station, variable }: Query): AsyncGenerator<Row> {
    const by = ['station', 'sensor', 'variable'];
    const where = { from, to, tags: { station, variable } };
    for (const { tags } of await this.#series(`SELECT LAST("flag") FROM "${measurement}"`, by, where))
      for (let start: number | undefined = from; start !== undefined; ) {
        const rows: Row[] = await this.#page(measurement, { from: start, to, tags });
        for (const row of rows) if (isWhole(measurement, row)) yield row;
        start = rows.length < pageRows ? undefined : rows.at(-1)!.time + 1;
      }
  }

  async #page(measurement: string, where: Where): Promise<Row[]> {
    const series = await this.#select(`SELECT * FROM "${measurement}"`, where, `LIMIT ${pageRows}`);
    return series.flatMap(({ rows }) => rows);
  }

  /** Of one station and variable. What is issued in a slice of time lies in it, or up to the longest lead later. */
  async *#forecastsOf(series: readonly Series[], from: number, to: number): AsyncGenerator<Forecast> {
    const { station, variable } = series[0]!.tags;
    const [issued, steps] = [
      series.flatMap(({ rows }) => rows),
      series.map(({ tags }) => Number(tags['step'])),
    ];
    const lead = Math.max(...series.map(({ tags }) => (Number(tags['horizon']) - 1) * Number(tags['step'])));
    const end = Math.min(to, Math.max(...issued.map((row) => row['max'] as number)) + 1);
    const size = sliceSteps * Math.min(...steps);
    for (let start = Math.max(from, Math.min(...issued.map((row) => row['min'] as number))); start < end; ) {
      const next = Math.min(start + size, end);
      const also = `"issuedAt" >= ${Math.ceil(start)} AND "issuedAt" < ${Math.ceil(next)}`;
      const where = { from: start, to: next + lead, tags: { station, variable }, also };
      const found = await this.#select('SELECT * FROM "forecast"', where);
      yield* forecastsOf(found.flatMap(({ rows }) => rows));
      start = next;
    }
  }

  async #series(select: string, by: readonly string[], where: Where): Promise<Series[]> {
    const found = await this.#select(select, where, `GROUP BY ${by.map((name) => `"${name}"`)}`);
    return found.sort((a, b) =>
      by.reduce((order, name) => order || compareNames(a.tags[name]!, b.tags[name]!), 0),
    );
  }

  async #select(select: string, { from, to, tags, also }: Where, tail = ''): Promise<Series[]> {
    const named = Object.entries(tags).filter(([, value]) => value !== undefined);
    const conditions = [
      ...named.map(([name]) => `"${name}" = $${name}`),
      `time >= ${instant(from)}`,
      `time < ${instant(to)}`,
      ...(also ? [also] : []),
    ];
    const query = `${select} WHERE ${conditions.join(' AND ')} ${tail}`;
    const placeholders = Object.fromEntries(named) as Record<string, string>;
    const database = this.#database;
    const options = { database, precision: 'ms', placeholders, method: 'POST' } as const;
    return this.#ask(async (signal) => {
      const answer = await this.#client.queryRaw(query, { ...options, signal });
      return seriesOf(answer as RawAnswer);
    });
  }

  #ask<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#underWay.within(this.#queryDeadline, act);
  }
}

/** Its own retries are off, and so is its way of refusing all calls for a while after one that failed. */
function clientFor({ url, username = '', password = '', database }: InfluxStoreOptions): InfluxDB {
  const { protocol, hostname, port, pathname } = new URL(url);
  const never = { getDelay: () => 0, next: () => never, reset: () => never };
  return new InfluxDB({
    hosts: [
      {
        protocol: protocol === 'https:' ? 'https' : 'http',
        host: hostname,
        port: Number(port || (protocol === 'https:' ? 443 : 80)),
        path: pathname === '/' ? '' : pathname,
      },
    ],
    username,
    password,
    database,
    pool: { maxRetries: 0, backoff: never },
  });
}

/** A privilege is missing, said with 403 by InfluxDB. */
function mayNot(error: Error): boolean {
  const cause = error.cause as { readonly res?: { readonly statusCode?: number } } | undefined;
  return cause?.res?.statusCode === 403;
}

const instant = (time: number) => `${Math.ceil(Math.min(Math.max(time, -latestTime), latestTime))}ms`;

function seriesOf({ results }: RawAnswer): Series[] {
  return results.flatMap(({ error, series = [] }) => {
    if (error) throw new Error(error);
    return series.map(({ tags = {}, columns, values }) => ({
      tags,
      rows: values.map((row) => rowOf(columns, row)),
    }));
  });
}

const rowOf = (columns: readonly string[], values: readonly unknown[]) =>
  Object.fromEntries(columns.map((name, at) => [name, values[at]])) as Row;

/** Runs of the same station and variable, in the order given. */
function* groupedByName(all: readonly Series[]): Generator<readonly Series[]> {
  for (let start = 0; start < all.length; ) {
    const { station, variable } = all[start]!.tags;
    let end = start;
    while (all[end]?.tags['station'] === station && all[end]?.tags['variable'] === variable) end++;
    yield all.slice(start, end);
    start = end;
  }
}
