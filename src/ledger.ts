import type { Outcome } from './pipeline.ts';
import type { Stored } from './store/store.ts';
import type { Codec, Keep, Kept } from './stream/kept.ts';

/** Where a received value can end. `shed` stays 0 unless the operator allows shedding. */
export const fates = ['stored', 'quarantined', 'duplicate', 'lateOnly', 'shed'] as const;
export type Fate = (typeof fates)[number];
export type Account = Record<'received' | Fate, number>;

/** Values of messages that name no station that we know. */
export const nowhere = '(unknown)';

export const emptyAccount = (): Account => ({
  received: 0,
  stored: 0,
  quarantined: 0,
  duplicate: 0,
  lateOnly: 0,
  shed: 0,
});

const codec: Codec<Account> = {
  encode: (account) => Buffer.from(JSON.stringify(account)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
};

/**
 * Counts values, per station: received = stored + quarantined + duplicate + lateOnly + shed + pending. A value is
 * pending from its decoding until the store has acknowledged it; a value stored as late-only is counted there alone.
 * Part of the checkpoint, so that the counts go on where the journal does.
 */
export class Ledger {
  readonly #accounts: Kept<Account>;

  constructor(keep: Keep) {
    this.#accounts = keep.map('ledger', codec);
  }

  /** What came out of the pipeline. A reading that was only flagged anew was counted when it came first. */
  take(outcome: Outcome): void {
    if (outcome.kind === 'rejection') this.settled(outcome.station, 'quarantined', outcome.values);
    else if (outcome.kind === 'reading' && outcome.revision !== 'flagged')
      this.#account(outcome.station).received++;
  }

  /** Values received and settled in one. */
  settled(station: string | undefined, fate: Fate, values = 1): void {
    const account = this.#account(station ?? nowhere);
    account.received += values;
    account[fate] += values;
  }

  /** What the store has acknowledged, or refused for good, or what was given up for want of room. */
  stored(points: readonly Stored[], fate: 'stored' | 'quarantined' | 'shed' = 'stored'): void {
    for (const point of points)
      if (point.kind === 'reading' && point.revision !== 'flagged')
        this.#account(point.station)[fate === 'stored' && point.lateOnly ? 'lateOnly' : fate]++;
  }

  stations(): ReadonlyMap<string, Readonly<Account>> {
    return new Map(this.#accounts.entries());
  }

  account(station: string): Readonly<Account> | undefined {
    return this.#accounts.get(station);
  }

  total(): Account {
    const sum = emptyAccount();
    for (const [, account] of this.#accounts.entries())
      for (const column of Object.keys(sum) as (keyof Account)[]) sum[column] += account[column];
    return sum;
  }

  #account(station: string): Account {
    return this.#accounts.change(station, emptyAccount);
  }
}

/** Values received that have met no fate yet. */
export function pending(account: Readonly<Account>): number {
  return account.received - fates.reduce((sum, fate) => sum + account[fate], 0);
}
