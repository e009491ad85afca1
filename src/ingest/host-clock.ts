import { type ClockEvent, type ClockState, firstLook, look, type TrustOptions } from './clock-trust.ts';
import type { Journal } from './journal.ts';
import type { Clock } from './message.ts';

export interface HostClockOptions extends Pick<TrustOptions, 'trust' | 'earliest' | 'patience'> {
  /** The host's clock, which anybody may set. */
  readonly wall: Clock;
  /** ms that only grow. */
  readonly monotonic: () => number;
  /** Whether the host says that its clock is synchronised; undefined where it can't tell. */
  readonly synchronised: () => Promise<boolean | undefined>;
  readonly report?: (event: ClockEvent) => void;
}

export interface HostClockStatus {
  readonly state: 'trusted' | 'held' | 'disregarding';
  /** Jumps since the start, followed or not. */
  readonly jumps: number;
  /** From our time to the host's, ms; other than 0 while a jump is disregarded. */
  readonly ahead: number;
  readonly reason: string;
}

/** Records at the end of the journal whose newest time counts: some of the last ones may have an older stamp. */
const looksBack = 1000;

/**
 * The time that the edge goes by: the host's clock, but one that does not jump unless it is known why. What the journal
 * must know of it is a record there: that the stamps from here on are not to be believed yet, by how much they were
 * wrong, and each jump that was followed.
 */
export class HostClock {
  readonly #options: HostClockOptions;
  #journal: Journal | undefined;
  #newest = Number.NEGATIVE_INFINITY;
  #state: ClockState | undefined;
  #jumps = 0;
  #reason = '';

  constructor(options: HostClockOptions) {
    this.#options = options;
  }

  /** Our time; the host's until `start`. */
  readonly now: Clock = () =>
    this.#state ? Math.round(this.#options.monotonic() + this.#state.offset) : this.#options.wall();

  get status(): HostClockStatus {
    const { trusted = true, jump } = this.#state ?? {};
    const state = !trusted ? 'held' : jump ? 'disregarding' : 'trusted';
    return { state, jumps: this.#jumps, ahead: this.#options.wall() - this.now(), reason: this.#reason };
  }

  /** Before the first message. */
  async start(journal: Journal): Promise<void> {
    this.#journal = journal;
    for (const record of journal.read(journal.head - looksBack))
      this.#newest = Math.max(this.#newest, record.kind === 'message' ? record.receivedAt : record.time);
    const { state, event } = firstLook(await this.#facts(), this.#trust);
    this.#state = state;
    await this.#say(event!);
  }

  /** From time to time; each tick is often enough. */
  async look(): Promise<void> {
    if (!this.#state || this.#isQuiet(this.#state)) return;
    const { state, event } = look(this.#state, await this.#facts(), this.#trust);
    this.#state = state;
    if (event) await this.#say(event);
  }

  /** Nothing to ask the host about: it goes as our time does. */
  #isQuiet({ trusted, jump }: ClockState): boolean {
    const apart = Math.abs(this.#options.wall() - this.now());
    return trusted && !jump && apart < 1;
  }

  async #facts() {
    const { wall, monotonic, synchronised } = this.#options;
    const told = await synchronised();
    return { wall: wall(), monotonic: monotonic(), synchronised: told };
  }

  get #trust(): TrustOptions {
    return { ...this.#options, newest: this.#newest };
  }

  async #say(event: ClockEvent): Promise<void> {
    if (event.state === 'adopted' || event.state === 'disregarded') this.#jumps++;
    this.#reason = event.reason;
    this.#options.report?.(event);
    await this.#journal!.append({ kind: 'clock', time: this.now(), text: JSON.stringify(event) });
  }
}
