import type { AlertState, AlertTransition, Evidence } from '../alerts/alert.ts';
import type { Flag, Reading } from '../ingest/reading.ts';
import type { Forecast, Maker } from '../model/forecast.ts';
import { timeOf, type Verification } from '../model/online/verification.ts';
import type { Step } from '../stream/step.ts';
import { type Line, reasonAgainst } from './line-protocol.ts';
import type { Stored } from './store.ts';
import { isWhole } from './whole-row.ts';

/**
 * How points lie in InfluxDB; docs of each measurement are with its function. Tags are what identifies a point, and
 * InfluxDB keeps one index entry in memory for each combination, so nothing that grows with time may be a tag.
 *
 * A point written again replaces field by field: a field left out keeps its old value. So every field is always
 * written, but for the statistics of an empty step, which are meaningless by `count` = 0.
 */
export function linesOf(point: Stored): Line[] {
  switch (point.kind) {
    case 'reading':
      return [readingLine(point)];
    case 'step':
      return [stepLine(point)];
    case 'forecast':
      return point.horizons.map((_, at) => forecastLine(point, at));
    case 'verification':
      return [verificationLine(point)];
    case 'alert':
      return [alertLine(point)];
  }
}

/** Why no store takes this point, or undefined. Both stores ask this, so that they hold the same points. */
export function refusalOf(point: Stored, lines: readonly Line[] = linesOf(point)): string | undefined {
  if (point.kind === 'forecast') {
    const reason = reasonAgainstForecast(point);
    if (reason) return reason;
  }
  for (const line of lines) {
    const reason = reasonAgainst(line);
    if (reason) return `${line.measurement}: ${reason}`;
  }
  return undefined;
}

/** A row of a measurement as InfluxDB gives it back: tags and fields by name, and the time in ms. */
export type Row = Readonly<Record<string, unknown>> & { readonly time: number };

/** `reading`: tags station, sensor, variable; time of observation. */
export function readingLine(reading: Reading): Line {
  const { station, sensor, variable, time, value, flag, receivedAt, failed, revision, lateOnly } = reading;
  return {
    measurement: 'reading',
    tags: { sensor, station, variable },
    floats: { value },
    integers: { flag, receivedAt },
    texts: { failed: failed.join(), revision },
    booleans: { lateOnly },
    time,
  };
}

export function readingOf(row: Row): Reading {
  const failed = row['failed'] as string;
  return {
    kind: 'reading',
    station: row['station'] as string,
    sensor: row['sensor'] as string,
    variable: row['variable'] as string,
    time: row.time,
    value: row['value'] as number,
    receivedAt: row['receivedAt'] as number,
    flag: row['flag'] as Flag,
    failed: failed === '' ? [] : failed.split(','),
    revision: row['revision'] as Reading['revision'],
    lateOnly: row['lateOnly'] as boolean,
  };
}

/**
 * `step`: tags station, sensor, variable; time of its start. Where a revision emptied a step, the statistics of the
 * one before remain: queries must ask for `count > 0`.
 */
function stepLine(step: Step): Line {
  const { station, sensor, variable, start, count, coverage, flag, length, revision } = step;
  const { mean, minimum, maximum, deviation } = step;
  return {
    measurement: 'step',
    tags: { sensor, station, variable },
    floats: count === 0 ? { coverage } : { coverage, mean, minimum, maximum, deviation },
    integers: { count, flag, length, revision },
    time: start,
  };
}

export function stepOf(row: Row): Step {
  const count = row['count'] as number;
  const statistic = (name: string) => (count === 0 ? Number.NaN : (row[name] as number));
  return {
    kind: 'step',
    station: row['station'] as string,
    sensor: row['sensor'] as string,
    variable: row['variable'] as string,
    start: row.time,
    length: row['length'] as number,
    mean: statistic('mean'),
    count,
    minimum: statistic('minimum'),
    maximum: statistic('maximum'),
    deviation: statistic('deviation'),
    coverage: row['coverage'] as number,
    flag: row['flag'] as Flag,
    revision: row['revision'] as number,
  };
}

/**
 * `forecast`: one line for each horizon, at the START of the step it is for, so that it lies over the `step` it
 * foretells. Tags station, variable, horizon, revision, step (ms): with the time they give the issue time, so no
 * forecast can overwrite another. A field for each quantile, q50 for the median. `maker` and `makerNetwork` say which
 * model made this horizon; they differ from `model` and `network` where the model in service chooses among others.
 * `verified`, `skill` and `coverage` are its record at the time of issue; skill and coverage mean nothing by `verified`
 * = 0.
 */
