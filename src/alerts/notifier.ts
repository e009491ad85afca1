import type { AlertTransition } from './alert.ts';

/** How a delivery ended. The caller decides by it: done, try again (no earlier than `after` ms), or give up. */
export type Delivery =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'retry'; readonly reason: string; readonly after?: number }
  | { readonly outcome: 'refused'; readonly reason: string };

/**
 * PORT. A way to tell people. `send` may be called again with the same transition (at-least-once): the identifier
 * of the message is a function of the transition, so that receivers can tell a repeat.
 */
export interface Notifier {
  /** Name of the channel as configured; unique. */
  readonly name: string;
  /** `because`: why this contact is told, where it is not the first one. */
  send(transition: AlertTransition, because?: string): Promise<Delivery>;
  close(): Promise<void>;
}
