import type { ExecutionContext } from 'ava';
import type { Message } from '../../src/ingest/message.ts';
import type { Source } from '../../src/ingest/source.ts';

/** What the contract needs to know of a source under test: how its senders send, and learn of acknowledgements. */
export interface SourceUnderTest {
  readonly source: Source;
  /**
   * Sends payloads in order, each to be acknowledged. It resolves when all of them are; it sends again what a
   * broken connection left open.
   */
  send(payloads: readonly string[]): Promise<void>;
  /** Payloads that whoever keeps them for the source knows to be acknowledged. */
  acknowledged(): number | Promise<number>;
}

/** An `accept` whose answers the test gives. */
export class Gate {
  readonly received: string[] = [];
  readonly #settle: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #open = false;

  readonly accept = (message: Message): Promise<void> => {
    this.received.push(Buffer.from(message.payload).toString());
    if (this.#open) return Promise.resolve();
    return new Promise((resolve, reject) => this.#settle.push({ resolve, reject }));
  };

  /** Settles those taken so far, the last first, so that order is not a matter of luck. */
  resolveAll(): void {
    this.resolveFirst(this.#settle.length);
  }

  resolveFirst(count: number): void {
    for (const { resolve } of this.#settle.splice(0, count).reverse()) resolve();
  }

  rejectAll(): void {
    for (const { reject } of this.#settle.splice(0)) reject(new Error('disk full'));
  }

  open(): void {
    this.#open = true;
    this.resolveAll();
  }
}

export const numbered = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** In order of receipt, and nothing is acknowledged before it is accepted. */
export async function acknowledgesOnlyWhatIsAccepted(t: ExecutionContext, under: SourceUnderTest) {
  const gate = new Gate();
  await under.source.start(gate.accept);
  t.is(under.source.state, 'connected');
  const sent = under.send(numbered(20));
  await until('20 messages', () => gate.received.length === 20);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(await under.acknowledged(), 0);
  gate.open();
  await sent;
  await until('20 acknowledgements', async () => (await under.acknowledged()) === 20);
  t.deepEqual(gate.received, numbered(20));
}

/** What is rejected stays with its sender, which sends it again. */
export async function redeliversWhatIsRejected(t: ExecutionContext, under: SourceUnderTest) {
  const gate = new Gate();
  await under.source.start(gate.accept);
  const sent = under.send(numbered(5));
  await until('5 messages', () => gate.received.length === 5);
  gate.rejectAll();
  await until('the first message again', () => gate.received.lastIndexOf('0') > 0);
  t.is(await under.acknowledged(), 0);
  gate.open();
  await sent;
  await until('5 acknowledgements', async () => (await under.acknowledged()) >= 5);
  t.deepEqual([...new Set(gate.received)].sort(), numbered(5));
}

/** `stop` acknowledges what is durable and takes nothing more. */
export async function stopsWithEverythingSettled(t: ExecutionContext, under: SourceUnderTest) {
  const gate = new Gate();
  await under.source.start(gate.accept);
  void under.send(numbered(3)).catch(() => {});
  await until('3 messages', () => gate.received.length === 3);
  setTimeout(() => gate.resolveAll(), 50);
  await under.source.stop();
  t.is(under.source.state, 'stopped');
  await until('3 acknowledgements', async () => (await under.acknowledged()) === 3);
  const before = gate.received.length;
  void under.send(['late']).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(gate.received.length, before);
}
