import type { OperatorFunction } from 'rxjs';
import type { Contact, Reading, Tick } from '../ingest/reading.ts';
import { type Condition, type Sign, type StationState, transitions } from './condition.ts';
import { DueQueue } from './due-queue.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { pack, unpack } from './pack.ts';
import { learntInterval, noteArrival, type Reporting } from './reporting.ts';

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
  readonly #queue = new DueQueue();
  /** When each station is looked at; the queue may hold older entries, which are passed over. */
  readonly #looks = new Map<string, number>();
  #expected: readonly string[];

  constructor(options: WatchdogOptions, emit: (state: StationState) => void) {
    const { keep = new MemoryKeep(), stations } = options;
    this.#options = options;
    this.#emit = emit;
    this.#kept = keep.map('watchdog', codec);
    this.#hearing = keep.map('watchdog/hearing', hearingCodec);
    for (const [station, watch] of this.#kept.entries()) this.#schedule(station, watch);
    this.#expected = stations.filter((station) => !this.#kept.get(station));
  }

  value({ station, receivedAt }: Reading): void {
    const known = this.#kept.get(station);
    if (known?.state === 'heard' && known.heardAt >= receivedAt) return;
    const watch = this.#kept.change(station, () => unheard(receivedAt));
    noteArrival(watch, receivedAt, this.#options.cadence(station));
    this.#move(station, watch, 'value', receivedAt);
    this.#schedule(station, watch);
  }

  contact({ name, online, receivedAt }: Pick<Contact, 'name' | 'online' | 'receivedAt'>): void {
    for (const station of this.#options.stationsOf?.(name) ?? [name]) {
      // A name that no value came from, and that nobody waits for, is not remembered.
      if (!this.#kept.get(station)) continue;
      const watch = this.#kept.change(station, () => unheard(receivedAt));
      if (online === undefined) watch.contactAt = Math.max(watch.contactAt, receivedAt);
      else watch.online = online;
      this.#move(
        station,
        watch,
        this.#connected(station, watch, receivedAt) ? 'connected' : 'disconnected',
        receivedAt,
      );
      this.#schedule(station, watch);
    }
  }

  tick(now: number): void {
    const hearing = this.#hearing.change('', () => ({ tick: now, from: never }));
    if (now < hearing.tick) return;
    if (now - hearing.tick > this.#options.away) hearing.from = now;
    hearing.tick = now;
    for (const station of this.#expected) {
      const known = this.#kept.get(station);
      if (!known)
        this.#schedule(
          station,
          this.#kept.change(station, () => unheard(now)),
        );
    }
    this.#expected = [];
    while (this.#queue.next <= now) {
      const due = this.#queue.next;
      const station = this.#queue.pop()!;
      if (this.#looks.get(station) === due) this.#look(station, due, now);
    }
  }

  /** What is due later by now is put back, so that all are looked at in the order in which they are due. */
  #look(station: string, due: number, now: number): void {
    this.#looks.delete(station);
    const watch = this.#kept.get(station)!;
    if (this.#due(station, watch) <= due) {
      const connected = this.#connected(station, watch, now);
      const changed = this.#kept.change(station, () => watch);
      if (watch.state === 'heard') this.#move(station, changed, 'overdue', now);
      else if (watch.state === 'late')
        this.#move(station, changed, connected ? 'lost-connected' : 'lost', now);
      else if (!connected) this.#move(station, changed, 'disconnected', now);
    }
    this.#schedule(station, watch);
  }

  #move(station: string, watch: Watch, sign: Sign, time: number): void {
    const state = transitions[watch.state][sign];
    if (state === undefined) return;
    const before = watch.state;
    watch.state = state;
    const since = watch.heardAt === never ? watch.watchedFrom : watch.heardAt;
    const interval = this.#interval(station, watch);
    this.#emit({ kind: 'station', station, state, before, since, time, interval });
  }

  #schedule(station: string, watch: Watch): void {
    const due = this.#due(station, watch);
    if (due === Infinity || due >= (this.#looks.get(station) ?? Infinity)) return;
    this.#looks.set(station, due);
    this.#queue.push(station, due);
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
