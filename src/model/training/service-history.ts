import type { Service } from '../retention.ts';

/** A change of the version in service by a person, as the ledger keeps it. */
export interface HandChange {
  readonly kind: 'promote' | 'rollback';
  /** ms since the epoch. */
  readonly time: number;
  /** What served before; undefined where nothing did. */
  readonly from: string | undefined;
  readonly to: string;
  readonly author: string;
  /** Why, in the person's words. */
  readonly reason: string;
  readonly host: string;
}

type Who = Pick<HandChange, 'author' | 'reason' | 'host'>;

/** A change of the version in service, by a person, who then is named, or by the retrainer. */
export interface ServiceChange extends Pick<HandChange, 'time' | 'from' | 'to'>, Partial<Who> {
  readonly kind: HandChange['kind'] | 'retrained';
}

export type RollbackDecision = { readonly to: string } | { readonly refused: string };

/**
 * Which version a roll-back returns to: the one that served before `current`. A roll-back takes back what came after the
 * version that it returned to, so a second one goes further back instead of forth. A version that came into service
 * without a word to the ledger (`train`, `models use`) goes back to the newest that the ledger knows of.
 *
 * @param changes in any order.
 */
export function decideRollback(
  changes: readonly ServiceChange[],
  current: string | undefined,
): RollbackDecision {
  if (current === undefined) return { refused: 'no version is in service' };
  const served = servedIn(changes);
  const to = served.at(served.at(-1) === current ? -2 : -1);
  if (to === undefined) return { refused: `the ledger knows of no version before ${current}` };
  return { to };
}

/** The versions that served one after another, without what was taken back; the last is the newest. */
function servedIn(changes: readonly ServiceChange[]): string[] {
  const served: string[] = [];
  for (const { kind, from, to } of [...changes].sort((a, b) => a.time - b.time)) {
    if (from !== undefined && served.at(-1) !== from) served.push(from);
    const back = kind === 'rollback' ? served.lastIndexOf(to) : -1;
    if (back >= 0) served.length = back + 1;
    else if (served.at(-1) !== to) served.push(to);
  }
  return served;
}

/** Until when each version served, by the changes that are known; the newest serves. */
export function servicesIn(changes: readonly ServiceChange[]): Service[] {
  const until = new Map<string, number | undefined>();
  for (const { time, from, to } of [...changes].sort((a, b) => a.time - b.time)) {
    for (const [id, end] of until) if (end === undefined) until.set(id, time);
    if (from !== undefined) until.set(from, time);
    until.set(to, undefined);
  }
  return [...until].map(([id, to]) => ({ id, to }));
}
