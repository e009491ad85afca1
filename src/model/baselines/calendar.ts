const hour = 3_600_000;
const day = 24 * hour;
/** Mean Gregorian year. */
const year = 365.2425 * day;

export const daysOfYear = 366;

/** Day of the year from 0 and hour of the day, UTC. 29 February is 59, so that 1 March is 60 in every year. */
export function placeInYear(time: number): { readonly day: number; readonly hour: number } {
  const days = Math.floor(time / day);
  return { day: (daysSinceMarch(days) + 60) % daysOfYear, hour: Math.floor(time / hour) - 24 * days };
}

/** Days since 1 March, from 0, of a count of days since 1970: the leap day is the last (Hinnant, chrono algorithms). */
function daysSinceMarch(days: number): number {
  const since = days + 719_468;
  const inEra = since - Math.floor(since / 146_097) * 146_097;
  const leapDays = Math.floor(inEra / 1460) - Math.floor(inEra / 36_524) + Math.floor(inEra / 146_096);
  const yearOfEra = Math.floor((inEra - leapDays) / 365);
  return inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
}

/** Time of day by two harmonics and time of year by one. */
export function harmonics(time: number): readonly number[] {
  const turn = 2 * Math.PI;
  const inDay = (turn * (time % day)) / day;
  const inYear = (turn * (time % year)) / year;
  return [
    Math.sin(inDay),
    Math.cos(inDay),
    Math.sin(2 * inDay),
    Math.cos(2 * inDay),
    Math.sin(inYear),
    Math.cos(inYear),
  ];
}
