import { type AlertTransition, type Severity, severities } from './alert.ts';
import type { Notifier } from './notifier.ts';

/** A notifier, and what of the alerts it is there for. Times in ms. */
export interface Channel {
  readonly notifier: Notifier;
  /** The least severity that it is told of; all where absent. */
  readonly severity?: Severity | undefined;
  /** Areas that it is told of; all where absent. */
  readonly areas?: readonly string[] | undefined;
  /** A second contact: told only of what nobody answered for, and then of how it goes on. */
  readonly escalation?: boolean | undefined;
  /** A message not delivered within this is given up: a dead letter. */
  readonly expires?: number | undefined;
  /** Without a receipt of a firing alert `within` its delivery, `tell` are told too. */
  readonly receipt?: { readonly within: number; readonly tell: readonly string[] } | undefined;
}

export interface Routing {
  readonly deliver: boolean;
  readonly reason: string;
}

/**
 * Whether a channel is told of a transition. Who was `told` of an alert is told of everything that becomes of it,
 * whatever the filters say of that: nobody may be left with a warning that was lowered or has ended.
 */
export function route(
  channel: Omit<Channel, 'notifier'>,
  transition: AlertTransition,
  told: boolean,
): Routing {
  const { to, cause, severity, area, quiet } = transition;
  if (quiet !== undefined) return no(`nobody is told: ${quiet}`);
  if (told) return yes('it was told of this alert before');
  if (to !== 'firing' && to !== 'stale') return no(`${to}, and it was never told of the alert`);
  if (channel.areas && !channel.areas.includes(area))
    return no(`area ${area} is none of ${channel.areas.join(', ')}`);
  const least = channel.severity ?? 'info';
  if (severities.indexOf(severity) < severities.indexOf(least)) return no(`${severity} is below ${least}`);
  if (channel.escalation && cause !== 'escalation')
    return no('it is the second contact, and nothing is escalated');
  return yes(`${severity} in ${area}`);
}

const yes = (reason: string): Routing => ({ deliver: true, reason });
const no = (reason: string): Routing => ({ deliver: false, reason });

/** Somebody has it in hand, or it is over: no receipt of an earlier message is waited for any more. */
export function answersFor({ to }: AlertTransition): boolean {
  return to === 'acknowledged' || to === 'resolved' || to === 'inactive';
}
