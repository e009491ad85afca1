import type { OperatorFunction } from 'rxjs';
import type { Contact, Reading, Tick } from '../ingest/reading.ts';
import { type Condition, type Sign, type StationState, transitions } from './condition.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { pack, unpack } from './pack.ts';
import { learntInterval, noteArrival, type Reporting } from './reporting.ts';
import { Schedule } from './schedule.ts';

export interface WatchdogOptions {
  /** Stations that are waited for, even before their first value. */
  readonly stations: readonly string[];
  /** For whom a gateway speaks; of others the name is the station's own. */
  readonly stationsOf?: ((gateway: string) => readonly string[]) | undefined;
  /** How often a station reports, ms; undefined: it is learnt. */
  readonly reports: (station: string) => number | undefined;
  /** How often a station measures, ms. */
  readonly cadence: (station: string) => number;
  /** Intervals between reports after which a station is late, and silent. */
  readonly late: number;
  readonly silent: number;
  /** Ticks further apart than this, ms, say that we were away: what we could not hear is nobody's silence. */
  readonly away: number;
  readonly keep?: Keep | undefined;
}

interface Watch extends Reporting {
  state: Condition;
  /** When the watch began: nothing could be heard before. */
  watchedFrom: number;
  /** Last sign of life without a value. */
  contactAt: number;
  /** What the gateway's presence says; undefined where it says nothing. */
  online: boolean | undefined;
}

const conditions = Object.keys(transitions) as Condition[];
const presences = [undefined, false, true];

const codec: Codec<Watch> = {
  encode: ({ state, watchedFrom, contactAt, online, begunAt, heardAt, intervals }) =>
    pack(
      [],
      [
        conditions.indexOf(state),
        presences.indexOf(online),
        watchedFrom,
        contactAt,
        begunAt,
        heardAt,
        ...intervals,
      ],
    ),
  decode: (bytes) => {
    const [state, online, watchedFrom, contactAt, begunAt, heardAt, ...intervals] = unpack(bytes).numbers;
    return {
      state: conditions[state!]!,
      online: presences[online!],
      watchedFrom: watchedFrom!,
      contactAt: contactAt!,
      begunAt: begunAt!,
      heardAt: heardAt!,
      intervals,
    };
  },
};

interface Hearing {
  tick: number;
  /** Since when we listen without a break. */
  from: number;
}

const hearingCodec: Codec<Hearing> = {
  encode: ({ tick, from }) => pack([], [tick, from]),
  decode: (bytes) => {
    const [tick, from] = unpack(bytes).numbers;
    return { tick: tick!, from: from! };
  },
};

/** Arrival of the last value; where none came, when the watch began. */
const lastHeard = ({ heardAt, watchedFrom }: Watch) => (heardAt === never ? watchedFrom : heardAt);
const never = Number.NEGATIVE_INFINITY;
const unheard = (watchedFrom: number): Watch => ({
  state: 'late',
  watchedFrom,
  contactAt: never,
  online: undefined,
  begunAt: never,
  heardAt: never,
  intervals: [],
});

/**
 * Emits each change of a station's condition. A station is heard when a value comes that is new and not too late to
 * count; late and silent when reports are missing, by ticks. It is silent, yet connected, where its gateway says so or
 * messages without values come. One that never spoke is silent as long after the watch began.
 */
export function watchdog(options: WatchdogOptions): OperatorFunction<Reading | Contact | Tick, StationState> {
  return operator((emit) => {
    const dog = new Watchdog(options, emit);
    return (event) => {
      if (event.kind === 'tick') dog.tick(event.time);
      else if (event.kind === 'contact') dog.contact(event);
      else if (event.lateOnly) dog.contact({ name: event.station, online: undefined, ...event });
      else if (event.revision !== 'flagged') dog.value(event);
    };
  });
}

