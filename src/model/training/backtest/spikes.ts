import { type StationGrid, valueAt } from '../station-grid.ts';
import { type Criterion, type State, stateOf } from './criteria.ts';
import { type Contingency, contingency, type Event, eventsOf, type Ratios, ratiosOf } from './events.ts';
import { countOnsets, type OnsetCounts, type OnsetScores, onsetScores } from './onsets.ts';
import type { Samples } from './samples.ts';
import { type Sighting, sightedState, sightingsAt } from './sightings.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Runs of a spike less than this apart are one (models.md 4). */
const merge = 6 * hour;
/** By which an alarm may miss an event. */
const tolerance = 3 * hour;

/** What one forecaster's spikes at one station and horizon count up to. */
export interface SpikeCounts {
  readonly events: number;
  readonly state: Contingency;
  readonly onset: OnsetCounts;
}

export interface SpikeScores {
  /** Spikes measured in the hold-out. */
  readonly events: number;
  readonly state: Contingency & Ratios;
  readonly onset: OnsetScores;
}

/** What was measured of one criterion at one station. */
export interface SpikeRecord {
  readonly samples: Samples;
  readonly criterion: Criterion;
  readonly grid: StationGrid;
  /** By step of the grid, as measured or sighted; not known before the first issue. */
  readonly states: readonly State[];
  readonly events: readonly Event[];
  /** Newest steps of the windows. */
  readonly issued: readonly number[];
}

/** `grid` holds the variable alone, from a day before the first issue on and no further than the hold-out. */
export function recordOf(
  samples: Samples,
  grid: StationGrid,
  criterion: Criterion,
  sightings: readonly Sighting[] = [],
): SpikeRecord {
  const { step, issuedAt } = samples;
  const own = sightingsAt(sightings, samples.station, samples.variable);
  const issued = Array.from(issuedAt, (time) => (time - grid.start) / step - 1);
  const states = Array.from({ length: grid.steps }, (_, at) =>
    at < issued[0]! ? -1 : sightedState(measuredState(criterion, grid, at), criterion, spanOf(grid, at), own),
  );
  return { samples, criterion, grid, states, issued, events: eventsOf(states, stepsOf(merge, step)) };
}

const spanOf = ({ start, step }: StationGrid, at: number) => ({
  from: start + at * step,
  to: start + (at + 1) * step,
});

const stepsOf = (time: number, step: number) => Math.max(1, Math.round(time / step));

/** The forecast state is that of the median. */
export function countSpikes(record: SpikeRecord, name: string, h: number): SpikeCounts {
  const { samples, states, events, issued } = record;
  const { step, horizons } = samples;
  const horizon = horizons[h]!;
  const said = issued.map((newest, i) => saidState(record, { name, h, i, newest }));
  return {
    events: events.length,
    state: contingency(
      issued.map((newest) => states[newest + horizon] ?? -1),
      said,
    ),
    onset: countOnsets({
      events,
      issued,
      said,
      horizon,
      tolerance: Math.round(tolerance / step),
      apart: stepsOf(merge, step),
      longest: stepsOf(day, step),
    }),
  };
}

function measuredState(criterion: Criterion, grid: StationGrid, at: number): State {
  const back = Math.round(day / grid.step);
  const value = valueAt(grid, at, 0) ?? Number.NaN;
  return stateOf(criterion, value, valueAt(grid, at - back, 0) ?? Number.NaN);
}

interface Said {
  readonly name: string;
  readonly h: number;
  readonly i: number;
  /** Step of the grid. */
  readonly newest: number;
}

/** Not known where the sample does not count, or where the day before was neither measured by then nor forecast. */
function saidState({ criterion, samples, grid }: SpikeRecord, said: Said): State {
  const { horizons, levels, truth } = samples;
  const { name, h, i, newest } = said;
  if (Number.isNaN(truth[i * horizons.length + h]!)) return -1;
  const own = samples.said.get(name)!;
  const median = (other: number) =>
    own[(i * horizons.length + other) * levels.length + levels.indexOf(0.5)] ?? Number.NaN;
  const ahead = horizons[h]! - Math.round(day / grid.step);
  const other = horizons.indexOf(ahead);
  const forecastBefore = other < 0 ? Number.NaN : median(other);
  const before = ahead <= 0 ? (valueAt(grid, newest + ahead, 0) ?? Number.NaN) : forecastBefore;
  return stateOf(criterion, median(h), before);
}

/** Scores of several stations together. */
export function spikeScores(counts: readonly SpikeCounts[], step: number): SpikeScores {
  const state = counts.reduce(
    (sum, { state: one }) => ({
      hits: sum.hits + one.hits,
      misses: sum.misses + one.misses,
      falseAlarms: sum.falseAlarms + one.falseAlarms,
      rejections: sum.rejections + one.rejections,
    }),
    { hits: 0, misses: 0, falseAlarms: 0, rejections: 0 },
  );
  return {
    events: counts.reduce((sum, { events }) => sum + events, 0),
    state: { ...state, ...ratiosOf(state) },
    onset: onsetScores(
      counts.map(({ onset }) => onset),
      step,
    ),
  };
}
