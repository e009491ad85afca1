import test from 'ava';
import { stationCatalog } from '../../src/ingest/stations.ts';

const catalog = stationCatalog(
  [
    {
      id: 'B01',
      sensors: [
        { id: 'upper', variable: 'chlorophyll', calibration: '2026-05' },
        { id: 'lower', variable: 'chlorophyll' },
        { id: 'optode', variable: 'dissolvedOxygen' },
      ],
    },
  ],
  'accept',
);

test('the first listed sensor of a variable stands for it, with its calibration where that has a name', (t) => {
  t.is(catalog.deploymentOf('B01', 'chlorophyll'), 'upper@2026-05');
  t.is(catalog.deploymentOf('B01', 'dissolvedOxygen'), 'optode');
  t.is(catalog.deploymentOf('B01', 'salinity'), undefined);
  t.is(catalog.deploymentOf('B02', 'chlorophyll'), undefined);
});