function forecastLine(forecast: Forecast, at: number): Line {
  const { station, variable, revision, step, issuedAt, model, network, quantiles, values, record } = forecast;
  const horizon = forecast.horizons[at]!;
  const maker = forecast.makers?.[at] ?? { model, network };
  const floats = quantiles.map((level, place) => [quantileField(level), values[at]?.[place] ?? Number.NaN]);
  return {
    measurement: 'forecast',
    tags: { horizon: `${horizon}`, revision: `${revision}`, station, step: `${step}`, variable },
    floats: {
      ...Object.fromEntries(floats),
      ...present({ skill: record?.skill, coverage: record?.coverage }),
    },
    integers: { issuedAt, verified: record?.verified ?? 0 },
    texts: { model, network, maker: maker.model, makerNetwork: maker.network },
    time: issuedAt + (horizon - 1) * step,
  };
}

/** Of a forecast that was stored before networks were. */
export const unnamed = 'unnamed';

const present = (fields: Readonly<Record<string, number | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, number] => field[1] !== undefined),
  );

function reasonAgainstForecast({
  horizons,
  quantiles,
  values,
  revision,
  step,
  makers,
}: Forecast): string | undefined {
  if (horizons.length === 0 || quantiles.length === 0) return 'forecast: it has no horizons or no quantiles';
  if (!horizons.every((horizon, at) => Number.isSafeInteger(horizon) && horizon > (horizons[at - 1] ?? 0)))
    return `forecast: horizons ${horizons} are not whole numbers from 1 on that rise`;
  if (!quantiles.every((level, at) => /^0\.\d{1,6}$/.test(`${level}`) && level > (quantiles[at - 1] ?? 0)))
    return `forecast: quantiles ${quantiles} are not levels between 0 and 1, of 6 decimals at most, that rise`;
  if (!(Number.isSafeInteger(step) && step > 0 && Number.isSafeInteger(revision) && revision >= 0))
    return `forecast: step ${step} or revision ${revision} is not a whole number`;
  if (makers && makers.length !== horizons.length) return 'forecast: makers do not fit horizons';
  const fits = values.length === horizons.length && values.every((row) => row.length === quantiles.length);
  return fits ? undefined : 'forecast: values do not fit horizons and quantiles';
}

/** Moves the decimal point in the text: 0.29 * 100 is 28.999999999999996. */
const quantileField = (level: number) => `q${Number(`${level}e2`)}`;
const quantileOf = (field: string) => Number(`${field.slice(1)}e-2`);
const isQuantile = (name: string) => /^q[\d.]+$/.test(name);

/**
 * Rows of one station and variable become forecasts, in order of issue time and revision. One that is being written
 * may lack horizons.
 */
