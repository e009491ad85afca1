import type { OperatorFunction } from 'rxjs';
import type { Reading, Rejection } from '../ingest/reading.ts';
import { operator } from './operator.ts';

export interface ScreenClockOptions {
  /** A reading may be stamped this much later than its arrival, ms. */
  readonly ahead: number;
  /** A reading may be stamped this much earlier than its arrival, ms. */
  readonly behind: number;
}

/**
 * Turns readings whose time is out of bounds, measured against their arrival, into rejections: a wrong clock moves no
 * watermark. The bounds themselves are allowed. All else passes.
 */
export function screenClock<T extends { readonly kind: string }>(
  options: ScreenClockOptions,
): OperatorFunction<T | Reading, T | Reading | Rejection> {
  return operator((emit) => (event) => {
    if (event.kind !== 'reading') return emit(event);
    emit(clockFault(event as Reading, options) ?? event);
  });
}

export function clockFault(reading: Reading, { ahead, behind }: ScreenClockOptions): Rejection | undefined {
  const late = reading.receivedAt - reading.time;
  if (-late > ahead) return rejection(reading, 'clock-ahead', `${-late} ms after`, ahead);
  if (late > behind) return rejection(reading, 'clock-behind', `${late} ms before`, behind);
  return undefined;
}

function rejection(
  { station, sensor, variable, time, receivedAt }: Reading,
  reason: 'clock-ahead' | 'clock-behind',
  distance: string,
  bound: number,
): Rejection {
  const detail = `${variable} of ${sensor} at ${instant(time)} is ${distance} its arrival at ${instant(receivedAt)}; ${bound} ms are allowed`;
  return { kind: 'rejection', station, reason, detail, values: 1 };
}

/** ISO 8601, as far as dates reach: `toISOString` throws beyond. */
function instant(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}
