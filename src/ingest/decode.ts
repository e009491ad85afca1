import type { Format } from './format.ts';
import { parseJson, parseText } from './json-payload.ts';
import { mappedCsv } from './mapped-csv.ts';
import { mappedJson } from './mapped-json.ts';
import type { Message } from './message.ts';
import { nativeJson } from './native-json.ts';
import { judge, type Seen, show, Undecodable, type Vocabulary } from './observation.ts';
import type { Reading, Rejection, RejectionReason } from './reading.ts';
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

/** Pure: the same message gives the same answer. Never throws. */
export type Decode = (message: Message) => (Reading | Rejection)[];

type Read = (payload: Uint8Array, topicStation: string | undefined) => Seen[];

/**
 * Compiles the formats. Each value of a message becomes a reading or a rejection; a message that can't be
 * understood becomes one rejection. A message can also hold no value at all, where all of them are missing.
 *
 * @throws at once for a bad topic pattern, pointer or column.
 */
export function decoder(options: DecoderOptions): Decode {
  const limits = { ...defaultLimits, ...options.limits };
  const formats = options.formats.map((format) => ({
    match: matcher(format.topic),
    read: reader(format, limits),
  }));
  return (message) => {
    try {
      if (message.payload.length > limits.payload)
        return [whole('too-large', `${message.payload.length} bytes, at most ${limits.payload} are read`)];
      const seen = observations(message, formats);
      if (seen.length > limits.values)
        return [whole('too-large', `${seen.length} values, at most ${limits.values} are read`, seen.length)];
      return seen.map((one) => judge(one, message.receivedAt, options));
    } catch (error) {
      const reason = error instanceof Undecodable ? error.reason : 'undecodable';
      return [whole(reason, (error as Error).message)];
    }
  };
}

/** One message, decoded; for many messages compile a `decoder` once. */
export function decode(message: Message, options: DecoderOptions): (Reading | Rejection)[] {
  return decoder(options)(message);
}

function observations(
  { topic, payload }: Message,
  formats: readonly { match: ReturnType<typeof matcher>; read: Read }[],
): Seen[] {
  for (const { match, read } of formats) {
    const names = match(topic);
    if (names) return read(payload, names['station']);
  }
  throw new Undecodable(`no format is configured for the topic ${show(topic)}`, 'unknown-topic');
}

function reader(format: Format, limits: Limits): Read {
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
