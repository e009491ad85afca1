import fc from 'fast-check';
import { timeOf } from '../../src/model/online/verification.ts';
import type { Stored } from '../../src/store/store.ts';
import { alert, emptyStep, forecast, hour, reading, start, step, verification } from './points.ts';

/** Few identities, so that points meet. */
const name = fc.constantFrom('a', 'b c', 'é,=\\x', '🌊');
const few = fc.integer({ min: 0, max: 3 });
const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);
const flag = fc.constantFrom(1, 2, 3, 4, 9);

const readings = fc
  .record({
    sensor: name,
    variable: name,
    time: few.map((at) => start + at),
    value,
    flag,
    failed: fc.subarray(['grossRange', 'spike', 'flatLine']),
    lateOnly: fc.boolean(),
  })
  .map((change) => reading(change as Parameters<typeof reading>[0]));

const steps = fc
  .record({
    sensor: name,
    variable: name,
    start: few.map((at) => start + at * hour),
    mean: value,
    revision: few,
  })
  .chain((change) => fc.constantFrom<Stored>(step(change), emptyStep({ ...change, mean: Number.NaN })));

const forecasts = fc
  .record({ variable: name, issuedAt: few.map((at) => start + at * hour), revision: few, median: value })
  .map(({ median, ...change }) =>
    forecast({ ...change, horizons: [1, 2], quantiles: [0.5], values: [[median], [1]] }),
  );

const verifications = fc
  .record({
    variable: name,
    issuedAt: few.map((at) => start + at * hour),
    horizon: fc.constantFrom(1, 2, 3),
    bias: value,
    model: name,
  })
  .map(verification);

const alerts = fc
  .record({
    rule: name,
    time: few.map((at) => start + at),
    to: fc.constantFrom('pending', 'firing', 'resolved'),
    reason: fc.string({ unit: 'grapheme' }),
    value,
  })
  .map(({ value: seen, ...change }) =>
    alert({ ...change, evidence: { ...alert().evidence, value: seen } } as Parameters<typeof alert>[0]),
  );

export const storedPoint: fc.Arbitrary<Stored> = fc.oneof(readings, steps, forecasts, verifications, alerts);

const kinds = ['reading', 'step', 'forecast', 'verification', 'alert'];
const states = ['pending', 'firing', 'resolved', 'inactive'];

/** What identifies a point, in the order of reading. */
function identity(point: Stored): (string | number)[] {
  switch (point.kind) {
    case 'reading':
      return [0, point.station, point.sensor, point.variable, point.time];
    case 'step':
      return [1, point.station, point.sensor, point.variable, point.start];
    case 'forecast':
      return [2, point.station, point.variable, point.issuedAt, point.revision];
    case 'verification':
      return [3, point.station, point.variable, timeOf(point), point.horizon, point.step];
    case 'alert':
      return [4, point.station, point.evidence.variable, point.time, point.rule, states.indexOf(point.to)];
  }
}

function compare(a: Stored, b: Stored): number {
  const [left, right] = [identity(a), identity(b)];
  for (const [at, one] of left.entries()) {
    const other = right[at]!;
    const order =
      typeof one === 'number'
        ? one - Number(other)
        : Buffer.compare(Buffer.from(one), Buffer.from(`${other}`));
    if (order !== 0) return order;
  }
  return 0;
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((key) => [key, canonical(record[key])]),
  );
}

/** The plain answer to what a store holds after these writes, as `exportSorted` tells it. */
export function expectedExport(points: readonly Stored[]): string[] {
  const last = new Map(
    points.map((point) => [JSON.stringify([...identity(point), kinds.indexOf(point.kind)]), point]),
  );
  return [...last.values()].sort(compare).map((point) => JSON.stringify(canonical(point)));
}
