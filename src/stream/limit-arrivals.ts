import type { OperatorFunction } from 'rxjs';
import type { Numbered, Reading, Rejection, RejectionReason } from '../ingest/reading.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { pack, unpack } from './pack.ts';

/** What senders can make us remember and do, however they behave. */
export interface ArrivalLimits {
  /** Values of one station in an hour by the time of receipt; so many may also come at once, as after an outage. */
  readonly rate: number;
  /** Stations that are not listed, where those are accepted. */
  readonly unlisted: number;
  /** Sensors and counters that one station may name. */
  readonly sensors: number;
}

export interface LimitArrivalsOptions extends ArrivalLimits {
  readonly listed: (station: string) => boolean;
  readonly keep?: Keep | undefined;
}

const hour = 3_600_000;

interface Allowance {
  /** Receipt of the newest value, ms. */
  time: number;
  /** Values that may still come now. */
  left: number;
}

const allowanceCodec: Codec<Allowance> = {
  encode: ({ time, left }) => pack([], [time, left]),
  decode: (bytes) => {
    const [time, left] = unpack(bytes).numbers;
    return { time: time!, left: left! };
  },
};

const namesCodec: Codec<string[]> = {
  encode: (names) => pack(names, []),
  decode: (bytes) => unpack(bytes).names,
};

/** Turns readings beyond the limits into rejections, and drops numbers of messages beyond them. All else passes. */
export function limitArrivals<T extends { readonly kind: string }>(
  options: LimitArrivalsOptions,
): OperatorFunction<T | Reading | Numbered, T | Reading | Numbered | Rejection> {
  return operator((emit) => {
    const gate = new Gate(options);
    return (event) => {
      if (event.kind === 'reading') emit(gate.refusal(event as Reading) ?? event);
      else if (event.kind !== 'numbered' || gate.knows(event as Numbered)) emit(event);
    };
  });
}

class Gate {
  readonly #options: LimitArrivalsOptions;
  readonly #allowances: Kept<Allowance>;
  readonly #unlisted: Kept<string[]>;
  readonly #named: Kept<string[]>;

  constructor(options: LimitArrivalsOptions) {
    const { keep = new MemoryKeep() } = options;
    this.#options = options;
    this.#allowances = keep.map('limits/allowances', allowanceCodec);
    this.#unlisted = keep.map('limits/unlisted', namesCodec);
    this.#named = keep.map('limits/named', namesCodec);
  }

  refusal({ station, sensor, receivedAt }: Reading): Rejection | undefined {
    const { unlisted, sensors, rate } = this.#options;
    if (!this.#admits(station))
      return refused(undefined, 'too-many-stations', `${station}: ${unlisted} that are not listed have come`);
    if (!this.#remembers(station, sensor))
      return refused(station, 'too-many-sensors', `${sensor}: the station has named ${sensors} others`);
    if (!this.#allows(station, receivedAt))
      return refused(station, 'too-many-values', `more than ${rate} values of the station in an hour`);
    return undefined;
  }

  /** A `/` is in no name of a sensor. */
  knows({ station, stream }: Numbered): boolean {
    return this.#admits(station) && this.#remembers(station, `/${stream}`);
  }

  #admits(station: string): boolean {
    if (this.#options.listed(station) || this.#unlisted.get(station)) return true;
    if (this.#unlisted.size >= this.#options.unlisted) return false;
    this.#unlisted.change(station, () => []);
    return true;
  }

  #remembers(station: string, name: string): boolean {
    const names = this.#named.get(station);
    if (names?.includes(name)) return true;
    if (names && names.length >= this.#options.sensors) return false;
    this.#named.change(station, () => []).push(name);
    return true;
  }

  /** A bucket that holds `rate` values and fills at that rate. */
  #allows(station: string, receivedAt: number): boolean {
    const { rate } = this.#options;
    const bucket = this.#allowances.change(station, () => ({ time: receivedAt, left: rate }));
    if (receivedAt > bucket.time) {
      bucket.left = Math.min(rate, bucket.left + ((receivedAt - bucket.time) * rate) / hour);
      bucket.time = receivedAt;
    }
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }
}

function refused(station: string | undefined, reason: RejectionReason, detail: string): Rejection {
  return { kind: 'rejection', station, reason, detail, values: 1 };
}
