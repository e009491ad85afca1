export type TimeFormat = 'auto' | 'iso' | 'epoch-s' | 'epoch-ms';

/** Numbers below this are seconds, from it on milliseconds: as seconds it is the year 5138, as ms March 1973. */
export const epochBoundary = 100_000_000_000;
/** Later times are mistakes: 2100-01-01T00:00:00Z. */
const latest = 4_102_444_800_000;

const iso =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?$/;

/**
 * An observation's time in ms since the epoch, UTC; undefined where it is no such time.
 *
 * Text is ISO 8601 (calendar date, a time of day to the minute or finer, and a zone: `Z` or an offset; digits
 * below the millisecond are cut). Numbers are seconds or milliseconds since the epoch, told apart by
 * `epochBoundary` unless the format says which. Only times from 1970 to 2099 count.
 */
export function observationTime(raw: unknown, format: TimeFormat = 'auto', assumeUtc = false) {
  const time = format === 'auto' || format === 'iso' ? anyTime(raw, format, assumeUtc) : epoch(raw, format);
  return time !== undefined && time >= 0 && time < latest ? time : undefined;
}

function anyTime(raw: unknown, format: 'auto' | 'iso', assumeUtc: boolean): number | undefined {
  if (typeof raw === 'string') return isoTime(raw, assumeUtc);
  return format === 'auto' ? epoch(raw, format) : undefined;
}

function epoch(raw: unknown, format: TimeFormat): number | undefined {
  const number = typeof raw === 'string' && /^\d{1,16}(\.\d{1,9})?$/.test(raw) ? Number(raw) : raw;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  const seconds = format === 'epoch-s' || (format === 'auto' && number < epochBoundary);
  return Math.trunc(seconds ? number * 1000 : number);
}

function isoTime(text: string, assumeUtc: boolean): number | undefined {
  return plainTime(text) ?? anyIsoTime(text, assumeUtc);
}

/** `2026-05-01T00:10:00Z`, with or without milliseconds: nearly all times are, and a pattern costs more than the rest. */
function plainTime(text: string): number | undefined {
  if (text.length !== 20 && text.length !== 24) return undefined;
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':')
    return undefined;
  const ms = text.length === 24 ? (text[19] === '.' ? digits(text, 20, 23) : -1) : 0;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  if (text[text.length - 1] !== 'Z' || ms < 0 || year < 0 || hour < 0 || minute < 0 || second < 0)
    return undefined;
  // The last days of months are left to the long way, as is all that is out of range.
  if (month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  return year < 100 ? undefined : Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

/** The number that stands there; -1 where other characters do. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = 10 * number + digit;
  }
  return number;
}

function anyIsoTime(text: string, assumeUtc: boolean): number | undefined {
  const part = iso.exec(text);
  if (!part) return undefined;
  const zoned = part[8] !== undefined || part[9] !== undefined;
  if (!zoned && !assumeUtc) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((at) => Number(part[at] ?? 0));
  if (hour! > 23 || minute! > 59 || second! > 59 || day! < 1 || day! > daysOf(year!, month!))
    return undefined;
  const offset = offsetOf(part);
  if (offset === undefined) return undefined;
  const ms = Number((part[7] ?? '').padEnd(3, '0').slice(0, 3));
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, ms) - offset;
}

/** Offset from UTC in ms; RFC 3339 allows up to 23:59. */
function offsetOf(part: RegExpExecArray): number | undefined {
  if (part[9] === undefined) return 0;
  const [hours, minutes] = [Number(part[10]), Number(part[11])];
  if (hours > 23 || minutes > 59) return undefined;
  return (part[9] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function daysOf(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}
