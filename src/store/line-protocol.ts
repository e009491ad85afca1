/**
 * One line of InfluxDB's line protocol, before encoding. The four kinds of field are apart because the type of a
 * field is fixed by its first point: a float written once as an integer poisons the shard.
 */
export interface Line {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly floats: Readonly<Record<string, number>>;
  readonly integers?: Readonly<Record<string, number>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly booleans?: Readonly<Record<string, boolean>>;
  /** ms since the epoch; written with `precision=ms`. */
  readonly time: number;
}

/** InfluxDB keeps nanoseconds in 64 bits: the years 1677 to 2262. */
export const latestTime = 9_223_372_036_854;
/** Keeps any key within LMDB's 1978 bytes, so that both stores take the same names. */
const longestName = 255;
/** InfluxDB takes strings of less than 64 KiB. */
const longestText = 65_000;

/**
 * Why this line can't be told, or undefined. The protocol has no way to write an empty tag, or a backslash before
 * the end of one; a line break in a tag ends the line, and what follows would be read as a second one.
 */
export function reasonAgainst(line: Line): string | undefined {
  return (
    firstReason(line.tags, reasonAgainstName) ??
    firstReason(line.floats, (value) => (Number.isFinite(value) ? undefined : 'is not a finite number')) ??
    firstReason(line.integers, (value) => (Number.isSafeInteger(value) ? undefined : 'is not an integer')) ??
    firstReason(line.texts, reasonAgainstText) ??
    firstReason({ time: line.time }, reasonAgainstTime)
  );
}

function firstReason<T>(
  values: Readonly<Record<string, T>> | undefined,
  check: (value: T) => string | undefined,
): string | undefined {
  for (const name in values) {
    const reason = check(values[name]!);
    if (reason) return `${name} ${shown(values[name])} ${reason}`;
  }
  return undefined;
}

const shown = (value: unknown) =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : `${value}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f]/;
const loneSurrogate = /\p{Surrogate}/u;

function reasonAgainstName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (controlCharacter.test(name)) return 'has a line break or another control character';
  if (name.endsWith('\\')) return 'ends with a backslash';
  if (Buffer.byteLength(name) > longestName) return `is longer than ${longestName} bytes`;
  return loneSurrogate.test(name) ? 'is not well-formed Unicode' : undefined;
}

/** By name: what stands in a line, or undefined where `reasonAgainst` has something against it. */
const tags = new Map<string, string | undefined>();
/** Stations, sensors and variables are few; whoever makes up names must not fill the memory. */
const mostTags = 250_000;

/** A tag's value as it stands in a line; undefined where it can't. Remembered, since the same few come all the time. */
export function escapedTag(name: string): string | undefined {
  const known = tags.get(name);
  if (known !== undefined) return known;
  if (tags.size >= mostTags) tags.clear();
  const escaped = reasonAgainstName(name) === undefined ? escapeName(name) : undefined;
  tags.set(name, escaped);
  return escaped;
}

function reasonAgainstText(text: string): string | undefined {
  if (Buffer.byteLength(text) > longestText) return `is longer than ${longestText} bytes`;
  return loneSurrogate.test(text) ? 'is not well-formed Unicode' : undefined;
}

function reasonAgainstTime(time: number): string | undefined {
  if (!Number.isSafeInteger(time)) return 'is not a whole number of milliseconds';
  return Math.abs(time) >= latestTime ? 'is outside the years 1677 to 2262' : undefined;
}

/** The line without its line break. Only for lines that `reasonAgainst` has nothing against. */
export function encodeLine({ measurement, tags, floats, integers, texts, booleans, time }: Line): string {
  let key = escapeMeasurement(measurement);
  for (const name in tags) key += `,${escapeName(name)}=${escapeName(tags[name]!)}`;
  const fields: string[] = [];
  for (const name in floats) fields.push(`${escapeName(name)}=${floats[name]}`);
  for (const name in integers) fields.push(`${escapeName(name)}=${integers[name]}i`);
  for (const name in texts) fields.push(`${escapeName(name)}="${texts[name]!.replace(/["\\]/g, '\\$&')}"`);
  for (const name in booleans) fields.push(`${escapeName(name)}=${booleans[name]}`);
  return `${key} ${fields.join()} ${time}`;
}

const escapeMeasurement = (name: string) => name.replace(/[, ]/g, '\\$&');
const escapeName = (name: string) => name.replace(/[,= ]/g, '\\$&');
