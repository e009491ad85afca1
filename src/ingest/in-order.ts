interface Place<T> {
  readonly item: T;
  ready: boolean;
}

/**
 * Releases items in the order in which they came, each once it and all before it are ready. MQTT wants PUBACKs in
 * the order of their PUBLISHes (MQTT-4.6.0-2). What becomes ready in one turn of the event loop goes out together.
 */
export class InOrder<T> {
  readonly #release: (items: readonly T[]) => void;
  #places: Place<T>[] = [];
  #scheduled = false;

  constructor(release: (items: readonly T[]) => void) {
    this.#release = release;
  }

  /** Takes a place in the order; the function returned says that the item is ready. */
  add(item: T): () => void {
    const place: Place<T> = { item, ready: false };
    this.#places.push(place);
    return () => {
      place.ready = true;
      if (this.#scheduled || this.#places[0] !== place) return;
      this.#scheduled = true;
      setImmediate(() => this.flush());
    };
  }

  /** Releases now what is ready. */
  flush(): void {
    this.#scheduled = false;
    const held = this.#places.findIndex(({ ready }) => !ready);
    const ready = this.#places.splice(0, held < 0 ? this.#places.length : held);
    if (ready.length > 0) this.#release(ready.map(({ item }) => item));
  }

  /** Forgets all; what becomes ready later has no effect. */
  clear(): void {
    this.#places = [];
  }
}
