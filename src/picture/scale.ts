/** From data to pixels, linear. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Round numbers, about `count` of them, that lie within [low, high]. */
export function roundTicks(low: number, high: number, count = 5): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const unit = [1, 2, 5, 10].find((factor) => factor * power >= raw)! * power;
  const first = Math.ceil(low / unit);
  const last = Math.floor(high / unit);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * unit).toPrecision(12)));
}

const steps = [1, 2, 3, 6, 12, 24, 48, 168, 336, 720].map((hours) => hours * 3_600_000);

/** Instants on whole hours or days (UTC), at most about `count`, within [low, high], ms since the epoch. */
export function timeTicks(low: number, high: number, count = 6): number[] {
  const step = steps.find((one) => (high - low) / one <= count) ?? (high - low) / count;
  const first = Math.ceil(low / step) * step;
  return Array.from({ length: Math.floor((high - first) / step) + 1 }, (_, i) => first + i * step);
}

export function scale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  ticks: readonly number[],
): Scale {
  const map = (value: number) => from + ((value - low) / (high - low)) * (to - from);
  return Object.assign(map, { ticks });
}
