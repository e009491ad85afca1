/**
 * Whether the host's clock can be believed. A host without a battery starts at some time of the past, and a clock that
 * is set while we run jumps; readings must not be judged by such a time. Pure: all that is known is handed in.
 */
export interface ClockFacts {
  /** What the host's clock says, ms since the epoch. */
  readonly wall: number;
  /** ms of a clock that nobody sets. */
  readonly monotonic: number;
  /** Whether the host says that its clock is synchronised; undefined where it can't tell. */
  readonly synchronised: boolean | undefined;
}

export interface TrustOptions {
  /** `synchronised`: only what is confirmed; `always`: whatever the host says; `auto`: what is not contradicted. */
  readonly trust: 'auto' | 'always' | 'synchronised';
  /** No true time is earlier: that of the product's release, ms since the epoch. */
  readonly earliest: number;
  /** Time of the newest record of the journal; -Infinity in a new one. */
  readonly newest: number;
  /** So long `auto` waits at a start for a host that says that it is not synchronised, ms. */
  readonly patience: number;
}

/** Our time is `monotonic + offset`. */
export interface ClockState {
  readonly offset: number;
  readonly trusted: boolean;
  /** When we began to look, by the monotonic clock. */
  readonly from: number;
  /** By how much we followed jumps ahead that nobody confirmed, ms. */
  readonly unconfirmed: number;
  /** A jump that we have not followed, and since when it stands, by the monotonic clock. */
  readonly jump?: { readonly offset: number; readonly since: number } | undefined;
}

export type Doubt =
  | 'before the release of this version'
  | 'before the newest record of the journal'
  | 'not synchronised';

/**
 * `started`: believed from the start; `held`: not yet; `trusted`: from here on, what was stamped since the start was
 * wrong by `shift`; `adopted`: a jump was followed; `disregarded`: one was not.
 */
export interface ClockEvent {
  readonly state: 'started' | 'held' | 'trusted' | 'adopted' | 'disregarded';
  /** What our time moved by, or would have, ms. */
  readonly shift: number;
  readonly reason: string;
}

export interface Look {
  readonly state: ClockState;
  readonly event?: ClockEvent;
}

/** Less is the slewing and drifting of any clock, ms. */
export const tolerance = 2000;
/** A jump ahead that nobody confirms is followed when it has stood so long, ms. */
export const settle = 60_000;

/** Why the host's clock is not to be believed; undefined where nothing speaks against it. */
export function doubt(
  { wall, synchronised }: ClockFacts,
  waited: number,
  options: TrustOptions,
): Doubt | undefined {
  const { trust, earliest, newest, patience } = options;
  if (trust === 'always') return undefined;
  if (wall < earliest) return 'before the release of this version';
  if (synchronised) return undefined;
  if (wall < newest - tolerance) return 'before the newest record of the journal';
  const unsure = trust === 'synchronised' || (synchronised === false && waited < patience);
  return unsure ? 'not synchronised' : undefined;
}

/** At a start. The event says what the journal has to know. */
export function firstLook(facts: ClockFacts, options: TrustOptions): Look {
  const { wall, monotonic } = facts;
  const reason = doubt(facts, 0, options);
  const state = { offset: wall - monotonic, trusted: !reason, from: monotonic, unconfirmed: 0 };
  return {
    state,
    event: { state: reason ? 'held' : 'started', shift: 0, reason: reason ?? 'nothing speaks against it' },
  };
}

/** While we run. Small differences are followed without a word. */
export function look(state: ClockState, facts: ClockFacts, options: TrustOptions): Look {
  const offset = facts.wall - facts.monotonic;
  const shift = offset - state.offset;
  if (!state.trusted) {
    if (doubt(facts, facts.monotonic - state.from, options)) return { state };
    const reason = facts.synchronised ? 'synchronised' : 'nothing speaks against it any longer';
    return { state: { ...state, offset, trusted: true }, event: { state: 'trusted', shift, reason } };
  }
  const unconfirmed = facts.synchronised ? 0 : state.unconfirmed;
  if (Math.abs(shift) <= tolerance) return { state: { ...state, offset, unconfirmed, jump: undefined } };
  return jumped(state, facts, options, shift);
}

function jumped(state: ClockState, facts: ClockFacts, { trust }: TrustOptions, shift: number): Look {
  const offset = state.offset + shift;
  const follow = (reason: string, unconfirmed: number): Look => ({
    state: { ...state, offset, unconfirmed, jump: undefined },
    event: { state: 'adopted', shift, reason },
  });
  if (facts.synchronised) return follow('synchronised', 0);
  if (trust === 'always') return follow('the configuration trusts the host', 0);
  if (trust === 'auto' && shift < 0 && -shift <= state.unconfirmed + tolerance)
    return follow('it undoes a jump that nobody confirmed', Math.max(0, state.unconfirmed + shift));
  const known = state.jump && Math.abs(state.jump.offset - offset) <= tolerance ? state.jump : undefined;
  const stood = known ? facts.monotonic - known.since : 0;
  if (trust === 'auto' && shift > 0 && stood >= settle)
    return follow('it has stood', state.unconfirmed + shift);
  const jump = known ?? { offset, since: facts.monotonic };
  const reason = 'nobody confirms it: our time goes on as it did';
  return { state: { ...state, jump }, ...(!known && { event: { state: 'disregarded', shift, reason } }) };
}
