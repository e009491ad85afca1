import type { JournalRecord } from './journal-record.ts';

/** What an operator wants done: silence an alert, say. It takes effect as a record of the journal. */
export interface Order {
  /** The name of what is to be done, such as `acknowledge`. */
  readonly action: string;
  /** Who asks: a person's name, or that of a program. */
  readonly author: string;
  /** What the action needs besides; each action says what. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** An order where it stands in the journal; `time` is that of its record, ms since the epoch. */
export interface Command extends Order {
  readonly kind: 'command';
  readonly sequence: number;
  readonly time: number;
}

/** Names the field at fault; undefined where `value` is an order. */
export function orderFault(value: unknown): string | undefined {
  const { action, author, details } = (value ?? {}) as Partial<Order>;
  if (typeof action !== 'string' || action === '') return `action must be a name, not ${show(action)}`;
  if (typeof author !== 'string' || author.trim() === '')
    return `author must say who asks, not ${show(author)}`;
  if (details === null || typeof details !== 'object' || Array.isArray(details))
    return `details must be an object, not ${show(details)}`;
  return undefined;
}

const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));

export const orderText = ({ action, author, details }: Order) => JSON.stringify({ action, author, details });

/** Pure: the command that a record holds. */
export function commandOf({
  sequence,
  time,
  text,
}: Extract<JournalRecord, { readonly kind: 'command' }>): Command {
  return { kind: 'command', sequence, time, ...(JSON.parse(text) as Order) };
}
