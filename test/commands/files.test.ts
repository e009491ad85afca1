import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { columnOptions, survey } from '../../src/commands/files.ts';
import { defaultVariables } from '../../src/config/variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'redtide-files-'));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const rows = 'when;green\n2020-01-01T00:00:00;3.2\n2020-01-01T00:20:00;3.4\n2020-01-01T00:40:00;3.3\n';
const mapping =
  'time: when\nassumeUtc: true\nconstantStation: X1\ndelimiter: ";"\nvalues: {chlorophyll: {at: green, unit: ug/L}}\n';

test('a mapping file says what columns of other names mean; cadence is that of the rows', async (t) => {
  const options = { map: file('map.yaml', mapping) };
  const { stations, formats } = await survey([file('x.csv', rows)], defaultVariables, options);
  t.deepEqual(stations, [{ id: 'X1', cadence: 1_200_000 }]);
  t.is(formats[0]?.payload, 'csv');
});

test('a mapping that names a column the file has not is refused, with the columns there are', async (t) => {
  const options = { map: file('wrong.yaml', mapping.replace('when', 'whenn')) };
  await t.throwsAsync(survey([file('y.csv', rows)], defaultVariables, options), {
    message: /"whenn".*when, green/,
  });
  const typo = { map: file('typo.yaml', mapping.replace('assumeUtc', 'assumeUTC')) };
  await t.throwsAsync(survey([file('y.csv', rows)], defaultVariables, typo), {
    message: /assumeUTC is not a known key/,
  });
});

test('without a mapping, unknown columns are an error that says what is missing', async (t) => {
  await t.throwsAsync(survey([file('z.csv', 'a,b\n1,2\n')], defaultVariables, {}), {
    message: /no column of times/,
  });
  await t.throwsAsync(survey(['/nowhere.csv'], defaultVariables, {}), {
    message: /\/nowhere\.csv: cannot be read/,
  });
});

test('files of one name keep their own mappings', async (t) => {
  const a = file('same.csv', 'time,station,salinity\n2020-01-01T00:00:00Z,A,30\n');
  const { files } = await survey([a, a], defaultVariables, columnOptions({}));
  t.is(new Set(files.map(({ name }) => name)).size, 2);
});
