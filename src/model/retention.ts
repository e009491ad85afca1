/** A version in a folder, and what of it decides whether it may go. */
export interface Held {
  readonly id: string;
  /** When it came there, ms since the epoch. */
  readonly time: number;
  /** What it is made of, where it is a line-up. */
  readonly members: readonly string[];
  /** ms from the issue of a forecast of it to the farthest time that it is for. */
  readonly reach: number;
}

/** That somebody needs a version. */
export interface Use {
  readonly id: string;
  readonly because: string;
  /** ms since the epoch; without an end where it is not given. */
  readonly until?: number | undefined;
}

export interface Fate {
  readonly id: string;
  readonly stays: boolean;
  readonly reason: string;
}

export interface Holding {
  readonly versions: readonly Held[];
  readonly current: string | undefined;
  readonly uses: readonly Use[];
  /** So many of the newest stay, whatever is known of them. */
  readonly newest: number;
  readonly now: number;
}

/** What stays in a folder of versions, what may go, and why; in the order given. */
export function decideFates({ versions, current, uses, newest, now }: Holding): Fate[] {
  const reasons = new Map<string, string>();
  const stay = (id: string, reason: string) => reasons.has(id) || reasons.set(id, reason);
  if (current !== undefined) stay(current, 'should serve');
  for (const { id, because, until } of uses)
    if (until === undefined || until > now)
      stay(id, until === undefined ? because : `${because}, until ${day(until)}`);
  const byAge = [...versions].sort((a, b) => b.time - a.time);
  for (const { id } of byAge.slice(0, newest)) stay(id, `one of the newest ${newest}`);
  // Members can be no line-ups, so once is enough.
  const kept = versions.filter(({ id }) => reasons.has(id));
  for (const { id, members } of kept) for (const member of members) stay(member, `a member of ${id}`);
  return versions.map(({ id }) => {
    const reason = reasons.get(id);
    return { id, stays: reason !== undefined, reason: reason ?? 'nothing refers to it' };
  });
}

const day = (time: number) => new Date(time).toISOString().slice(0, 10);

/** When a version served, as far as it is known. */
export interface Service {
  readonly id: string;
  /** End of its service so far; absent while it serves. */
  readonly to?: number | undefined;
  /** The newest record of a journal that names it. */
  readonly record?: number | undefined;
}

export interface ServiceView {
  readonly services: readonly Service[];
  readonly versions: readonly Held[];
  /** The oldest record that the journal still has. */
  readonly journalFirst: number;
  /** ms for which the store keeps forecasts; for ever where absent. */
  readonly retention: number | undefined;
  /** Of a version that nothing is known of: when it may have served last; undefined where it can't have. */
  readonly mayHaveServed: (version: Held) => number | undefined;
}

/**
 * Why versions that served are needed: the journal names them, so that a replay asks for them, or the store has
 * forecasts of them, or one would go back to them.
 */
export function usesOf({ services, versions, journalFirst, retention, mayHaveServed }: ServiceView): Use[] {
  const reachOf = new Map(versions.map(({ id, reach }) => [id, reach]));
  const stored = (id: string, to: number, because: string): Use => ({
    id,
    because,
    ...(retention !== undefined && { until: to + (reachOf.get(id) ?? 0) + retention }),
  });
  const ended = services.filter(({ to }) => to !== undefined).sort((a, b) => b.to! - a.to!);
  const known = new Set(services.map(({ id }) => id));
  return [
    ...services.filter(({ to }) => to === undefined).map(({ id }) => ({ id, because: 'serves' })),
    ...ended.slice(0, 1).map(({ id }) => ({ id, because: 'served before' })),
    ...services
      .filter(({ record }) => record !== undefined && record >= journalFirst)
      .map(({ id }) => ({ id, because: 'the journal names it' })),
    ...ended.map(({ id, to }) => stored(id, to!, 'forecasts of it are stored')),
    ...versions.flatMap((version) => {
      const to = known.has(version.id) ? undefined : mayHaveServed(version);
      return to === undefined ? [] : [stored(version.id, to, 'forecasts of it may be stored')];
    }),
  ];
}
