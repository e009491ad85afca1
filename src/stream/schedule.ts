import { DueQueue } from './due-queue.ts';

/**
 * Which stations are to be looked at, and when: a `DueQueue` for dues that move. One that became later is found out
 * when its turn comes, so that putting it off costs nothing; the order is that of the true dues all the same.
 */
export class Schedule {
  readonly #due: (station: string) => number;
  readonly #queue = new DueQueue();
  /** The entry of each station that holds; the queue may have older ones, which are passed over. */
  readonly #entries = new Map<string, number>();

  /** `due` tells when a station is due by now; Infinity is never. */
  constructor(due: (station: string) => number) {
    this.#due = due;
  }

  /** To be called when the due of a station may have become earlier. */
  note(station: string): void {
    const due = this.#due(station);
    if (due === Infinity || due >= (this.#entries.get(station) ?? Infinity)) return;
    this.#entries.set(station, due);
    this.#queue.push(station, due);
  }

  /** Takes out the first station that is due by `now`. */
  take(now: number): string | undefined {
    while (this.#queue.next <= now) {
      const entry = this.#queue.next;
      const station = this.#queue.pop()!;
      if (this.#entries.get(station) !== entry) continue;
      this.#entries.delete(station);
      if (this.#due(station) <= entry) return station;
      this.note(station);
    }
    return undefined;
  }
}
