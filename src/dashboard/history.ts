/** What the page asks of the store: its reads, as far as they are drawn. */
export interface History {
  readings(query: Span): AsyncIterable<{
    readonly sensor: string;
    readonly time: number;
    readonly value: number;
    readonly flag: number;
  }>;
  steps(query: Span): AsyncIterable<{
    readonly sensor: string;
    readonly start: number;
    readonly length: number;
    readonly mean: number;
    readonly minimum: number;
    readonly maximum: number;
    readonly count: number;
    readonly flag: number;
  }>;
  forecasts(query: Span): AsyncIterable<{
    readonly issuedAt: number;
    readonly revision: number;
    readonly step: number;
    readonly horizons: readonly number[];
    readonly quantiles: readonly number[];
    readonly values: readonly (readonly number[])[];
  }>;
  alerts(query: Pick<Span, 'from' | 'to'>): AsyncIterable<Transition>;
}

/** What became of an alert, as the store has it; all of it is shown. */
export interface Transition {
  readonly id: string;
  readonly sequence: number;
}

/** The audit trail of an alert from its onset on: every transition, in order. */
export async function trail(history: History, id: string, onset: number): Promise<Transition[]> {
  const found: Transition[] = [];
  for await (const each of history.alerts({ from: onset, to: Number.MAX_SAFE_INTEGER }))
    if (each.id === id) found.push(each);
  return found.sort((a, b) => a.sequence - b.sequence);
}

/** Half-open [from, to), ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly station: string;
  readonly variable: string;
}

/** Values in columns, as they are drawn: one bucket of time each, in the variable's unit. */
export interface Drawn {
  /** Which sensor: the first by name that has any. */
  readonly sensor?: string | undefined;
  /** Middle of the bucket, ms since the epoch. */
  readonly time: readonly number[];
  readonly low: readonly number[];
  readonly mean: readonly number[];
  readonly high: readonly number[];
  /** The worst QARTOD flag of the bucket. */
  readonly flag: readonly number[];
}

interface Value {
  readonly sensor: string;
  readonly time: number;
  readonly low: number;
  readonly mean: number;
  readonly high: number;
  readonly flag: number;
}

/** Up to here readings are drawn, and beyond it step means, of which there are fewer. */
const readingsUpTo = 3 * 86_400_000;

/** At most `width` buckets, whatever the span: a year of ten-minute data is as quick to draw as a day. */
export async function drawn(history: History, span: Span, width: number): Promise<Drawn> {
  const values = span.to - span.from <= readingsUpTo ? readings(history, span) : steps(history, span);
  const bucket = Math.max(1, (span.to - span.from) / width);
  let sensor: string | undefined;
  const buckets = new Map<number, Bucket>();
  for await (const value of values) {
    sensor ??= value.sensor;
    if (value.sensor !== sensor) continue;
    const at = Math.floor((value.time - span.from) / bucket);
    let into = buckets.get(at);
    if (!into) buckets.set(at, (into = new Bucket()));
    into.add(value);
  }
  const rows = [...buckets].sort(([a], [b]) => a - b).map(([, one]) => one);
  return {
    sensor,
    time: rows.map((row) => Math.round(row.time / row.count)),
    low: rows.map((row) => row.low),
    mean: rows.map((row) => row.sum / row.count),
    high: rows.map((row) => row.high),
    flag: rows.map((row) => row.flag),
  };
}

class Bucket {
  count = 0;
  time = 0;
  sum = 0;
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;
  flag = 0;

  add({ time, low, mean, high, flag }: Value): void {
    this.count++;
    this.time += time;
    this.sum += mean;
    this.low = Math.min(this.low, low);
    this.high = Math.max(this.high, high);
    this.flag = Math.max(this.flag, flag);
  }
}

async function* readings(history: History, span: Span): AsyncGenerator<Value> {
  for await (const { sensor, time, value, flag } of history.readings(span))
    yield { sensor, time, low: value, mean: value, high: value, flag };
}

async function* steps(history: History, span: Span): AsyncGenerator<Value> {
  for await (const { sensor, start, length, mean, minimum, maximum, count, flag } of history.steps(span))
    if (count > 0) yield { sensor, time: start + length / 2, low: minimum, mean, high: maximum, flag };
}

/** First-issued forecasts so many steps ahead, at the middle of the step that they are for. */
export interface Foretold {
  readonly horizon: number;
  readonly time: readonly number[];
  readonly median: readonly number[];
  /** Ends of the widest interval that the forecasts have; the median where they are points. */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export async function foretold(history: History, span: Span, horizon: number): Promise<Foretold> {
  const rows: { time: number; median: number; low: number; high: number }[] = [];
  for await (const forecast of history.forecasts(span)) {
    const at = forecast.horizons.indexOf(horizon);
    if (at < 0 || forecast.revision !== 0) continue;
    const values = forecast.values[at]!;
    const median = values[forecast.quantiles.indexOf(0.5)] ?? Number.NaN;
    const time = forecast.issuedAt + (horizon - 0.5) * forecast.step;
    rows.push({ time, median, low: values[0]!, high: values.at(-1)! });
  }
  const column = (name: keyof (typeof rows)[number]) => rows.map((row) => row[name]);
  return {
    horizon,
    time: column('time'),
    median: column('median'),
    low: column('low'),
    high: column('high'),
  };
}
