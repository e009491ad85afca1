/** Where a received value can end. `shed` stays 0 unless the operator allows shedding. */
export const fates = ['stored', 'quarantined', 'duplicate', 'lateOnly', 'shed'] as const;
export type Fate = (typeof fates)[number];
export type Account = Record<'received' | Fate, number>;

/** Values of messages that name no station that we know. */
export const nowhere = '(unknown)';

const empty = (): Account => ({ received: 0, stored: 0, quarantined: 0, duplicate: 0, lateOnly: 0, shed: 0 });

/**
 * Counts values, per station: received = stored + quarantined + duplicate + lateOnly + shed + pending. Pending is
 * what is counted as received and has met no fate yet; it is zero once everything is drained, and never negative.
 */
export class Ledger {
  readonly #accounts = new Map<string, Account>();

  count(station: string | undefined, column: keyof Account, values = 1): void {
    this.#account(station ?? nowhere)[column] += values;
  }

  stations(): ReadonlyMap<string, Readonly<Account>> {
    return this.#accounts;
  }

  total(): Account {
    const sum = empty();
    for (const account of this.#accounts.values())
      for (const column of Object.keys(sum) as (keyof Account)[]) sum[column] += account[column];
    return sum;
  }

  #account(station: string): Account {
    let account = this.#accounts.get(station);
    if (!account) this.#accounts.set(station, (account = empty()));
    return account;
  }
}

/** Values received that have met no fate yet. */
export function pending(account: Readonly<Account>): number {
  return account.received - fates.reduce((sum, fate) => sum + account[fate], 0);
}