class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #emit: (state: StationState) => void;
  readonly #kept: Kept<Watch>;
  readonly #hearing: Kept<Hearing>;
  readonly #schedule = new Schedule((station) => this.#due(station, this.#kept.get(station)!));
  #expected: readonly string[];

  constructor(options: WatchdogOptions, emit: (state: StationState) => void) {
    const { keep = new MemoryKeep(), stations } = options;
    this.#options = options;
    this.#emit = emit;
    this.#kept = keep.map('watchdog', codec);
    this.#hearing = keep.map('watchdog/hearing', hearingCodec);
    for (const [station] of this.#kept.entries()) this.#schedule.note(station);
    this.#expected = stations.filter((station) => !this.#kept.get(station));
  }

  value({ station, receivedAt }: Reading): void {
    const known = this.#kept.get(station);
    if (known?.state === 'heard' && known.heardAt >= receivedAt) return;
    const watch = this.#kept.change(station, () => unheard(receivedAt));
    const last = lastHeard(watch);
    noteArrival(watch, receivedAt, this.#options.cadence(station));
    this.#move(station, watch, 'value', receivedAt, last);
    this.#schedule.note(station);
  }

  contact({ name, online, receivedAt }: Pick<Contact, 'name' | 'online' | 'receivedAt'>): void {
    for (const station of this.#options.stationsOf?.(name) ?? [name]) {
      // A name that no value came from, and that nobody waits for, is not remembered.
      if (!this.#kept.get(station)) continue;
      const watch = this.#kept.change(station, () => unheard(receivedAt));
      if (online === undefined) watch.contactAt = Math.max(watch.contactAt, receivedAt);
      else watch.online = online;
      const connected = this.#connected(station, watch, receivedAt);
      this.#move(station, watch, connected ? 'connected' : 'disconnected', receivedAt);
      this.#schedule.note(station);
    }
  }

  tick(now: number): void {
    const hearing = this.#hearing.change('', () => ({ tick: now, from: never }));
    if (now < hearing.tick) return;
    if (now - hearing.tick > this.#options.away) hearing.from = now;
    hearing.tick = now;
    this.#await(now);
    for (let due = this.#schedule.take(now); due !== undefined; due = this.#schedule.take(now))
      this.#look(due, now);
  }

  /** Stations of the list that have not spoken yet, once. */
  #await(now: number): void {
    for (const station of this.#expected) {
      if (this.#kept.get(station)) continue;
      this.#kept.change(station, () => unheard(now));
      this.#schedule.note(station);
    }
    this.#expected = [];
  }

  #look(station: string, now: number): void {
    const watch = this.#kept.change(station, () => unheard(now));
    this.#move(station, watch, this.#missing(station, watch, now), now);
    this.#schedule.note(station);
  }

  #missing(station: string, watch: Watch, now: number): Sign {
    if (watch.state === 'heard') return 'overdue';
    const connected = this.#connected(station, watch, now);
    if (watch.state === 'late') return connected ? 'lost-connected' : 'lost';
    return connected ? 'connected' : 'disconnected';
  }

  #move(station: string, watch: Watch, sign: Sign, time: number, last = lastHeard(watch)): void {
    const state = transitions[watch.state][sign];
    if (state === undefined) return;
    const before = watch.state;
    watch.state = state;
    const [since, interval] = [lastHeard(watch), this.#interval(station, watch)];
    this.#emit({ kind: 'station', station, state, before, since, last, time, interval });
  }

  /** When the next change of the station comes, if nothing is heard. */
  #due(station: string, watch: Watch): number {
    const { late, silent } = this.#options;
    const interval = this.#interval(station, watch);
    const last = Math.max(watch.heardAt, watch.watchedFrom, this.#hearing.get('')?.from ?? never);
    if (watch.state === 'heard') return last + late * interval + 1;
    if (watch.state === 'late') return last + silent * interval + 1;
    if (watch.state === 'silent' || watch.online) return Infinity;
    return watch.contactAt + late * interval + 1;
  }

  #connected(station: string, watch: Watch, now: number): boolean {
    const patience = this.#options.late * this.#interval(station, watch);
    return watch.online ?? (watch.contactAt > watch.heardAt && now - watch.contactAt <= patience);
  }

  #interval(station: string, watch: Watch): number {
    return this.#options.reports(station) ?? learntInterval(watch, this.#options.cadence(station));
  }
}
