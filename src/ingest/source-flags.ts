import { joinRow, splitRow } from './csv-row.ts';
import { type CsvMapping, valuePlaces } from './format.ts';

/** A column in which the source says of another one whether its values were measured and can be trusted. */
export interface FlagColumn {
  /** The column that it speaks of. */
  readonly of: string;
  readonly flag: string;
  readonly distrusts: (code: number) => boolean;
}

/** 1 where the value was interpolated, or is suspect. */
const marks = {
  words: /^(interp|interpolated|suspect)( (interp|interpolated|suspect))* /,
  distrusts: (code: number) => code !== 0,
};
/** NERRS CDMO: -5 to -1 rejected, missing or outside the sensor's range, 0 passed, 1 suspect, 2 to 5 kept. */
const codes = { words: /^(f|flag) /, distrusts: (code: number) => code < 0 || code === 1 };

/**
 * The flag columns of a file, by their names: `interp_suspect_X`, `suspect_X`, `interpolated_X`, and `flag_X` or `F_X` as
 * NERRS writes them, where X is the column or the beginning of its name.
 */
export function flagColumns(mapping: CsvMapping): FlagColumn[] {
  return valuePlaces(mapping.values).flatMap(({ at }) =>
    mapping.columns.flatMap((flag) =>
      [marks, codes].flatMap(({ words, distrusts }) => {
        const name = wordsOf(flag);
        const rest = name.replace(words, '');
        return rest !== name && `${wordsOf(at)} `.startsWith(`${rest} `) ? [{ of: at, flag, distrusts }] : [];
      }),
    ),
  );
}

const wordsOf = (column: string) =>
  column
    .toLowerCase()
    .replace(/[^a-z0-9%]+/g, ' ')
    .trim();

/**
 * Empties the cells of a row that the source itself does not trust: a value that was interpolated knows what came after
 * it, so nothing may be learned or scored by it. Undefined where the file has no flags.
 */
export function withoutFlagged(mapping: CsvMapping): ((row: string) => string) | undefined {
  const flags = flagColumns(mapping).map(({ of, flag, distrusts }) => ({
    value: mapping.columns.indexOf(of),
    flag: mapping.columns.indexOf(flag),
    distrusts,
  }));
  if (flags.length === 0) return undefined;
  return (row) => {
    const cells = splitRow(row, mapping.delimiter);
    for (const { value, flag, distrusts } of flags) {
      const code = /-?\d+/.exec(cells[flag] ?? '')?.[0];
      if (code !== undefined && distrusts(Number(code))) cells[value] = '';
    }
    return joinRow(cells, mapping.delimiter);
  };
}
