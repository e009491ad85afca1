import type { Reading, Tick } from '../../src/ingest/reading.ts';
import type { Watermark } from '../../src/stream/step.ts';

/** A reading as it comes out of a decoder; received when it was observed. */
export function reading(time: number, value: number, more: Partial<Reading> = {}): Reading {
  return {
    kind: 'reading',
    station: 'B01',
    sensor: 'surface',
    variable: 'chlorophyll',
    time,
    value,
    receivedAt: time,
    flag: 2,
    failed: [],
    revision: 'first',
    lateOnly: false,
    ...more,
  };
}

export const tick = (time: number): Tick => ({ kind: 'tick', time });

export function mark(time: number, more: Partial<Watermark> = {}): Watermark {
  return { kind: 'watermark', station: 'B01', time, cause: 'reading', ...more };
}
