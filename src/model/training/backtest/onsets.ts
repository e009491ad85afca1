import { type Event, type Ratios, ratio } from './events.ts';

/** The spikes to come, of one station and horizon; times are steps of its record. */
export interface OnsetCase {
  readonly events: readonly Event[];
  /** Newest step of each window that a forecast was made from, rising. */
  readonly issued: ArrayLike<number>;
  /** Whether each forecast says that the step `horizon` ahead is in the spike: 1, 0, or -1 for not known. */
  readonly said: ArrayLike<number>;
  readonly horizon: number;
  /** Steps by which an alarm may miss the time of an event. */
  readonly tolerance: number;
  /** Alarms issued less than so many steps from each other are one. */
  readonly apart: number;
  /** An alarm that goes on for so many steps is another one: else who always warns would have but one false alarm. */
  readonly longest: number;
}

/** They add up over stations. */
export interface OnsetCounts {
  /** Beginnings that a forecast issued before them could have told of. */
  readonly onsets: number;
  readonly caught: number;
  /** Alarms, strung together. */
  readonly alarms: number;
  readonly falseAlarms: number;
  /** Steps from the first alarm of each onset that was caught to the onset. */
  readonly leads: readonly number[];
  /** Forecasts issued outside of events. */
  readonly issues: number;
}

/**
 * Alarms are counted only while there is no event: what goes on needs no foretelling. An alarm names the time `horizon`
 * steps ahead; it is true if an event that begins after the issue is going on then, give or take the tolerance.
 */
export function countOnsets(given: OnsetCase): OnsetCounts {
  const quiet = outsideEvents(given);
  const ahead = quiet.map((i) => nextEvent(given, given.issued[i]!));
  const alarms = quiet.flatMap((i, row) =>
    given.said[i] === 1 ? [{ at: given.issued[i]!, of: ahead[row] }] : [],
  );
  const strings = strungTogether(alarms, given);
  const begun = given.events.filter((event) => event.begins && ahead.includes(event));
  const leads = begun.flatMap((event) => {
    const first = alarms.find(({ of }) => of === event);
    return first ? [event.from - first.at] : [];
  });
  return {
    onsets: begun.length,
    caught: leads.length,
    alarms: strings.length,
    falseAlarms: strings.filter((string) => string.every(({ of }) => of === undefined)).length,
    leads,
    issues: quiet.length,
  };
}

/** Places in `issued` of forecasts that were made outside of events, and that say something. */
function outsideEvents({ events, issued, said }: OnsetCase): number[] {
  return Array.from({ length: issued.length }, (_, i) => i).filter(
    (i) => said[i]! >= 0 && !events.some(({ from, to }) => issued[i]! >= from && issued[i]! < to),
  );
}

/** The event that a forecast issued at a step can be true of. */
function nextEvent({ events, horizon, tolerance }: OnsetCase, issued: number): Event | undefined {
  const named = issued + horizon;
  return events.find(({ from, to }) => from > issued && named >= from - tolerance && named < to + tolerance);
}

interface Alarm {
  readonly at: number;
  readonly of: Event | undefined;
}

function strungTogether(alarms: readonly Alarm[], { apart, longest }: OnsetCase): Alarm[][] {
  const strings: Alarm[][] = [];
  for (const alarm of alarms) {
    const last = strings.at(-1);
    const goesOn = last && alarm.at - last.at(-1)!.at < apart && alarm.at - last[0]!.at < longest;
    if (goesOn) last.push(alarm);
    else strings.push([alarm]);
  }
  return strings;
}

export interface OnsetScores extends Ratios {
  readonly onsets: number;
  readonly caught: number;
  readonly falseAlarms: number;
  /** Median, hours. */
  readonly leadHours: number | null;
  readonly falseAlarmsPerMonth: number | null;
}

const hour = 3_600_000;
/** A mean month, ms. */
const month = (365.2425 / 12) * 24 * hour;

/** The scores of all cases together; events are few, so stations are pooled before anything is divided. */
export function onsetScores(counts: readonly OnsetCounts[], step: number): OnsetScores {
  const sum = (of: (one: OnsetCounts) => number) => counts.reduce((total, one) => total + of(one), 0);
  const [onsets, caught, falseAlarms] = [
    sum((one) => one.onsets),
    sum((one) => one.caught),
    sum((one) => one.falseAlarms),
  ];
  const lead = median(counts.flatMap(({ leads }) => leads));
  const months = (sum(({ issues }) => issues) * step) / month;
  return {
    onsets,
    caught,
    falseAlarms,
    pod: ratio(caught, onsets),
    far: ratio(
      falseAlarms,
      sum(({ alarms }) => alarms),
    ),
    csi: ratio(caught, onsets + falseAlarms),
    leadHours: lead === undefined ? null : (lead * step) / hour,
    falseAlarmsPerMonth: ratio(falseAlarms, months),
  };
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
