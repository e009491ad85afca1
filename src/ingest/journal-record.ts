import type { Message } from './message.ts';

/**
 * What may enter the journal. It is the single ordered input of everything behind it: the same records give the
 * same points, forecasts and alerts.
 */
export type Entry =
  | ({ readonly kind: 'message' } & Message)
  | { readonly kind: 'tick'; readonly time: number }
  /** A version of the model goes into service. */
  | { readonly kind: 'model'; readonly time: number; readonly id: string }
  /** The configuration that holds from here on, as its canonical JSON. */
  | { readonly kind: 'configuration'; readonly time: number; readonly text: string }
  /** An operator's command, as JSON. */
  | { readonly kind: 'command'; readonly time: number; readonly text: string }
  /** What became of the host's clock, a `ClockEvent` as JSON. */
  | { readonly kind: 'clock'; readonly time: number; readonly text: string };

/** An entry with its place in the journal: 1, 2, 3 and so on without gaps. */
export type JournalRecord = Entry & { readonly sequence: number };
