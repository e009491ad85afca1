import test from 'ava';
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { LstmBackend } from '../../../src/model/lstm-backend.ts';
import { lstmPredictor } from '../../../src/model/lstm-predictor.ts';
import {
  between,
  gather,
  hashOf,
  hasSamples,
  makeDataset,
  type Series,
} from '../../../src/model/training/dataset.ts';
import type { Step, StepBatch } from '../../../src/stream/step.ts';
import { toWindows } from '../../../src/stream/to-windows.ts';
import { artifactOf, embodied, hour, june, stepsOf } from '../samples.ts';

/** A value, a step whose readings all failed, or no step at all. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const [a, b] = ['a', 'b'] as const;
const values = fc.array(value, { minLength: 4, maxLength: 40 });

const options = { lookback: 4, horizons: [1, 3], coverage: 0.5, scaling: { minimum: 0, maximum: 40 } };
const listOf = ({ values: means, mask }: Series) => [...means].map((mean, i) => (mask[i] ? mean : undefined));

/** Samples by the words of the rule, from plain lists. */
function slowly(list: readonly (number | undefined)[]): { x: number[]; y: number[] }[] {
  return list.flatMap((newest, i) => {
    const [window, after] = [list.slice(i - 3, i + 1), [list[i + 1], list[i + 3]]];
    const measured = window.filter((one) => one !== undefined);
    if (i < 3 || newest === undefined || measured.length < 2 || after.includes(undefined)) return [];
    let last = measured[0]!;
    const x = window.map((one) => {
      last = one ?? last;
      return Math.fround(last / 40);
    });
    return { x, y: after.map((one) => Math.fround(one! / 40)) };
  });
}

const rows = (all: Float32Array, width: number) =>
  Array.from({ length: all.length / width }, (_, i) => [...all.subarray(i * width, (i + 1) * width)]);

test('samples are those of the rule, whatever the order of the steps and the holes among them', async (t) => {
  await fc.assert(
    fc.asyncProperty(values, fc.infiniteStream(fc.nat()), async (given, order) => {
      const steps = stepsOf(given)
        .map((step) => ({ step, key: order.next().value as number }))
        .sort((p, q) => p.key - q.key)
        .map(({ step }) => step);
      const series = await gather(steps, hour);
      const known = given.slice(given.findIndex((one) => one !== undefined));
      const want = slowly(known.map((one) => (Number.isNaN(one) ? undefined : one)));
      t.is(hasSamples(series, 'chlorophyll', options), want.length > 0);
      if (want.length === 0) return;
      const data = makeDataset(series, 'chlorophyll', options);
      t.is(data.samples, want.length);
      t.deepEqual(
        rows(data.x, 4),
        want.map(({ x }) => x),
      );
      t.deepEqual(
        rows(data.y, 2),
        want.map(({ y }) => y),
      );
    }),
    { numRuns: 150 },
  );
});

test('training sees what serving sees: the same steps through windows and predictor', async (t) => {
  await fc.assert(
    fc.asyncProperty(values, values, fc.constantFrom(undefined, a, b), async (first, second, primary) => {
      const sensorFor = () => primary;
      const steps = [...stepsOf(first, { sensor: 'a' }), ...stepsOf(second, { sensor: 'b' })];
      const served = await servedInputs(steps, sensorFor);
      const series = await gather([...steps].reverse(), hour, sensorFor);
      if (!hasSamples(series, 'chlorophyll', options)) return;
      const data = makeDataset(series, 'chlorophyll', options);
      const inputs = new Set(served.map((x) => x.join()));
      for (const x of rows(data.x, 4)) t.true(inputs.has(x.join()), `${x} is never served`);
    }),
    { numRuns: 100 },
  );
});

/** The inputs that reach a network, window by window. */
async function servedInputs(
  steps: readonly Step[],
  primarySensor: () => string | undefined,
): Promise<number[][]> {
  const seen: number[][] = [];
  const backend: LstmBackend = {
    name: 'witness',
    load: () => ({
      forward: (x, batch) => {
        seen.push(...rows(x, 4));
        return new Float32Array(3 * batch);
      },
      dispose: () => {},
    }),
    fitting: () => {
      throw new Error('not here');
    },
  };
  const made = artifactOf({ lookback: 4, variables: ['chlorophyll'] });
  const [variable] = made.manifest.body.variables;
  const artifact = embodied(made, { variables: [{ ...variable, scaling: options.scaling }] });
  const predictor = lstmPredictor(artifact, { backend, coverage: options.coverage });
  const windows = toWindows({ step: hour, lookback: 4, variables: ['chlorophyll'], primarySensor });
  for (const window of await lastValueFrom(from(batchesOf(steps)).pipe(windows, toArray())))
    predictor.predict([window]);
  return seen;
}

