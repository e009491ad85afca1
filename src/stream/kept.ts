/** How the state of one station becomes bytes and comes back. */
export interface Codec<S> {
  encode(state: S): Uint8Array;
  decode(bytes: Uint8Array): S;
}

/**
 * What an operator remembers, by station. It knows which stations changed since the last checkpoint, so that only
 * they are written. Restored stations stay bytes until they are asked for.
 */
export class Kept<S> {
  readonly #codec: Codec<S>;
  readonly #states = new Map<string, Entry<S>>();
  readonly #restored: Map<string, Uint8Array>;
  /** Entries that changed, each once. */
  #dirty: Entry<S>[] = [];
  readonly #deleted = new Set<string>();
  /** The entry asked for last: the values of a message are of one station, and a map of many lies in no cache. */
  #last: Entry<S> | undefined;

  constructor(codec: Codec<S>, restored: Iterable<readonly [string, Uint8Array]> = []) {
    this.#codec = codec;
    this.#restored = new Map(restored);
  }

  get size(): number {
    return this.#states.size + this.#restored.size;
  }

  /** To look at; what is changed in place must come from `change`. */
  get(station: string): S | undefined {
    return this.#entry(station)?.state;
  }

  /** The state of a station, to be changed in place; made by `create` where there is none. */
  change(station: string, create: () => S): S {
    const entry = this.#entry(station) ?? this.#add(station, create());
    if (!entry.dirty) {
      entry.dirty = true;
      this.#dirty.push(entry);
    }
    return entry.state;
  }

  delete(station: string): void {
    const known = this.#states.get(station);
    if (known) this.#dirty = this.#dirty.filter((entry) => entry !== known);
    this.#states.delete(station);
    this.#last = undefined;
    if (this.#restored.delete(station) || known) this.#deleted.add(station);
  }

  *entries(): IterableIterator<[string, S]> {
    for (const station of [...this.#restored.keys()]) this.#thaw(station);
    for (const { station, state } of this.#states.values()) yield [station, state];
  }

  /** Stations that changed since the last call, encoded; undefined where the station was deleted. */
  takeDirty(): [station: string, state: Uint8Array | undefined][] {
    const dirty: [string, Uint8Array | undefined][] = [];
    for (const entry of this.#dirty) {
      entry.dirty = false;
      dirty.push([entry.station, this.#codec.encode(entry.state)]);
    }
    for (const station of this.#deleted) if (!this.#states.has(station)) dirty.push([station, undefined]);
    this.#dirty = [];
    this.#deleted.clear();
    return dirty;
  }

  /** One look into a map for the common case: this is done several times for each reading. */
  #entry(station: string): Entry<S> | undefined {
    if (this.#last?.station === station) return this.#last;
    return (this.#last = this.#states.get(station) ?? this.#thaw(station));
  }

  #add(station: string, state: S): Entry<S> {
    const entry = { station, state, dirty: false };
    this.#states.set(station, entry);
    return entry;
  }

  #thaw(station: string): Entry<S> | undefined {
    const bytes = this.#restored.get(station);
    if (bytes === undefined) return undefined;
    this.#restored.delete(station);
    return this.#add(station, this.#codec.decode(bytes));
  }
}

interface Entry<S> {
  readonly station: string;
  readonly state: S;
  dirty: boolean;
}

/**
 * Where operators get the memory that must survive. A keep serves one run: each stage asks once, on subscribe. The
 * name of a stage carries the settings that shape its state, so that other settings begin anew.
 */
export interface Keep {
  map<S>(stage: string, codec: Codec<S>): Kept<S>;
}

/** One station's state at one stage, as a checkpoint holds it; without `state` it is to be removed. */
export interface Saved {
  readonly stage: string;
  readonly station: string;
  readonly state: Uint8Array | undefined;
}

/** Memory that can be saved: begins with what was saved, and gives what changed since. */
export class MemoryKeep implements Keep {
  readonly #restored = new Map<string, Map<string, Uint8Array>>();
  readonly #stages = new Map<string, Kept<unknown>>();

  constructor(saved: Iterable<Saved> = []) {
    for (const { stage, station, state } of saved) {
      const stations = this.#restored.get(stage) ?? new Map<string, Uint8Array>();
      if (state) this.#restored.set(stage, stations.set(station, state));
      else stations.delete(station);
    }
  }

  map<S>(stage: string, codec: Codec<S>): Kept<S> {
    if (this.#stages.has(stage))
      throw new Error(`the state of ${stage} is in use: give every subscription a keep of its own`);
    const kept = new Kept(codec, this.#restored.get(stage));
    this.#restored.delete(stage);
    this.#stages.set(stage, kept as Kept<unknown>);
    return kept;
  }

  /** The same memory for another run, after the one before has ended: each stage may be asked for once more. */
  again(): Keep {
    const asked = new Set<string>();
    return {
      map: <S>(stage: string, codec: Codec<S>) => {
        const known = asked.has(stage) ? undefined : this.#stages.get(stage);
        asked.add(stage);
        return (known as Kept<S> | undefined) ?? this.map(stage, codec);
      },
    };
  }

  takeDirty(): Saved[] {
    return [...this.#stages].flatMap(([stage, kept]) =>
      kept.takeDirty().map(([station, state]) => ({ stage, station, state })),
    );
  }
}