export function forecastsOf(rows: readonly Row[]): Forecast[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows.filter((row) => isWhole('forecast', row))) {
    const key = `${row['issuedAt']} ${row['revision']} ${row['step']}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()]
    .filter(alike)
    .map(forecastOf)
    .sort((a, b) => a.issuedAt - b.issuedAt || a.revision - b.revision);
}

/** With the same quantiles. */
function alike(rows: readonly Row[]): boolean {
  const levels = new Set(
    rows.map((row) =>
      Object.keys(row)
        .filter((name) => isQuantile(name) && row[name] !== null)
        .sort()
        .join(),
    ),
  );
  return levels.size === 1;
}

function forecastOf(rows: readonly Row[]): Forecast {
  const sorted = rows.toSorted((a, b) => Number(a['horizon']) - Number(b['horizon']));
  const [first] = sorted as [Row, ...Row[]];
  const fields = Object.keys(first)
    .filter((name) => isQuantile(name) && first[name] !== null)
    .sort((a, b) => quantileOf(a) - quantileOf(b));
  return {
    kind: 'forecast',
    station: first['station'] as string,
    variable: first['variable'] as string,
    issuedAt: first['issuedAt'] as number,
    revision: Number(first['revision']),
    ...named(first),
    ...makersOf(sorted, named(first)),
    ...recordOf(first),
    step: Number(first['step']),
    horizons: sorted.map((row) => Number(row['horizon'])),
    quantiles: fields.map(quantileOf),
    values: sorted.map((row) => fields.map((field) => row[field] as number)),
  };
}

const named = (row: Row): Maker => ({
  model: row['model'] as string,
  network: (row['network'] as string | null | undefined) ?? unnamed,
});

function makersOf(rows: readonly Row[], own: Maker): Pick<Forecast, 'makers'> {
  const makers = rows.map((row) => ({
    model: (row['maker'] as string | null | undefined) ?? own.model,
    network: (row['makerNetwork'] as string | null | undefined) ?? own.network,
  }));
  return makers.some(({ model }) => model !== own.model) ? { makers } : {};
}

function recordOf(row: Row): Pick<Forecast, 'record'> {
  const verified = row['verified'] as number | null | undefined;
  if (!verified) return {};
  const { skill, coverage } = row as { readonly skill?: number | null; readonly coverage?: number | null };
  return { record: { verified, ...present({ skill: skill ?? undefined, coverage: coverage ?? undefined }) } };
}

/**
 * `verification`: one horizon of a first-issued forecast beside what was measured, at the start of its step. Tags as of
 * `forecast`. `within` is 1 where the 80 % interval held, 0 where not, -1 where there was none; `verified`, `skill`,
 * `skillOverClimatology`, `coverage`, `bias` and `drift` are rolling, up to and with this one.
 * `censored`: `measured` stood at its sensor's ceiling.
 */
function verificationLine(point: Verification): Line {
  const { station, variable, horizon, step, issuedAt, model, network, within, verified, ...rest } = point;
  const { forecast, measured, persistence, censored = false, skill, coverage, bias, drift } = rest;
  const { climatology, skillOverClimatology } = rest;
  return {
    measurement: 'verification',
    tags: { horizon: `${horizon}`, station, step: `${step}`, variable },
    floats: {
      bias,
      drift,
      forecast,
      measured,
      persistence,
      ...present({ climatology, coverage, skill, skillOverClimatology }),
    },
    integers: { issuedAt, verified, within: within === undefined ? -1 : Number(within) },
    texts: { model, network },
    booleans: { censored },
    time: timeOf(point),
  };
}

export function verificationOf(row: Row): Verification {
  const number = (name: string) => row[name] as number;
  const known = (name: string) => (row[name] as number | null | undefined) ?? undefined;
  return {
    kind: 'verification',
    station: row['station'] as string,
    variable: row['variable'] as string,
    issuedAt: number('issuedAt'),
    horizon: Number(row['horizon']),
    step: Number(row['step']),
    model: row['model'] as string,
    network: row['network'] as string,
    forecast: number('forecast'),
    measured: number('measured'),
    persistence: number('persistence'),
    ...present({ climatology: known('climatology') }),
    ...(row['censored'] === true && { censored: true }),
    ...(number('within') >= 0 && { within: number('within') === 1 }),
    verified: number('verified'),
    ...present({
      skill: known('skill'),
      skillOverClimatology: known('skillOverClimatology'),
      coverage: known('coverage'),
    }),
    bias: number('bias'),
    drift: number('drift'),
  };
}

/**
 * `alert`: tags rule, area, station, severity, mode, variable, and the state it goes `to`. Transitions of an alert never
 * share a time, so its sequence need not be a tag. `evidence` is JSON; its value is a field of its own, to be drawn.
 */
function alertLine(transition: AlertTransition): Line {
  const { rule, area, station, severity, mode, to, onset, sequence, evidence, time } = transition;
  const { id, from, cause, reason, author = '', note = '', quiet = '' } = transition;
  const [stations, more] = [transition.stations, transition.more].map((list) => JSON.stringify(list));
  return {
    measurement: 'alert',
    tags: { rule, area, severity, station, mode, to, variable: evidence.variable },
    floats: { value: evidence.value },
    integers: { onset, sequence },
    texts: {
      id,
      from,
      cause,
      reason,
      evidence: JSON.stringify(evidence),
      stations: stations!,
      more: more!,
      author,
      note,
      quiet,
    },
    time,
  };
}

export function alertOf(row: Row): AlertTransition {
  const text = (name: string) => (row[name] ? { [name]: row[name] as string } : {});
  return {
    kind: 'alert',
    id: row['id'] as string,
    rule: row['rule'] as string,
    area: row['area'] as string,
    station: row['station'] as string,
    stations: JSON.parse(row['stations'] as string) as string[],
    onset: row['onset'] as number,
    from: row['from'] as AlertState,
    to: row['to'] as AlertState,
    sequence: row['sequence'] as number,
    time: row.time,
    cause: row['cause'] as AlertTransition['cause'],
    reason: row['reason'] as string,
    severity: row['severity'] as AlertTransition['severity'],
    evidence: JSON.parse(row['evidence'] as string) as Evidence,
    more: JSON.parse(row['more'] as string) as Evidence[],
    ...text('author'),
    ...text('note'),
    mode: row['mode'] as AlertTransition['mode'],
    ...text('quiet'),
  };
}
