import type { AlertTransition } from './alert.ts';

/** From when to when something was so, ms since the epoch; `to` is open. */
export interface Episode {
  readonly station: string;
  readonly from: number;
  readonly to: number;
}

export interface Crossing {
  readonly station: string;
  readonly time: number;
  readonly crossed: boolean;
}

/**
 * What there was to be warned of: crossings of one station that are at most `apart` from each other are one episode.
 * `crossings` are in order of time at each station.
 */
export function episodesOf(crossings: readonly Crossing[], length: number, apart: number): Episode[] {
  const open = new Map<string, Episode>();
  const found: Episode[] = [];
  for (const { station, time, crossed } of crossings) {
    if (!crossed) continue;
    const before = open.get(station);
    const goesOn = before && time - before.to <= apart;
    const episode = { station, from: goesOn ? before.from : time, to: time + length };
    if (goesOn) found[found.indexOf(before)] = episode;
    else found.push(episode);
    open.set(station, episode);
  }
  return found;
}

/** A warning that people were, or would have been, given: from firing to the end. */
export interface Warning {
  readonly id: string;
  readonly stations: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** Warnings of one rule, or of several; those that still stand end at `end`. Times are those of the evidence. */
export function warningsOf(transitions: readonly AlertTransition[], end: number): Warning[] {
  const warnings = new Map<string, Warning>();
  for (const { id, to, time, stations, mode } of transitions) {
    if (mode !== 'actual') continue;
    const known = warnings.get(id);
    if (!known && to === 'firing') warnings.set(id, { id, stations, from: time, to: end });
    else if (known) {
      const over = to === 'resolved' || to === 'inactive';
      const all = [...new Set([...known.stations, ...stations])];
      // What is stale warns of nothing new, until evidence is back.
      const until = over || to === 'stale' ? Math.min(time, known.to) : end;
      warnings.set(id, { ...known, stations: all, to: until });
    }
  }
  return [...warnings.values()];
}

export interface Score {
  readonly warnings: number;
  readonly episodes: number;
  readonly caught: number;
  readonly missed: number;
  readonly falseAlarms: number;
  /** Caught over all episodes; NaN without any. */
  readonly pod: number;
  /** False alarms over all warnings; a ratio, not a rate. */
  readonly far: number;
  /** Caught over caught, missed and false. */
  readonly csi: number;
  /** ms from the first warning to the onset of each caught episode, rising; negative where it came after. */
  readonly leads: readonly number[];
  /** Days with a warning, per year and station that was warned of or not. */
  readonly alertDaysPerYear: number;
}

export interface ScoreOptions {
  /** A warning counts for an episode that begins within so long of it, ms. */
  readonly ahead: number;
  /** Length of the time that is judged, ms. */
  readonly span: number;
}

/** Warnings beside what happened (a step can be warned of when it is over, at the earliest): a warning is false where no episode begins or goes on from it to `ahead` after it. */
export function score(
  warnings: readonly Warning[],
  episodes: readonly Episode[],
  { ahead, span }: ScoreOptions,
): Score {
  const meets = (warning: Warning, episode: Episode) =>
    warning.stations.includes(episode.station) &&
    warning.from <= episode.to &&
    Math.max(warning.to, warning.from + ahead) > episode.from;
  const first = episodes.map((episode) =>
    warnings.filter((warning) => meets(warning, episode)).map(({ from }) => from),
  );
  const leads = first.flatMap((times, i) =>
    times.length > 0 ? [episodes[i]!.from - Math.min(...times)] : [],
  );
  const falseAlarms = warnings.filter(
    (warning) => !episodes.some((episode) => meets(warning, episode)),
  ).length;
  const caught = leads.length;
  const missed = episodes.length - caught;
  const days = warnings.reduce((sum, { from, to }) => sum + to - from, 0) / 86_400_000;
  return {
    warnings: warnings.length,
    episodes: episodes.length,
    caught,
    missed,
    falseAlarms,
    pod: caught / episodes.length,
    far: falseAlarms / warnings.length,
    csi: caught / (caught + missed + falseAlarms),
    leads: leads.sort((a, b) => a - b),
    alertDaysPerYear: (days / span) * 365.25 * 86_400_000,
  };
}
