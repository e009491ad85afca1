import { isObject, type JsonObject, member } from './json-payload.ts';
import { type Seen, salvage, show, Undecodable } from './observation.ts';
import { observationTime } from './observation-time.ts';
import { numbered } from './sequence.ts';

/** What holds for all values below it unless they say otherwise. */
interface Context {
  readonly station: unknown;
  readonly sensor: unknown;
  readonly time: number | undefined;
  readonly statedTime: unknown;
  readonly at: string;
}

/**
 * Redtide's own JSON, docs/payload.md: a record, an array of records, or an object with `readings`. A record has
 * a time and either `variable` and `value` or `values`.
 *
 * @throws {Undecodable} where no record can be told.
 */
export function nativeJson(body: unknown, topicStation: string | undefined): Seen[] {
  const top: Context = {
    station: topicStation,
    sensor: undefined,
    time: undefined,
    statedTime: undefined,
    at: '',
  };
  return inAny(body, top);
}

function inAny(body: unknown, context: Context): Seen[] {
  if (Array.isArray(body))
    return body.flatMap((record, at) => salvage(() => inRecord(record, context, `/${at}`)));
  if (!isObject(body)) throw new Undecodable(`${show(body)}: expected an object or an array of objects`);
  const batch = member(body, 'readings');
  if (batch === undefined) return inRecord(body, context, '');
  if (!Array.isArray(batch)) throw new Undecodable(`/readings: ${show(batch)} is not an array`);
  const shared = narrowed(body, context, '');
  return underNumber(
    body,
    shared,
    batch.flatMap((record, at) => salvage(() => inRecord(record, shared, `/readings/${at}`))),
  );
}

function inRecord(record: unknown, outer: Context, at: string): Seen[] {
  if (!isObject(record)) throw new Undecodable(`${at}: ${show(record)} is not an object`);
  const context = narrowed(record, outer, at);
  return underNumber(record, context, valuesOf(record, context, at));
}

function valuesOf(record: JsonObject, context: Context, at: string): Seen[] {
  const values = member(record, 'values');
  if (values === undefined) return observed(record, member(record, 'variable'), context, at);
  if (Array.isArray(values))
    return values.flatMap((value, index) => salvage(() => inList(value, context, `${at}/values/${index}`)));
  if (!isObject(values)) throw new Undecodable(`${at}/values: ${show(values)} is not an object or array`);
  const seen: Seen[] = [];
  for (const variable of Object.keys(values)) {
    const value = values[variable];
    const place = `${at}/values/${variable}`;
    if (isObject(value)) seen.push(...observed(value, variable, context, place));
    else if (value !== null) seen.push(observation(value, variable, context, place));
  }
  return seen;
}

function inList(entry: unknown, context: Context, at: string): Seen[] {
  if (!isObject(entry)) throw new Undecodable(`${at}: ${show(entry)} is not an object`);
  return observed(entry, member(entry, 'variable'), narrowed(entry, context, at), at);
}

function underNumber(record: JsonObject, { station, at }: Context, seen: Seen[]): Seen[] {
  const sequence = member(record, 'sequence');
  return numbered({ station, sequence, stream: member(record, 'stream'), at }, seen);
}

/** `null` says that there is no value: neither a reading nor a rejection. */
function observed(entry: JsonObject, variable: unknown, context: Context, at: string): Seen[] {
  if (typeof variable !== 'string') throw new Undecodable(`${at}: has neither a variable nor values`);
  const value = member(entry, 'value');
  if (value === null) return [];
  const sensor = member(entry, 'sensor') ?? context.sensor;
  return [observation(value, variable, { ...context, sensor }, at, member(entry, 'unit') ?? undefined)];
}

function observation(
  value: unknown,
  variable: string,
  { station, sensor, time, statedTime }: Context,
  at: string,
  unit?: unknown,
): Seen {
  return { station, variable, sensor, time, statedTime, value, unit, at, textNumbers: false };
}

function narrowed(record: JsonObject, outer: Context, at: string): Context {
  const stated = member(record, 'time');
  return {
    station: stationIn(record, outer, at),
    sensor: member(record, 'sensor') ?? outer.sensor,
    time: stated === undefined ? outer.time : observationTime(stated),
    statedTime: stated === undefined ? outer.statedTime : stated,
    at,
  };
}

/** A broker's access rules guard topics, so a payload cannot name another station than its topic does. */
function stationIn(record: JsonObject, outer: Context, at: string): unknown {
  const stated = member(record, 'station') ?? undefined;
  if (stated === undefined) return outer.station;
  if (outer.station !== undefined && outer.station !== stated)
    throw new Undecodable(
      `${at}/station: ${show(stated)}, but the topic or the batch says ${show(outer.station)}`,
      'unknown-station',
    );
  return stated;
}
