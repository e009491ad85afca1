import type { Format } from './format.ts';
import { parseJson, parseText } from './json-payload.ts';
import { mappedCsv } from './mapped-csv.ts';
import { mappedJson } from './mapped-json.ts';
import type { Message } from './message.ts';
import { nativeJson } from './native-json.ts';
import {
  judge,
  numberedBy,
  type Seen,
  SequenceSeen,
  show,
  Undecodable,
  type Vocabulary,
} from './observation.ts';
import { presenceOf } from './presence.ts';
import type { Contact, Numbered, Reading, Rejection, RejectionReason } from './reading.ts';
import { isName } from './stations.ts';
import { matcher } from './topic.ts';

export interface Limits {
  /** Bytes of a payload. */
  readonly payload: number;
  /** Levels of nesting of JSON. */
  readonly depth: number;
  /** Values in one message. */
  readonly values: number;
}

export const defaultLimits: Limits = { payload: 262_144, depth: 16, values: 10_000 };

export interface DecoderOptions extends Vocabulary {
  readonly formats: readonly Format[];
  readonly limits?: Partial<Limits> | undefined;
}

/** What a message can say. */
export type Decoded = Reading | Rejection | Numbered | Contact;

/** Pure: the same message gives the same answer. Never throws. */
export type Decode = (message: Message) => Decoded[];

type Read = (payload: Uint8Array, topicStation: string | undefined) => Seen[];

interface Place {
  readonly match: ReturnType<typeof matcher>;
  readonly presence: boolean;
  readonly read: Read;
}

/**
 * Compiles the formats. Each value of a message becomes a reading or a rejection; a message that can't be
 * understood becomes one rejection. A message can also hold no value at all, where all of them are missing: then, as
 * where no value is good, it is a sign of life of the station that its topic names.
 *
 * @throws at once for a bad topic pattern, pointer or column.
 */
export function decoder(options: DecoderOptions): Decode {
  const limits = { ...defaultLimits, ...options.limits };
  const places = options.formats.map((format) => ({
    match: matcher(format.topic),
    presence: format.payload === 'presence',
    read: reader(format, limits),
  }));
  const placeOf = remembered((topic: string) => placeFor(topic, places));
  return (message) => {
    const { topic, payload, receivedAt } = message;
    let name: string | undefined;
    try {
      if (payload.length > limits.payload)
        return [whole('too-large', `${payload.length} bytes, at most ${limits.payload} are read`)];
      const { place, names } = placeOf(topic);
      name = names['station'];
      if (place.presence)
        return [{ kind: 'contact', name: name!, online: presenceOf(parseText(payload)), receivedAt }];
      const seen = place.read(payload, name);
      const values = seen.length > limits.values ? countValues(seen) : 0;
      if (values > limits.values)
        return [whole('too-large', `${values} values, at most ${limits.values} are read`, values)];
      return signOfLife(judgeAll(seen, receivedAt, options), name, receivedAt);
    } catch (error) {
      const reason = error instanceof Undecodable ? error.reason : 'undecodable';
      return signOfLife([whole(reason, (error as Error).message)], name, receivedAt);
    }
  };
}

const countValues = (seen: readonly Seen[]) => seen.filter((one) => !(one instanceof SequenceSeen)).length;

function judgeAll(seen: readonly Seen[], receivedAt: number, words: Vocabulary): Decoded[] {
  const found: Decoded[] = [];
  for (const one of seen) {
    const item =
      one instanceof SequenceSeen ? numberedBy(one, receivedAt, words) : judge(one, receivedAt, words);
    if (item) found.push(item);
  }
  return found;
}

function signOfLife(found: Decoded[], name: string | undefined, receivedAt: number): Decoded[] {
  if (name === undefined || !isName(name) || found.some(({ kind }) => kind === 'reading')) return found;
  return [...found, { kind: 'contact', name, online: undefined, receivedAt }];
}

/** One message, decoded; for many messages compile a `decoder` once. */
export function decode(message: Message, options: DecoderOptions): Decoded[] {
  return decoder(options)(message);
}

/** Topics are few, and come all the time; whoever makes up topics must not fill the memory. */
const mostTopics = 100_000;

/** What is remembered is the same string each time, which the maps behind find faster than an equal one. */
function remembered<T>(find: (topic: string) => T): (topic: string) => T {
  const known = new Map<string, T>();
  return (topic) => {
    let found = known.get(topic);
    if (found === undefined) {
      if (known.size >= mostTopics) known.clear();
      known.set(topic, (found = find(topic)));
    }
    return found;
  };
}

function placeFor(topic: string, places: readonly Place[]) {
  for (const place of places) {
    const names = place.match(topic);
    if (names) return { place, names };
  }
  throw new Undecodable(`no format is configured for the topic ${show(topic)}`, 'unknown-topic');
}

function reader(format: Format, limits: Limits): Read {
  if (format.payload === 'presence') return () => [];
  if (format.payload === 'native')
    return (payload, station) => nativeJson(parseJson(payload, limits.depth), station);
  if (format.payload === 'mapped') {
    const read = mappedJson(format.mapping);
    return (payload, station) => read(parseJson(payload, limits.depth), station);
  }
  const read = mappedCsv(format.mapping);
  return (payload, station) => read(parseText(payload), station);
}

const whole = (reason: RejectionReason, detail: string, values = 1): Rejection => ({
  kind: 'rejection',
  station: undefined,
  reason,
  detail,
  values,
});
