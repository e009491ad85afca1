import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { from, tap } from 'rxjs';
import type { Reading } from '../../src/ingest/reading.ts';
import { dedupe } from '../../src/stream/dedupe.ts';
import { qualify } from '../../src/stream/qualify.ts';
import type { StepBatch } from '../../src/stream/step.ts';
import { toSteps } from '../../src/stream/to-steps.ts';
import { toWindows } from '../../src/stream/to-windows.ts';
import { watermark } from '../../src/stream/watermark.ts';
import type { Window } from '../../src/stream/window.ts';
import { arrivals, horizon, limits, lookback, step, variables } from './arrivals.ts';
import {
  type Flagged,
  lastArrived,
  type ReferenceSettings,
  referenceClosed,
  referenceFlags,
  referenceSteps,
  referenceWindows,
} from './reference.ts';

/** Whatever the order, delay and repetition of readings: in the end all is as if computed at once, bit for bit. */

interface Run {
  readonly readings: Reading[];
  readonly batches: StepBatch[];
  readonly windows: Window[];
  readonly duplicates: number;
}

function run(arrived: readonly Reading[], settings: ReferenceSettings): Run {
  const seen = {
    readings: [] as Reading[],
    batches: [] as StepBatch[],
    windows: [] as Window[],
    duplicates: 0,
  };
  const grid = { step, horizon, gap: settings.gap };
  from(arrived)
    .pipe(
      dedupe<Reading>({ ...grid, onDuplicate: () => seen.duplicates++ }),
      qualify<Reading>({ ...grid, limits }),
      tap((reading) => seen.readings.push(reading)),
      watermark({ lateness: settings.lateness, idle: 1000, step }),
      toSteps({ ...grid, lookback, cadence: () => settings.cadence }),
      tap((batch) => seen.batches.push(batch)),
      toWindows({ step, lookback, variables, primarySensor: settings.primarySensor }),
    )
    .subscribe((window) => seen.windows.push(window));
  return seen;
}

const settings: fc.Arbitrary<ReferenceSettings> = fc.record({
  step: fc.constant(step),
  lookback: fc.constant(lookback),
  gap: fc.constantFrom(4, 12, horizon),
  lateness: fc.constantFrom(0, 5, 20),
  cadence: fc.constantFrom(2, 5, 20),
  limits: fc.constant(limits),
  variables: fc.constant(variables),
  primarySensor: fc.constantFrom(undefined, (station: string) => (station === 'B01' ? 'surface' : undefined)),
});

const byIdentity = <T extends { station: string; sensor: string; variable: string }>(
  items: readonly T[],
  time: (item: T) => number,
) => new Map(items.map((item) => [[item.station, item.variable, item.sensor, time(item)].join('/'), item]));

const sorted = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const flagged = ({ station, sensor, variable, time, value, flag, failed }: Flagged): Flagged => ({
  station,
  sensor,
  variable,
  time,
  value,
  flag,
  failed,
});

const check = (property: (arrived: Reading[], settings: ReferenceSettings) => void) =>
  fc.assert(fc.property(arrivals, settings, property), { numRuns: 1500 });

test('final flags are those of the whole series in order of time', (t) => {
  check((arrived, settings) => {
    const { readings } = run(arrived, settings);
    const final = byIdentity(readings.map(flagged), ({ time }) => time);
    const expected = byIdentity(referenceFlags(arrived, settings).map(flagged), ({ time }) => time);
    assert.deepEqual(sorted(final), sorted(expected));
  });
  t.pass();
});

test('final steps are those of the final readings', (t) => {
  check((arrived, settings) => {
    const { batches } = run(arrived, settings);
    const cells = new Map(batches.map((batch) => [`${batch.station}/${batch.start}`, batch.steps]));
    const final = [...cells.values()].flat().map(({ revision, ...step }) => step);
    const expected = expectedSteps(arrived, settings);
    assert.deepEqual(
      sorted(byIdentity(final, ({ start }) => start)),
      sorted(byIdentity(expected, ({ start }) => start)),
    );
  });
  t.pass();
});

test('the newest window of each station is that of the final steps', (t) => {
  check((arrived, settings) => {
    const newest = new Map<string, Window>();
    for (const window of run(arrived, settings).windows)
      if (window.end >= (newest.get(window.station)?.end ?? -Infinity)) newest.set(window.station, window);
    const final = [...newest].map(([station, { end, values, mask, coverage }]): [string, object] => [
      station,
      { end, values: [...values], mask: [...mask], coverage: [...coverage] },
    ]);
    const closed = referenceClosed(arrived, settings);
    const expected = referenceWindows(expectedSteps(arrived, settings), closed, settings);
    assert.deepEqual(sorted(new Map(final)), sorted(expected));
  });
  t.pass();
});

test('revisions count from 0 without gaps, and a repeated identity is a duplicate, a correction or a new flag', (t) => {
  check((arrived, settings) => {
    const { readings, batches, windows, duplicates } = run(arrived, settings);
    const next = new Map<string, number>();
    const inTurn = (key: string, revision: number) => {
      assert.equal(revision, next.get(key) ?? 0, key);
      next.set(key, revision + 1);
    };
    for (const { station, start, revision } of batches) inTurn(`step ${station} ${start}`, revision);
    for (const { station, end, revision } of windows) inTurn(`window ${station} ${end}`, revision);
    const count = (revision: string) => readings.filter((each) => each.revision === revision).length;
    assert.equal(count('first'), lastArrived(arrived).length);
    assert.equal(count('first') + count('correction') + duplicates, arrived.length);
  });
  t.pass();
});

function expectedSteps(arrived: readonly Reading[], settings: ReferenceSettings) {
  return referenceSteps(referenceFlags(arrived, settings), referenceClosed(arrived, settings), settings);
}
