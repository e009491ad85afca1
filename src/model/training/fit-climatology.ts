import { daysOfYear, placeInYear } from '../baselines/calendar.ts';
import type { Normals } from '../baselines/climatology.ts';
import { type StationGrid, valueAt } from './station-grid.ts';

/** Days to both sides that count for a day of the year. */
const reach = 7;
const cells = daysOfYear * 24;
/** A mean of fewer values is no normal. */
const enough = 3;

/**
 * Means by day of the year and hour over the years, of the 15 days around each. Where too little was measured on those
 * days at that hour, the next ones in the same order of trust: all hours of those days, the hour in any season, all.
 * Undefined where nothing was measured.
 */
export function fitClimatology(grids: readonly StationGrid[], column: number): Normals | undefined {
  const sums = new Float64Array(cells);
  const counts = new Float64Array(cells);
  for (const grid of grids)
    for (let step = 0; step < grid.steps; step++) {
      const value = valueAt(grid, step, column);
      if (value === undefined) continue;
      const { day, hour } = placeInYear(grid.start + step * grid.step);
      sums[day * 24 + hour]! += value;
      counts[day * 24 + hour]!++;
    }
  const all = { sum: total(sums), count: total(counts) };
  if (all.count === 0) return undefined;
  const near = { sums: aroundDays(sums), counts: aroundDays(counts) };
  const whole = all.sum / all.count;
  const ofDay = Array.from({ length: daysOfYear }, (_, day) =>
    rounded(mean(overHours(near.sums, day), overHours(near.counts, day))),
  );
  const ofHour = Array.from({ length: 24 }, (_, hour) =>
    rounded(mean(overDays(sums, hour), overDays(counts, hour)) ?? whole),
  );
  return Array.from(
    { length: cells },
    (_, i) => rounded(mean(near.sums[i]!, near.counts[i]!)) ?? ofDay[Math.floor(i / 24)] ?? ofHour[i % 24]!,
  );
}

const rounded = <Value extends number | undefined>(value: Value) =>
  (value === undefined ? undefined : Number(value.toPrecision(7))) as Value;
const mean = (sum: number, count: number) => (count >= enough ? sum / count : undefined);
const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

/** Sums over the days within reach; the year is a ring. */
function aroundDays(values: Float64Array): Float64Array {
  const out = new Float64Array(cells);
  for (let day = 0; day < daysOfYear; day++)
    for (let away = -reach; away <= reach; away++) {
      const from = ((day + away + daysOfYear) % daysOfYear) * 24;
      for (let hour = 0; hour < 24; hour++) out[day * 24 + hour]! += values[from + hour]!;
    }
  return out;
}

const overHours = (values: Float64Array, day: number) => total(values.subarray(day * 24, day * 24 + 24));

function overDays(values: Float64Array, hour: number): number {
  let sum = 0;
  for (let i = hour; i < cells; i += 24) sum += values[i]!;
  return sum;
}
