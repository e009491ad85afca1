import type { OperatorFunction } from 'rxjs';
import type { Tick } from '../ingest/reading.ts';
import type { StationState } from './condition.ts';
import type { Gap } from './gaps.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { Schedule } from './schedule.ts';

export interface BackfillOptions {
  /** What comes out of order is waited for so long, ms. */
  readonly wait: number;
  /** From one request for a gap to the next, ms; twice as long each time. A station is asked no more often than a quarter of it. */
  readonly retry: number;
  /** Requests for one gap. */
  readonly attempts: number;
  readonly keep?: Keep | undefined;
}

/** A gateway is asked to send again what never arrived. */
export interface BackfillRequest {
  readonly kind: 'backfill';
  readonly station: string;
  /** Observation times, ms since the epoch, around what is missing; null where not known. */
  readonly from: number | null;
  readonly to: number | null;
  /** The numbers that are missing, where the gateway gives any. */
  readonly sequence?: { readonly stream: string; readonly first: number; readonly last: number };
  /** 1 for the first request for this gap. */
  readonly attempt: number;
  readonly time: number;
}

interface Want {
  readonly key: string;
  readonly request: Pick<BackfillRequest, 'from' | 'to' | 'sequence'>;
  attempts: number;
  due: number;
}

interface Wants {
  /** When the station may be asked again. */
  notBefore: number;
  list: Want[];
}

const codec: Codec<Wants> = {
  encode: (wants) => Buffer.from(JSON.stringify(wants)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
};

/** Gaps of one station that are asked for at a time; of more the oldest goes. */
const most = 32;
const known = (time: number) => (Number.isFinite(time) ? time : null);

/**
 * Asks for what never arrived: by number until it has come or has been asked for often enough, and once, by time, for
 * a silence that is over. It is ticks that make it ask.
 */
export function backfill(
  options: BackfillOptions,
): OperatorFunction<Gap | StationState | Tick, BackfillRequest> {
  return operator((emit) => {
    const asking = new Asking(options, emit);
    return (item) => {
      if (item.kind === 'tick') asking.ask(item.time);
      else if (item.kind === 'gap') asking.gap(item);
      else asking.condition(item);
    };
  });
}

class Asking {
  readonly #options: BackfillOptions;
  readonly #emit: (request: BackfillRequest) => void;
  readonly #kept: Kept<Wants>;
  readonly #schedule = new Schedule((station) => this.#due(station));

  constructor(options: BackfillOptions, emit: (request: BackfillRequest) => void) {
    this.#options = options;
    this.#emit = emit;
    this.#kept = (options.keep ?? new MemoryKeep()).map('backfill', codec);
    for (const [station] of this.#kept.entries()) this.#schedule.note(station);
  }

  gap({ station, stream, state, first, last, from, to, came, time }: Gap): void {
    const key = `${first} ${stream}`;
    if (state !== 'open') this.#drop(station, key);
    else if (came === 0) {
      const sequence = { stream, first, last };
      this.#add(station, { key, request: { from: known(from), to: known(to), sequence } }, time);
    }
  }

  /** A silence that is over; where the gateway numbers its messages, the same gap may be asked for by number too. */
  condition({ station, state, before, last, since, time }: StationState): void {
    if (state !== 'heard' || before === 'late' || since <= last) return;
    this.#drop(station, 'silence');
    this.#add(station, { key: 'silence', request: { from: last, to: since } }, time);
  }

  ask(now: number): void {
    for (let next = this.#schedule.take(now); next !== undefined; next = this.#schedule.take(now)) {
      this.#request(next, now);
      this.#schedule.note(next);
    }
  }

  #request(station: string, now: number): void {
    const { retry, attempts } = this.#options;
    const wants = this.#kept.change(station, nothing);
    const want = wants.list.reduce((a, b) => (b.due < a.due ? b : a));
    want.attempts++;
    want.due = now + retry * 2 ** (want.attempts - 1);
    wants.notBefore = now + retry / 4;
    const enough = want.attempts >= (want.request.sequence ? attempts : 1);
    if (enough) wants.list = wants.list.filter((one) => one !== want);
    this.#emit({ kind: 'backfill', station, ...want.request, attempt: want.attempts, time: now });
  }

  #add(station: string, want: Pick<Want, 'key' | 'request'>, time: number): void {
    const wants = this.#kept.change(station, nothing);
    wants.list = [...wants.list, { ...want, attempts: 0, due: time + this.#options.wait }].slice(-most);
    this.#schedule.note(station);
  }

  #drop(station: string, key: string): void {
    if (!this.#kept.get(station)?.list.some((want) => want.key === key)) return;
    const wants = this.#kept.change(station, nothing);
    wants.list = wants.list.filter((want) => want.key !== key);
  }

  #due(station: string): number {
    const { list, notBefore } = this.#kept.get(station)!;
    return list.reduce((first, { due }) => Math.min(first, Math.max(due, notBefore)), Infinity);
  }
}

const nothing = (): Wants => ({ notBefore: 0, list: [] });
