import { compare } from './series.ts';

/**
 * Stations by the time at which something is due, the earliest first and of equal ones by name: a binary heap, so that
 * looking costs nothing while nobody is due.
 */
export class DueQueue {
  readonly #heap: { readonly due: number; readonly station: string }[] = [];

  /** When the first is due; Infinity where nobody waits. */
  get next(): number {
    return this.#heap[0]?.due ?? Infinity;
  }

  push(station: string, due: number): void {
    this.#heap.push({ station, due });
    this.#rise(this.#heap.length - 1);
  }

  /** Takes out the station that is due first. */
  pop(): string | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first?.station;
  }

  #rise(at: number): void {
    const parent = (at - 1) >> 1;
    if (at === 0 || !this.#before(at, parent)) return;
    this.#swap(at, parent);
    this.#rise(parent);
  }

  #sink(at: number): void {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const least = right < this.#heap.length && this.#before(right, left) ? right : left;
    if (least >= this.#heap.length || !this.#before(least, at)) return;
    this.#swap(at, least);
    this.#sink(least);
  }

  #before(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!];
    return one.due < other.due || (one.due === other.due && compare(one.station, other.station) < 0);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}
