import { Flag, type Numbered, type Reading, type Rejection, type RejectionReason } from './reading.ts';
import { isName, type Relation, type StationCatalog } from './stations.ts';
import { conversion } from './unit.ts';

/** One value as a payload states it, before anything of it is believed. */
export interface Observation {
  readonly station: unknown;
  readonly variable: string;
  readonly sensor: unknown;
  /** ms since the epoch; undefined where `statedTime` is no time. */
  readonly time: number | undefined;
  readonly statedTime: unknown;
  readonly value: unknown;
  readonly unit: unknown;
  /** The place in the payload, for messages: `/values/chlorophyll`, `column chl`. */
  readonly at: string;
  /** Whether text such as "3.2" may stand for a number. */
  readonly textNumbers: boolean;
}

/** A payload, or a record of it, can't be understood. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable';
  readonly reason: RejectionReason;
  constructor(detail: string, reason: RejectionReason = 'undecodable') {
    super(detail);
    this.reason = reason;
  }
}

/** The gateway's own number of a message, or of a record in it. */
export class SequenceSeen {
  readonly station: unknown;
  /** The counter that it is of; empty where the gateway has but one. */
  readonly stream: string;
  readonly number: number;
  /** Newest observation time of what has the number; undefined where it has none. */
  readonly time: number | undefined;

  constructor(station: unknown, stream: string, number: number, time: number | undefined) {
    this.station = station;
    this.stream = stream;
    this.number = number;
    this.time = time;
  }
}

/** What a decoder finds: values, the numbers of messages, and parts of the payload that it can't understand. */
export type Seen = Observation | SequenceSeen | Undecodable;

/** One bad record does not take the others of its payload with it. */
export function salvage(read: () => Seen[]): Seen[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof Undecodable) return [error];
    throw error;
  }
}

export interface Vocabulary {
  readonly stations: StationCatalog;
  /** The table of variables; values of readings are in these units. */
  readonly variables: Readonly<Record<string, { readonly unit: string }>>;
}

type Answer<T> = { readonly ok: T } | { readonly reason: RejectionReason; readonly detail: string };

const none: readonly string[] = [];
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The reading that an observation makes, or why it makes none. Checks station, variable, time, value and unit. */
export function judge(
  seen: Observation | Undecodable,
  receivedAt: number,
  words: Vocabulary,
): Reading | Rejection {
  if (seen instanceof Undecodable) return rejection({ reason: seen.reason, detail: seen.message }, undefined);
  const station = stationOf(seen, words.stations);
  if ('reason' in station) return rejection(station, undefined);
  const checked = check(seen, station.ok, words);
  if ('reason' in checked) return rejection(checked, station.ok);
  const { time, value, sensor } = checked.ok;
  return {
    kind: 'reading',
    station: station.ok,
    sensor,
    variable: seen.variable,
    time,
    value,
    receivedAt,
    flag: Flag.notEvaluated,
    failed: none,
    revision: 'first',
    lateOnly: false,
  };
}

/** The number of a message of a station that counts; undefined of another one, whose values are refused anyway. */
export function numberedBy(
  { station, stream, number, time = Number.NaN }: SequenceSeen,
  receivedAt: number,
  { stations }: Vocabulary,
): Numbered | undefined {
  if (!isName(station) || !(stations.has(station) || stations.unknown === 'accept')) return undefined;
  return { kind: 'numbered', station, stream, number, time, receivedAt };
}

function check(seen: Observation, station: string, { variables, stations }: Vocabulary) {
  const { variable, time } = seen;
  const at = placeOf(seen);
  if (!Object.hasOwn(variables, variable))
    return no('unknown-variable', `${at}: ${show(variable)} is not in the table of variables`);
  if (time === undefined) return no('bad-time', `${at}: ${show(seen.statedTime)} is no time with a zone`);
  if (seen.sensor !== undefined && !isName(seen.sensor))
    return no('bad-value', `${at}: ${show(seen.sensor)} cannot name a sensor`);
  const sensor = stations.sensorFor(station, variable, seen.sensor);
  const unit = seen.unit ?? stations.unitOf(station, variable, sensor);
  const relation = stations.relationOf(station, variable, sensor);
  const value = numberOf(seen, unit, variables[variable]!.unit, relation);
  return 'reason' in value ? value : { ok: { time, value: value.ok, sensor } };
}

function stationOf(seen: Observation, catalog: StationCatalog): Answer<string> {
  const { station } = seen;
  const at = placeOf(seen);
  if (station === undefined || station === null) return no('unknown-station', `${at}: no station is named`);
  const listed = typeof station === 'string' ? catalog.listed(station) : undefined;
  if (listed !== undefined) return { ok: listed };
  if (!isName(station)) return no('unknown-station', `${at}: ${show(station)} cannot name a station`);
  if (catalog.unknown === 'accept') return { ok: station };
  return no('unknown-station', `${at}: ${show(station)} is not in the list of stations`);
}

function numberOf(
  seen: Observation,
  unit: unknown,
  target: string,
  relation: Relation | undefined,
): Answer<number> {
  const { value, variable, textNumbers } = seen;
  const at = placeOf(seen);
  const number =
    textNumbers && typeof value === 'string' && decimal.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    return no('bad-value', `${at}: ${show(value)} is not a finite decimal number`);
  if (unit === undefined || unit === target) return { ok: number };
  const convert = typeof unit === 'string' ? converter(unit, target, variable, relation) : undefined;
  if (!convert) return no('bad-unit', `${at}: cannot convert ${show(unit)} to ${target}`);
  const converted = convert(number);
  if (Number.isFinite(converted)) return { ok: converted };
  return no('bad-value', `${at}: ${show(value)} in ${show(unit)} is out of range`);
}

/** What physics says, else the relation of the sensor. */
function converter(unit: string, target: string, variable: string, relation: Relation | undefined) {
  const direct = conversion(unit, target, variable);
  if (direct || !relation) return direct;
  const own = conversion(unit, relation.from, variable);
  return own && ((value: number) => relation.slope * own(value) + relation.intercept);
}

const placeOf = ({ at }: Observation) => at || 'payload';
const no = (reason: RejectionReason, detail: string) => ({ reason, detail });

function rejection(why: { reason: RejectionReason; detail: string }, station: string | undefined): Rejection {
  return { kind: 'rejection', station, reason: why.reason, detail: why.detail, values: 1 };
}

/** An offending value for a message, at most 60 characters of it. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : plain(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
