import type { OperatorFunction } from 'rxjs';
import type { Reading, Tick } from '../ingest/reading.ts';
import { DueQueue } from './due-queue.ts';
import { cellStart } from './grid.ts';
import { type Codec, type Keep, type Kept, MemoryKeep } from './kept.ts';
import { operator } from './operator.ts';
import { namesAsBytes, packWith, unpack } from './pack.ts';
import type { Watermark } from './step.ts';

export interface WatermarkOptions {
  /**
   * How long readings that are out of order are waited for, ms of observation time. Of a station's cadence at least,
   * it lets the spike check see both neighbours before a step closes; of less, such steps are revised.
   */
  readonly lateness: number;
  /** A station silent for longer is released: time goes on without it, ms of arrival time. */
  readonly idle: number;
  /** Length of a cell, ms: a released station is looked at again when another cell of it can close. */
  readonly step: number;
  readonly keep?: Keep | undefined;
}

interface Progress {
  newest: number;
  receivedAt: number;
  /** The watermark. */
  time: number;
}

const nameless = namesAsBytes([]);

const codec: Codec<Progress> = {
  encode: ({ newest, receivedAt, time }) =>
    packWith(nameless, 3, (target) => target.set([newest, receivedAt, time])),
  decode: (bytes) => {
    const [newest, receivedAt, time] = unpack(bytes).numbers;
    return { newest: newest!, receivedAt: receivedAt!, time: time! };
  },
};

const create = (): Progress => ({ newest: -Infinity, receivedAt: -Infinity, time: -Infinity });

/**
 * Passes readings on, each followed by the watermark of its station where it moved: the newest time less the lateness,
 * one per station, so that no station waits for another. Ticks end here: they release stations that have been silent
 * for longer than `idle`, whose watermark then follows the ticks. `lateOnly` readings move nothing.
 */
export function watermark(options: WatermarkOptions): OperatorFunction<Reading | Tick, Reading | Watermark> {
  return operator((emit) => {
    const marker = new Marker(options, emit);
    return (event) => {
      if (event.kind === 'tick') return marker.release(event.time);
      emit(event);
      if (!event.lateOnly) marker.note(event);
    };
  });
}

class Marker {
  readonly #options: WatermarkOptions;
  readonly #emit: (watermark: Watermark) => void;
  readonly #kept: Kept<Progress>;
  /** Each station once. A reading leaves its entry as it is; what came too early is put back when it is met. */
  readonly #queue = new DueQueue();

  constructor(options: WatermarkOptions, emit: (watermark: Watermark) => void) {
    this.#options = options;
    this.#emit = emit;
    this.#kept = (options.keep ?? new MemoryKeep()).map('watermark', codec);
    for (const [station, progress] of this.#kept.entries()) this.#queue.push(station, this.#due(progress));
  }

  note({ station, time, receivedAt }: Reading): void {
    const progress = this.#kept.change(station, create);
    const isNew = progress.receivedAt === -Infinity;
    if (time > progress.newest) progress.newest = time;
    if (receivedAt > progress.receivedAt) progress.receivedAt = receivedAt;
    if (isNew) this.#queue.push(station, this.#due(progress));
    this.#advance(station, progress, progress.newest - this.#options.lateness, 'reading');
  }

  release(now: number): void {
    while (this.#queue.next <= now) {
      const due = this.#queue.next;
      const station = this.#queue.pop()!;
      const late = this.#due(this.#kept.get(station)!) > due;
      if (!late)
        this.#advance(station, this.#kept.change(station, create), now - this.#options.lateness, 'idle');
      this.#queue.push(station, this.#due(this.#kept.get(station)!));
    }
  }

  /** When the station has been silent for longer than `idle`; once released, when the tick lets its next cell close. */
  #due({ receivedAt, time }: Progress): number {
    const { idle, step, lateness } = this.#options;
    return Math.max(receivedAt + idle + 1, cellStart(time, step) + step + lateness);
  }

  #advance(station: string, progress: Progress, time: number, cause: Watermark['cause']): void {
    if (time <= progress.time) return;
    progress.time = time;
    this.#emit({ kind: 'watermark', station, time, cause });
  }
}
