import type { Message } from './message.ts';

/**
 * Takes responsibility for a message. Resolves once the message is durable (in the journal and synced); the
 * source acknowledges to its sender only then. Rejects when the message could not be made durable: the source
 * must not acknowledge, so that the sender keeps it.
 */
export type Accept = (message: Message) => Promise<unknown>;

export type SourceState = 'starting' | 'connected' | 'disconnected' | 'ended' | 'stopped';

/**
 * PORT. Where messages come from: an MQTT broker, an embedded broker, a file.
 *
 * `start` is called once and resolves when messages can flow; each message goes to `accept` in order of receipt.
 * After `stop` resolves, `accept` is not called again. Calls that are open have up to 2 s to settle; one that takes
 * longer (a full journal) can no longer acknowledge anything, so its sender keeps the message.
 */
export interface Source {
  start(accept: Accept): Promise<void>;
  stop(): Promise<void>;
  readonly state: SourceState;
  /** Resolves when the source has nothing more to give (a file's end); never for a broker. */
  readonly ended: Promise<void>;
}
