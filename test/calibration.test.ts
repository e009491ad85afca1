import test from 'ava';
import { from, lastValueFrom, toArray } from 'rxjs';
import { epochsOf } from '../src/calibration.ts';
import { checkConfig } from '../src/config/load.ts';
import { toWindows } from '../src/stream/to-windows.ts';
import { hour, june, stepsOf } from './model/samples.ts';

const at = (hours: number) => new Date(june + hours * hour).toISOString();

const { stations } = checkConfig(
  {
    stations: [
      {
        id: 'buoy-1',
        sensors: [
          {
            id: 'a',
            variable: 'chlorophyll',
            calibrations: [
              { from: at(2), note: 'new standard' },
              { from: at(4), note: 'wiped', continues: true },
            ],
          },
          { id: 'spare', variable: 'chlorophyll', calibrations: [{ from: at(5), note: 'not in use' }] },
        ],
      },
    ],
  },
  'test',
);

test('the latest calibration that broke the history, of the sensor that stands for the variable', (t) => {
  const { epochOf, breaksOf } = epochsOf(stations);
  t.is(epochOf('buoy-1', 'chlorophyll', june + hour), Number.NEGATIVE_INFINITY);
  t.is(epochOf('buoy-1', 'chlorophyll', june + 9 * hour), june + 2 * hour);
  t.is(epochOf('buoy-1', 'salinity', june + 9 * hour), Number.NEGATIVE_INFINITY);
  t.is(epochOf('elsewhere', 'chlorophyll', june + 9 * hour), Number.NEGATIVE_INFINITY);
  t.deepEqual(breaksOf('buoy-1'), [june + 2 * hour]);
});

test('a window holds nothing from before it', async (t) => {
  const batches = stepsOf([1, 2, 3, 4, 5]).map((step) => ({
    kind: 'steps' as const,
    station: step.station,
    start: step.start,
    length: hour,
    revision: 0,
    steps: [step],
    idle: false,
  }));
  const { epochOf } = epochsOf(stations);
  const options = { step: hour, lookback: 3, variables: ['chlorophyll'], epochOf };
  const windows = await lastValueFrom(from(batches).pipe(toWindows(options), toArray()));
  t.deepEqual(
    windows.map(({ values, mask }) => [[...values], [...mask]]),
    [
      [
        [0, 0, 1],
        [0, 0, 1],
      ],
      [
        [0, 1, 2],
        [0, 1, 1],
      ],
      [
        [0, 0, 3],
        [0, 0, 1],
      ],
      [
        [0, 3, 4],
        [0, 1, 1],
      ],
      [
        [3, 4, 5],
        [1, 1, 1],
      ],
    ],
  );
});
