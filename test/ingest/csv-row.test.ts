import test from 'ava';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { joinRow, splitRow } from '../../src/ingest/csv-row.ts';

const cell = fc.stringMatching(/^[a-z0-9 ,;"']{0,6}$/);
const cells = fc.array(cell, { minLength: 1, maxLength: 6 });

test('what was joined is split into the same cells, by us and by csv-parse', (t) => {
  fc.assert(
    fc.property(cells, fc.constantFrom(',', ';'), (row, delimiter) => {
      const text = joinRow(row, delimiter);
      t.deepEqual(splitRow(text, delimiter), row);
      if (text !== '') t.deepEqual(parse(text, { delimiter, relax_quotes: true }), [row]);
    }),
    { numRuns: 2000 },
  );
});

test('any text is split, and joined back it is split the same', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', ' ') }), (text) => {
      const row = splitRow(text);
      t.deepEqual(splitRow(joinRow(row)), row);
    }),
    { numRuns: 2000 },
  );
});

test('line breaks within cells become spaces, so that a row stays a row', (t) => {
  t.is(joinRow(['a\r\nb', 'c']), 'a b,c');
});

test('what is left of a quoted cell is given as it stands, so that it is no number', (t) => {
  t.deepEqual(splitRow('"3.5"25,1'), ['"3.5"25', '1']);
  t.deepEqual(splitRow('1,"3.5'), ['1', '"3.5']);
  t.deepEqual(splitRow('"3.5" ,1'), ['3.5', '1']);
});
