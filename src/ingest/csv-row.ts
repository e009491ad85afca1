/**
 * One row of delimited text (RFC 4180): cells in quotes may hold the delimiter and doubled quotes. A quote that
 * is not closed reaches to the end of the row. A cell with such a quote, or with text behind the closing one, is given as
 * it stands, quotes and all, so that no number is read from what is left of one.
 */
export function splitRow(row: string, delimiter = ','): string[] {
  if (!row.includes('"')) return row.split(delimiter);
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const [cell, end] = row[at] === '"' ? quotedCell(row, at, delimiter) : plainCell(row, at, delimiter);
    cells.push(cell);
    if (end >= row.length) return cells;
    at = end + delimiter.length;
  }
}

function plainCell(row: string, at: number, delimiter: string): [cell: string, end: number] {
  const end = row.indexOf(delimiter, at);
  return end < 0 ? [row.slice(at), row.length] : [row.slice(at, end), end];
}

function quotedCell(row: string, at: number, delimiter: string): [cell: string, end: number] {
  let close = row.indexOf('"', at + 1);
  while (close >= 0 && row[close + 1] === '"') close = row.indexOf('"', close + 2);
  if (close < 0) return [row.slice(at), row.length];
  const [rest, end] = plainCell(row, close + 1, delimiter);
  return [rest.trim() === '' ? row.slice(at + 1, close).replaceAll('""', '"') : row.slice(at, end), end];
}

/** The row that `splitRow` takes apart into these cells again. Line breaks within cells become spaces. */
export function joinRow(cells: readonly string[], delimiter = ','): string {
  return cells.map((cell) => quoted(cell.replace(/[\r\n]+/g, ' '), delimiter)).join(delimiter);
}

function quoted(cell: string, delimiter: string): string {
  return cell.includes('"') || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
