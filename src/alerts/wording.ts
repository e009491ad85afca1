/** `24.13 ug/L`: four significant digits, the unit where it is known. */
export function amount(value: number, unit = ''): string {
  return `${Number(value.toPrecision(4))} ${unit}`.trimEnd();
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `3 h`, `90 min`, `2 d`: in the largest unit of which it is a whole number. */
export function span(ms: number): string {
  const [name, size] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1];
  return `${ms / size} ${name}`;
}

/** Severity and state are for people too: `2026-03-01T14:00Z`, to the minute unless seconds matter. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().replace(/(:00)?\.000Z$/, 'Z');
}

/** `62 %`, of 0 to 1. */
export const percent = (share: number) => `${Math.round(100 * share)} %`;
