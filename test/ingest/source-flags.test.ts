import test from 'ava';
import type { CsvMapping } from '../../src/ingest/format.ts';
import { flagColumns, withoutFlagged } from '../../src/ingest/source-flags.ts';

const mapping: CsvMapping = {
  columns: [
    'time',
    'chlorophyll_fluor_FFU',
    'DO_mgl',
    'Temp',
    'interp_suspect_chlorophyll',
    'F_DO_mgl',
    'flag_Temp',
    'flag_other',
  ],
  time: 'time',
  values: {
    chlorophyll: 'chlorophyll_fluor_FFU',
    dissolvedOxygen: { at: 'DO_mgl' },
    waterTemperature: 'Temp',
  },
};

test('flags are found by the names of their columns', (t) => {
  t.deepEqual(
    flagColumns(mapping).map(({ of, flag }) => [of, flag]),
    [
      ['chlorophyll_fluor_FFU', 'interp_suspect_chlorophyll'],
      ['DO_mgl', 'F_DO_mgl'],
      ['Temp', 'flag_Temp'],
    ],
  );
  t.is(withoutFlagged({ ...mapping, columns: mapping.columns.slice(0, 4) }), undefined);
});

test('what the source interpolated, suspects or rejects is no value; what it kept is', (t) => {
  const row = withoutFlagged(mapping)!;
  t.is(row('t,1,2,3,0,<0>,0,-3'), 't,1,2,3,0,<0>,0,-3');
  t.is(row('t,1,2,3,1,<-3> [GIM],1,0'), 't,,,,1,<-3> [GIM],1,0');
  t.is(row('t,1,2,3,,<5>,4,0'), 't,1,2,3,,<5>,4,0');
});
