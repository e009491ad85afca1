import type { AlertState } from './alert.ts';

/** A message that waits for a channel. */
export interface Queued {
  /** Rising with the order in which they were queued. */
  readonly number: number;
  readonly alert: string;
  readonly to: AlertState;
}

export interface Turn<Q> {
  readonly next: Q;
  /** A later message of the same alert waits behind it. */
  readonly superseded: boolean;
}

/**
 * Which message a channel is given next. The present comes first: of the alerts that still stand the one that changed
 * last, then likewise those that are over. Within an alert the order stays, or "over" could come before "begun".
 *
 * @param queue in the order of its numbers.
 */
export function turnOf<Q extends Queued>(queue: Iterable<Q>): Turn<Q> | undefined {
  const ends = new Map<string, { readonly first: Q; last: Q }>();
  for (const message of queue) {
    const known = ends.get(message.alert);
    if (known) known.last = message;
    else ends.set(message.alert, { first: message, last: message });
  }
  const [best] = [...ends.values()].sort(
    (a, b) => Number(stands(b.last)) - Number(stands(a.last)) || b.last.number - a.last.number,
  );
  return best && { next: best.first, superseded: best.first !== best.last };
}

const stands = ({ to }: Queued) => to !== 'resolved' && to !== 'inactive';
