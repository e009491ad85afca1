import test from 'ava';
import { lineUpSummary, lineUpTable } from '../../../src/model/line-up/table.ts';

const lineUp = {
  horizons: [1, 3],
  body: {
    members: ['persistence', 'ridge', 'redtide'].map((network, at) => ({ id: `${at}`.repeat(12), network })),
    serves: {
      'buoy-1': { chlorophyll: [2, 0], dissolvedOxygen: [1, 1] },
      'buoy-2': { chlorophyll: [2, 2] },
    },
    otherwise: [0, 2],
  },
};

test('a line-up is told station by station, and what all others get', (t) => {
  t.deepEqual(lineUpTable(lineUp), [
    'buoy-1 chlorophyll: 1 redtide, 3 persistence',
    'buoy-1 dissolvedOxygen: 1 ridge, 3 ridge',
    'buoy-2 chlorophyll: 1 redtide, 3 redtide',
    'other stations: persistence, beside it redtide',
  ]);
  const alone = { ...lineUp, body: { ...lineUp.body, serves: {}, otherwise: [1] } };
  t.deepEqual(lineUpTable(alone), ['other stations: ridge']);
});

test('in short it is how often each network serves a variable', (t) => {
  t.deepEqual(lineUpSummary(lineUp), [
    'chlorophyll by redtide 3, persistence 1 of 4 stations and horizons',
    'dissolvedOxygen by ridge 2 of 2 stations and horizons',
  ]);
});
