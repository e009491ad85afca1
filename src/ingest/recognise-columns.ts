import type { CsvMapping, ValuePlace } from './format.ts';

/** What a header tells of a file. */
export interface RecognisedColumns {
  readonly mapping: CsvMapping;
  readonly ignored: readonly { readonly column: string; readonly reason: string }[];
  /** What the user should know of the columns taken, such as a unit taken on trust. */
  readonly notes: readonly string[];
}

/** A header from which no mapping follows; the message says what is missing. */
export class NotRecognised extends Error {
  override readonly name = 'NotRecognised';
}

interface Pattern {
  readonly variable: string;
  /** Of the words of a column's name, in lower case and joined by spaces. */
  readonly words: RegExp;
  /** The first that matches gives the unit; with none the column is not taken. */
  readonly units: readonly (readonly [words: RegExp, unit: string | undefined])[];
}

const celsius = [
  [/\b(deg)? ?c(elsius)?$/, 'degC'],
  [/\b(deg)? ?f(ahrenheit)?$/, 'degF'],
  [/\bk(elvin)?$/, 'K'],
] as const;

const patterns: readonly Pattern[] = [
  { variable: 'airTemperature', words: /^(air temp(erature)?|atmp)\b/, units: celsius },
  {
    variable: 'waterTemperature',
    words: /^((sea |water )(surface )?temp(erature)?|sst|wtmp|otmp|wtemp|temp(erature)?)\b/,
    units: celsius,
  },
  { variable: 'salinity', words: /^sal(inity)?\b/, units: [[/(\b(psu|pss|ppt|1e 3))?$/, '1e-3']] },
  {
    variable: 'chlorophyll',
    words: /^(chl|chla|chlorophyll|chlor a|chlorophyll a)\b/,
    units: [
      [/\b(ug l|mg m3|µg l)$/, 'ug/L'],
      // Relative units of the instrument: no unit, so the numbers are taken as they are.
      [/\b(rfu|ffu)$/, undefined],
    ],
  },
  {
    variable: 'dissolvedOxygen',
    words: /^(do|dissolved oxygen|oxygen|doxy)\b/,
    units: [
      [/\bmg ?l$/, 'mg/L'],
      [/\bml l$/, 'mL/L'],
      [/\bumol l$/, 'umol/L'],
    ],
  },
];

const times = /^(time( utc)?|timestamp( utc)?|date ?time( utc)?|datetimestamp)$/;
const stations = /^(station( id| code)?|stationcode|site( id)?|platform( id)?)$/;

/**
 * A mapping for a file of rows by the names of its columns, for the five variables that the models know. Where
 * several columns hold one variable, a measured one is preferred to one that was derived, then the first.
 *
 * @param station what the rows belong to when no column says so.
 * @throws {NotRecognised} without a column of times, without a station, or without any of the variables.
 */
export function recogniseColumns(header: readonly string[], station?: string): RecognisedColumns {
  const columns = header.map((column) => column.trim());
  const time = columns.find((column) => times.test(wordsOf(column)));
  if (time === undefined) throw new NotRecognised(`no column of times among: ${columns.join(', ')}`);
  const stationColumn = columns.find((column) => stations.test(wordsOf(column)));
  if (stationColumn === undefined && station === undefined)
    throw new NotRecognised(`no column names the station among: ${columns.join(', ')}; name it for the file`);
  const taken = takeValues(columns);
  if (taken.size === 0) throw new NotRecognised(`no column of a known variable among: ${columns.join(', ')}`);
  return {
    mapping: {
      columns,
      time,
      // What names UTC in its header need not repeat it in each row.
      assumeUtc: /utc/.test(wordsOf(time)),
      ...(stationColumn === undefined ? { constantStation: station } : { station: stationColumn }),
      values: Object.fromEntries([...taken].map(([variable, { at, unit }]) => [variable, { at, unit }])),
    },
    ignored: columns
      .filter((column) => column !== time && column !== stationColumn)
      .filter((column) => ![...taken.values()].some(({ at }) => at === column))
      .map((column) => ({ column, reason: whyIgnored(column, taken) })),
    notes: [...taken]
      .filter(([variable, { at, unit }]) => unit === undefined && at !== variable)
      .map(([, place]) => relativeUnit(place)),
  };
}

function takeValues(columns: readonly string[]): Map<string, ValuePlace> {
  const taken = new Map<string, ValuePlace>();
  const measured = columns.filter((column) => !isDerived(wordsOf(column)));
  for (const column of [...measured, ...columns]) {
    const found = quantityOf(column);
    if (found?.unit && !taken.has(found.variable) && !isFlag(wordsOf(column)))
      taken.set(found.variable, { at: column, unit: found.unit.name });
  }
  return taken;
}

const wordsOf = (column: string) =>
  column
    .toLowerCase()
    .replace(/[^a-z0-9µ%]+/g, ' ')
    .trim();

const isDerived = (words: string) => /\b(est|estimated|uncorrected|raw|interp|interpolated)\b/.test(words);
const isFlag = (words: string) => /\b(flag|qc|suspect|quality)\b|^f /.test(words);

function quantityOf(column: string) {
  // A variable's own name is in its own unit: what redtide itself writes.
  if (patterns.some(({ variable }) => variable === column))
    return { variable: column, unit: { name: undefined } };
  const words = wordsOf(column);
  const pattern = patterns.find((one) => one.words.test(words));
  const unit = pattern?.units.find(([ending]) => ending.test(words));
  return pattern && { variable: pattern.variable, unit: unit && { name: unit[1] } };
}

function whyIgnored(column: string, taken: ReadonlyMap<string, ValuePlace>): string {
  const words = wordsOf(column);
  if (isFlag(words)) return "a flag of the source's own quality control";
  const found = quantityOf(column);
  if (!found) return 'none of the five variables';
  if (!found.unit) return `no unit that converts to one of ${found.variable}`;
  return `${taken.get(found.variable)?.at} is taken for ${found.variable}`;
}

const relativeUnit = ({ at }: ValuePlace) =>
  `${at}: relative fluorescence of the instrument, taken as the unit of chlorophyll without calibration`;
