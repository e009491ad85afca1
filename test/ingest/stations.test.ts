import test from 'ava';
import { stationCatalog } from '../../src/ingest/stations.ts';

const at = (month: number) => Date.UTC(2026, month - 1, 1);
const catalog = stationCatalog(
  [
    {
      id: 'B01',
      sensors: [
        {
          id: 'upper',
          variable: 'chlorophyll',
          calibrations: [
            { from: at(3), continues: false },
            { from: at(5), continues: true },
            { from: at(8), continues: false },
          ],
        },
        { id: 'lower', variable: 'chlorophyll' },
        { id: 'optode', variable: 'dissolvedOxygen', depth: 1.5 },
      ],
    },
  ],
  'accept',
);

test('the first listed sensor of a variable stands for it, with the calibration that held before the time', (t) => {
  const upper = (month: number) => catalog.deploymentOf('B01', 'chlorophyll', at(month));
  t.is(upper(2), 'upper');
  t.is(upper(3), 'upper');
  t.is(upper(4), 'upper@2026-03-01T00:00:00.000Z');
  t.is(upper(7), 'upper@2026-03-01T00:00:00.000Z', 'one that continues the history changes nothing');
  t.is(upper(9), 'upper@2026-08-01T00:00:00.000Z');
  t.is(
    catalog.deploymentOf('B01', 'dissolvedOxygen', at(9)),
    'optode at 1.5 m',
    'another depth is another deployment',
  );
  t.is(catalog.deploymentOf('B01', 'salinity', at(9)), undefined);
  t.is(catalog.deploymentOf('B02', 'chlorophyll', at(9)), undefined);
});
