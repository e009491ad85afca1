import { namesAsBytes, packWith, unpack } from './pack.ts';

/**
 * Rows of numbers in order of time, in one typed array: column 0 is the time, ms, which no two rows share. Appending
 * and dropping the oldest are cheap; a row in between moves the later ones.
 */
export class Series {
  readonly width: number;
  #cells: Float64Array;
  #head = 0;
  #length = 0;

  constructor(width: number, rows: Float64Array = new Float64Array(width * 4)) {
    this.width = width;
    this.#cells = rows;
  }

  static of(width: number, rows: Float64Array): Series {
    const series = new Series(width, rows);
    series.#length = rows.length / width;
    return series;
  }

  get length(): number {
    return this.#length;
  }

  at(row: number, column: number): number {
    return this.#cells[(this.#head + row) * this.width + column]!;
  }

  put(row: number, column: number, value: number): void {
    this.#cells[(this.#head + row) * this.width + column] = value;
  }

  time(row: number): number {
    return this.#cells[(this.#head + row) * this.width]!;
  }

  /** Time of the newest row; -Infinity where there is none. */
  get newest(): number {
    return this.#length === 0 ? -Infinity : this.time(this.#length - 1);
  }

  /** The first row at or after `time`; `length` where there is none. */
  search(time: number): number {
    if (time > this.newest) return this.#length;
    let low = 0;
    let high = this.#length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether `row`, as `search` gave it, is at exactly this time. */
  holds(row: number, time: number): boolean {
    return row < this.#length && this.time(row) === time;
  }

  /** Makes room for a row before `row`; its other columns hold anything until they are put. */
  insert(row: number, time: number): void {
    if ((this.#head + this.#length + 1) * this.width > this.#cells.length) this.#makeRoom();
    const { width } = this;
    const at = (this.#head + row) * width;
    if (row < this.#length) this.#cells.copyWithin(at + width, at, (this.#head + this.#length) * width);
    this.#length++;
    this.#cells[at] = time;
  }

  remove(row: number): void {
    const { width } = this;
    const at = (this.#head + row) * width;
    this.#cells.copyWithin(at, at + width, (this.#head + this.#length) * width);
    this.#length--;
  }

  /** Forgets the oldest rows. */
  drop(rows: number): void {
    this.#head += rows;
    this.#length -= rows;
  }

  /** The live rows; a view, good until the next change. */
  rows(): Float64Array {
    return this.#cells.subarray(this.#head * this.width, (this.#head + this.#length) * this.width);
  }

  /** Moves the rows to the front where at least half is free, else doubles. */
  #makeRoom(): void {
    const rows = this.rows();
    const roomy = Math.max(rows.length * 2, this.width) <= this.#cells.length;
    const cells = roomy ? this.#cells : new Float64Array(Math.max(rows.length * 2, this.width * 4));
    cells.set(rows);
    this.#cells = cells;
    this.#head = 0;
  }
}

export interface NamedSeries {
  readonly variable: string;
  readonly sensor: string;
  readonly series: Series;
}

/** All series of a station, in order of variable and sensor whatever came first. */
export class SeriesSet {
  readonly #width: number;
  #all: NamedSeries[] = [];
  /** As bytes, until a series comes or goes. */
  #names: Uint8Array | undefined;

  constructor(width: number) {
    this.#width = width;
  }

  get all(): readonly NamedSeries[] {
    return this.#all;
  }

  /** A station has a few series: to look at each is sooner done than to look into maps, which lie in no cache. */
  find(variable: string, sensor: string): Series | undefined {
    for (const one of this.#all) if (one.variable === variable && one.sensor === sensor) return one.series;
    return undefined;
  }

  open(variable: string, sensor: string): Series {
    return this.find(variable, sensor) ?? this.#add(variable, sensor, new Series(this.#width));
  }

  /**
   * Forgets series that have no row since `time`, and of the others the rows before it, but for as many as `history`
   * asks for: it is given the row at or after `time`.
   */
  dropBefore(time: number, history: (named: NamedSeries, row: number) => number = () => 0): void {
    if (this.#all.some(({ series }) => series.newest < time)) this.#dropEnded(time);
    for (const named of this.#all) {
      const row = named.series.search(time);
      named.series.drop(Math.max(0, row - history(named, row)));
    }
  }

  /** With numbers of the state around it first; `unpack` takes it back. */
  pack(head: ArrayLike<number>): Uint8Array {
    this.#names ??= namesAsBytes(this.#all.flatMap(({ variable, sensor }) => [variable, sensor]));
    let count = head.length;
    for (const { series } of this.#all) count += 1 + series.length * this.#width;
    return packWith(this.#names, count, (target) => {
      target.set(head);
      let at = head.length;
      for (const { series } of this.#all) {
        target[at] = series.length * this.#width;
        target.set(series.rows(), at + 1);
        at += 1 + series.length * this.#width;
      }
    });
  }

  static unpack(
    width: number,
    headLength: (numbers: Float64Array) => number,
    bytes: Uint8Array,
  ): { head: Float64Array; series: SeriesSet } {
    const { names, numbers } = unpack(bytes);
    const series = new SeriesSet(width);
    let at = headLength(numbers);
    const head = numbers.slice(0, at);
    for (let name = 0; name < names.length; name += 2) {
      const end = at + 1 + numbers[at]!;
      series.#add(names[name]!, names[name + 1]!, Series.of(width, numbers.slice(at + 1, end)));
      at = end;
    }
    return { head, series };
  }

  #dropEnded(time: number): void {
    this.#names = undefined;
    this.#all = this.#all.filter(({ series }) => series.newest >= time);
  }

  #add(variable: string, sensor: string, series: Series): Series {
    this.#names = undefined;
    this.#all.push({ variable, sensor, series });
    this.#all.sort((a, b) => compare(a.variable, b.variable) || compare(a.sensor, b.sensor));
    return series;
  }
}

/** By code unit: the same on every machine, which `localeCompare` is not. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
