import fc from 'fast-check';
import type { Reading } from '../../src/ingest/reading.ts';
import type { Limits } from '../../src/stream/qualify.ts';
import { reading } from './events.ts';

/** A small world, so that a few readings meet every case: cells of 10 ms, of which 25 ms can be revised. */
export const horizon = 25;
export const step = 10;
export const lookback = 4;
export const stations = ['B01', 'B02'] as const;
export const variables = ['chlorophyll', 'dissolvedOxygen', 'unlimited'] as const;

export const limits: Readonly<Record<string, Limits>> = {
  chlorophyll: {
    grossRange: { fail: [0, 100], suspect: [1, 50] },
    spike: { suspect: 4, fail: 20 },
    rateOfChange: { suspect: 3 * 3_600_000 },
    flatLine: { tolerance: 0.5, suspect: 3, fail: 6 },
    ceiling: 90,
  },
  dissolvedOxygen: { spike: { suspect: 0 }, flatLine: { tolerance: 0, suspect: 4 } },
};

const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -1, max: 12 }).map((number) => number / 2 + 0.1) },
  { weight: 4, arbitrary: fc.constant(3) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, -0, 0, 60, 90, 200, -7) },
);

/** Mostly the first, so that some series is dense enough for every check. */
const mostly = (first: string, ...others: string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(first) }, fc.constantFrom(...others));

const observation = fc.record({
  station: mostly(...stations),
  variable: mostly(...variables),
  sensor: mostly('bottom', 'surface'),
  time: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60, max: 400 }) },
  ),
  value,
});

const delay = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: horizon }));

/** How often, how late, and at last with which values an observation arrives: a second value corrects the first. */
const arrival = fc.tuple(observation, fc.array(fc.tuple(delay, value), { maxLength: 2 }), delay);

/**
 * Readings in order of arrival, none later than the horizon: what came before it was observed at most the horizon
 * later. Many arrive twice, some with another value.
 */
export const arrivals: fc.Arbitrary<Reading[]> = fc
  .array(arrival, { minLength: 1, maxLength: 60, size: 'max' })
  .map((seen) =>
    seen
      .flatMap(([observed, again, late], index) => {
        const { time, value, ...names } = observed;
        const first = reading(time, value, { ...names, receivedAt: time + late });
        const repeats = again.map(([delay, other], turn) =>
          reading(time, (index + turn) % 2 ? value : other, { ...names, receivedAt: time + delay }),
        );
        return [first, ...repeats];
      })
      .sort((a, b) => a.receivedAt - b.receivedAt),
  );
