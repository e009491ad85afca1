import type { OperatorFunction } from 'rxjs';
import type { Numbered } from '../ingest/reading.ts';
import { type Counter, type CounterEvent, note, opened } from './counter.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';

/** Messages of a station never arrived, by the numbers that its gateway gives them. */
export interface Gap {
  readonly kind: 'gap';
  readonly station: string;
  /** The counter of the gateway. */
  readonly stream: string;
  /** `closed`: all came after all. `given-up`: they can't be told any longer. */
  readonly state: 'open' | 'closed' | 'given-up';
  /** The numbers that were missing when it was found, both included. */
  readonly first: number;
  readonly last: number;
  /** How many of them are missing now, and how many of them came with this message. */
  readonly missing: number;
  readonly came: number;
  /** Observation times before and after it, ms since the epoch; NaN where not known. */
  readonly from: number;
  readonly to: number;
  /** Arrival of the message that told. */
  readonly time: number;
}

/** A counter began anew: its gateway was restarted or its number ran over. */
export interface CounterRestart {
  readonly kind: 'counter-restart';
  readonly station: string;
  readonly stream: string;
  readonly before: number;
  readonly number: number;
  readonly time: number;
}

export interface GapsOptions {
  readonly keep?: Keep | undefined;
}

type Counters = Map<string, Counter>;

/** JSON has no NaN and no -Infinity: those times are null. */
const codec: Codec<Counters> = {
  encode: (counters) => Buffer.from(JSON.stringify([...counters])),
  decode: (bytes) =>
    new Map(JSON.parse(Buffer.from(bytes).toString(), (_, value) => (value === null ? Number.NaN : value))),
};

/** Counters of one station that are followed; of more than these nothing is told. */
const mostCounters = 16;

/** Follows the numbers of messages, and tells what never arrived, what came late, and where a counter began anew. */
export function gaps(options: GapsOptions = {}): OperatorFunction<Numbered, Gap | CounterRestart> {
  return operator((emit) => {
    const kept = (options.keep ?? new MemoryKeep()).map('gaps', codec);
    return (numbered) => {
      for (const event of follow(numbered, kept)) emit(told(event, numbered));
    };
  });
}

function follow({ station, stream, number, time }: Numbered, kept: Kept<Counters>): readonly CounterEvent[] {
  const counters = kept.change(station, () => new Map());
  const counter = counters.get(stream);
  if (counter) return note(counter, number, time);
  if (counters.size < mostCounters) counters.set(stream, opened(number, time));
  return [];
}

function told(event: CounterEvent, { station, stream, number, receivedAt }: Numbered): Gap | CounterRestart {
  if (event.kind === 'restart')
    return { kind: 'counter-restart', station, stream, before: event.before, number, time: receivedAt };
  const { state, came, missing, gap } = event;
  const { first, last, from, to } = gap;
  return { kind: 'gap', station, stream, state, first, last, missing, came, from, to, time: receivedAt };
}