function batchesOf(steps: readonly Step[]): StepBatch[] {
  const starts = [...new Set(steps.map(({ start }) => start))].sort((p, q) => p - q);
  return starts.map((start) => ({
    kind: 'steps',
    station: 'buoy-1',
    start,
    length: hour,
    revision: 0,
    steps: steps.filter((step) => step.start === start),
    idle: false,
  }));
}

test('a later revision of a step counts, also one that takes the value away', async (t) => {
  const steps = [...stepsOf([1, 2, 3]), ...stepsOf([undefined, 20, Number.NaN])];
  const [series] = await gather(steps, hour);
  t.deepEqual(listOf(series!), [1, 20, undefined]);
});

test('a sensor that takes over from another goes on with its series', async (t) => {
  const steps = [
    ...stepsOf([undefined, undefined, 3, 4], { sensor: 'a' }),
    ...stepsOf([1, 2, 30], { sensor: 'b' }),
  ];
  const series = await gather(steps, hour);
  t.is(series.length, 1);
  t.deepEqual(listOf(series[0]!), [1, 2, 3, 4]);
  const [named] = await gather(steps, hour, (station, variable) =>
    `${station}${variable}` ? 'b' : undefined,
  );
  t.deepEqual(listOf(named!), [1, 2, 30]);
});

test('stations and variables are kept apart, steps of another length do not count', async (t) => {
  const steps = [
    ...stepsOf([1, 2]),
    ...stepsOf([5], { station: 'buoy-2' }),
    ...stepsOf([7], { variable: 'salinity' }),
    ...stepsOf([9], { station: 'buoy-3', length: hour / 2 }),
  ];
  const series = await gather(steps, hour);
  t.deepEqual(
    series.map((one) => [one.station, one.variable, one.start, ...listOf(one)]),
    [
      ['buoy-1', 'chlorophyll', june, 1, 2],
      ['buoy-2', 'chlorophyll', june, 5],
      ['buoy-1', 'salinity', june, 7],
    ],
  );
});

test('samples of several stations come in the order of time, then of station', async (t) => {
  const ramp = [0, 1, 2, 3, 4, 5, 6, 7];
  const series = await gather(
    [
      ...stepsOf(ramp, { station: 'west', start: june + hour }),
      ...stepsOf(
        ramp.map((one) => one + 10),
        { station: 'east' },
      ),
    ],
    hour,
  );
  const { x } = makeDataset(series, 'chlorophyll', options);
  t.deepEqual(
    rows(x, 4).map((row) => Math.round(row[3]! * 40)),
    [13, 14, 3, 4],
  );
});

/** On the grid, and off it. */
const cuts = fc
  .oneof(
    fc.integer({ min: -2, max: 45 }).map((n) => n * hour),
    fc.integer({ min: -2 * hour, max: 45 * hour }),
  )
  .map((ms) => june + ms);

test('a cut in time gives each step to one side, and no sample reaches over it', async (t) => {
  await fc.assert(
    fc.asyncProperty(values, cuts, async (given, cut) => {
      const [series] = await gather(stepsOf(given), hour);
      if (!series) return;
      const [before, after] = [between(series, -Infinity, cut), between(series, cut, Infinity)];
      const [list, { start }] = [listOf(series), series];
      t.deepEqual(
        listOf(before),
        list.filter((_, i) => start + (i + 1) * hour <= cut),
      );
      t.deepEqual(
        listOf(after),
        list.filter((_, i) => start + i * hour >= cut),
      );
      if (after.values.length > 0) t.is(after.start, start + (list.length - after.values.length) * hour);
    }),
  );
});

test('what cannot be learned from is said with its variable', async (t) => {
  const { scaling: _, ...unscaled } = options;
  const flat = await gather(stepsOf([4, 4, 4, 4, 4, 4, 4, 4]), hour);
  t.throws(() => makeDataset(flat, 'chlorophyll', unscaled), {
    message: /^chlorophyll: .* no two different values; give it more data, or leave the variable out$/,
  });
  const short = await gather(stepsOf([1, 2, 3, 4, 5]), hour);
  t.throws(() => makeDataset(short, 'chlorophyll', unscaled), {
    message: /^chlorophyll: no window of 4 steps is complete enough/,
  });
  t.throws(() => makeDataset([], 'salinity', unscaled), { message: /^salinity: / });
});

test('the hash is that of the data, not of the order it came in', async (t) => {
  const steps = [...stepsOf([1, 2, undefined, 4]), ...stepsOf([1, 2], { station: 'buoy-2' })];
  const hash = hashOf(await gather(steps, hour));
  t.is(hashOf(await gather([...steps].reverse(), hour)), hash);
  for (const other of [
    stepsOf([1, 2, 0, 4]),
    stepsOf([1, 2, undefined, 5]),
    stepsOf([1, 2, undefined, 4], { start: 0 }),
  ])
    t.not(hashOf(await gather([...other, ...steps.slice(3)], hour)), hash);
});
